import type { Person } from '../web/consent-page.ts'

/** The one app registered at the stand-in. */
export type MastodonApp = {
  readonly clientId: string
  readonly clientSecret: string
  /** The scopes that it may ask for, space-separated. */
  readonly scopes: string
  /** Where people may be sent back to; unset: anywhere. */
  readonly redirectUris?: readonly string[] | undefined
}

export type Status = { readonly id: string; readonly accountId: string; readonly text: string }

type Code = {
  readonly personId: string
  readonly redirectUri: string
  readonly scope: string
  /** Of S256; absent: no PKCE was asked for. */
  readonly challenge: string | undefined
  readonly expiresAt: number
}
type Token = { readonly personId: string; readonly scope: string; readonly createdAt: number; isRevoked: boolean }

/** What the stand-in knows; gone when it ends. */
export function createMemory(app: MastodonApp, people: readonly Person[], now: () => number) {
  return {
    app,
    people,
    /** Epoch milliseconds. */
    now,
    codes: new Map<string, Code>(),
    tokens: new Map<string, Token>(),
    statuses: [] as Status[],
    /** Ids of statuses by what their senders called them (`Idempotency-Key`). */
    sent: new Map<string, string>(),
  }
}

export type Memory = ReturnType<typeof createMemory>

/** Who has an account at the stand-in. */
export const mastodonPeople = [
  { id: '109000000000000001', name: 'Sandbox One', username: 'sandbox_one' },
  { id: '109000000000000002', name: 'Sandbox Two', username: 'sandbox_two' },
] as const
