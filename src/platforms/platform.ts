/**
 * What the vault asks of a platform. To add one: a file in this folder that returns a `Platform`, a line in `open-platforms.ts`,
 * a logo in `api/logos`. A driver stores nothing between calls: what it needs next time it returns as `pending`,
 * which the vault keeps sealed, for one user and session, for ten minutes.
 *
 * Errors: what the user got wrong is a `RefusedError` (`forbidden` for a wrong, foreign or expired code, `unprocessable` for a
 * permission not given, `bad_request` for a missing field, `too_many_requests` with seconds for a platform's own limit);
 * a platform that can't answer is an `UnavailableError`. Anything else is a defect and is answered 500.
 */
export type Platform = {
  /** Lower case, stands in URLs and in the database; never changes. */
  readonly name: string
  /** How the platform gives its permission; stands in URLs. */
  readonly protocol: 'oauth2' | 'oauth' | 'twofactor'
  readonly type: 'email' | 'text' | 'messaging'
  /** The letter that begins an SMS meant for this platform. */
  readonly letter: string
  readonly descriptions: Readonly<Record<Language, string>>

  /** Begins a connection: where to send the user, or what the platform now waits for. */
  start(request: StartRequest): Promise<Started>
  /** Ends it, or says what the platform needs next. Called with what the last call returned as `pending`. */
  finish(request: FinishRequest): Promise<Finished>
  /** Further steps by the last path segment (`register`, `password`). Absent: the platform has none. */
  readonly actions?: Readonly<Record<string, (request: FinishRequest) => Promise<Finished>>>
  /**
   * Ends the grant at the platform. Resolves when it's gone, also when it already was. Throws `UnavailableError` to be tried again.
   */
  revoke(grant: Grant, call: Call): Promise<void>
  /** Whether a saved grant still works at the platform. Absent: the platform doesn't ask before a new start. */
  isLive?(grant: Grant, call: Call): Promise<boolean>
  /**
   * Each grant is an authorization of its own, so that one which can't be kept (its account is saved already) may be ended alone.
   * Not so where ending one ends the account's other grants too (Google, Twitter).
   */
  readonly separateGrants?: true
  /** A reply that the platform refused may be corrected and sent again (Telegram's codes and passwords). Elsewhere it spends the pending. */
  readonly takesAnotherTry?: true
}

export type Language = 'en' | 'fr' | 'fa' | 'es'

/** Every call to a platform ends when this signal does (the vault's time limit): after that nobody waits for its answer. */
export type Call = { readonly signal: AbortSignal }

export type StartRequest = Call & {
  /** Where the platform sends the user back to. */
  readonly redirectUri: string
  /** E.164. Telegram only. */
  readonly phoneNumber?: string
}

/** `url`: send the user there. `codeSent`: the platform has sent the user a code of its own. */
export type Started = { readonly pending: Pending } & (
  | { readonly url: string; readonly codeVerifier?: string }
  | { readonly codeSent: true }
)

/** What a driver needs at its next call: JSON, kept sealed on the server, never shown to the user. */
export type Pending = Readonly<Record<string, string>>

export type FinishRequest = Call & { readonly pending: Pending; readonly reply: Reply }

/** What the user brings back from the platform. A driver takes the fields it knows and refuses when one that it needs is missing. */
export type Reply = {
  readonly code?: string
  readonly state?: string
  readonly codeVerifier?: string
  readonly oauthToken?: string
  readonly oauthVerifier?: string
  /** E.164. */
  readonly phoneNumber?: string
  readonly password?: string
  readonly firstName?: string
  readonly lastName?: string
}

/** `grant`: done. `needs`: one more step, named like the action that takes it. */
export type Finished = { readonly grant: Grant } | { readonly needs: string; readonly pending: Pending }

/** A platform's permission to act for a user. The gateway reads `tokens`; all of it is kept sealed. */
export type Grant = {
  /** The platform's own immutable id of the account (Google `sub`, Twitter user id, Telegram user id). */
  readonly accountId: string
  /** What the platform's API takes as credentials, as its client library names them. */
  readonly tokens: Readonly<Record<string, string | number>>
  /** How the account shows itself (address, screen name). */
  readonly profile: Readonly<Record<string, string>>
}
