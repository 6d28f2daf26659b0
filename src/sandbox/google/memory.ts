/** The one client registered at the stand-in. */
export type GoogleClient = {
  readonly clientId: string
  readonly clientSecret: string
  /** Where people may be sent back to; no other address is taken. */
  readonly redirectUris: readonly string[]
}

export type GooglePerson = { readonly id: string; readonly name: string; email: string }

/** What a person has agreed to. */
export type Consent = { readonly person: GooglePerson; readonly scopes: readonly string[] }

type Code = Consent & {
  readonly redirectUri: string
  /** Of S256; empty: no PKCE was asked for. */
  readonly challenge: string
  /** Whether the code brings a refresh token. */
  readonly isOffline: boolean
  readonly expiresAt: number
}

/** What the stand-in knows; gone when it ends. */
export function createMemory(client: GoogleClient, people: readonly GooglePerson[]) {
  return {
    client,
    people,
    codes: new Map<string, Code>(),
    accessTokens: new Map<string, Consent>(),
    refreshTokens: new Map<string, Consent>(),
  }
}

export type Memory = ReturnType<typeof createMemory>
