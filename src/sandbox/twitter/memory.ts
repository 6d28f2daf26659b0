import type { Person } from '../web/consent-page.ts'

/** The one app registered at the stand-in. */
export type TwitterApp = {
  readonly apiKey: string
  readonly apiKeySecret: string
  readonly clientId: string
  readonly clientSecret: string
  /** The callback addresses that are let through; unset: any. */
  readonly callbackUrls?: readonly string[] | undefined
}

export type Tweet = { readonly id: string; readonly authorId: string; readonly text: string }

type RequestToken = {
  secret: string
  callback: string
  expiresAt: number
  consent?: { verifier: string; personId: string }
}
type Code = {
  personId: string
  redirectUri: string
  scope: string
  challenge: string
  isPlain: boolean
  expiresAt: number
}
type Bearer = { personId: string; scope: string; expiresAt: number }

/** What the stand-in knows; gone when it ends. */
export function createMemory(app: TwitterApp, people: readonly Person[], now: () => number) {
  return {
    app,
    people,
    /** Epoch milliseconds. */
    now,
    requestTokens: new Map<string, RequestToken>(),
    /** One per person, the same at each authorization until it is invalidated, as at X. */
    accessTokens: new Map<string, { secret: string; personId: string }>(),
    nonces: new Set<string>(),
    codes: new Map<string, Code>(),
    bearers: new Map<string, Bearer>(),
    refreshTokens: new Map<string, { personId: string; scope: string }>(),
    tweets: [] as Tweet[],
  }
}

export type Memory = ReturnType<typeof createMemory>

export function isApproved({ app }: Memory, callback: string) {
  return URL.canParse(callback) && (app.callbackUrls?.includes(callback) ?? true)
}

/** Who has an account at the stand-in. Ids are decimal numbers beyond what a JavaScript number holds, as X's are. */
export const twitterPeople = [
  { id: '1790000000000000001', name: 'Sandbox One', username: 'sandbox_one' },
  { id: '1790000000000000002', name: 'Sandbox Two', username: 'sandbox_two' },
] as const
