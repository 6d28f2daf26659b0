/**
 * What the vault asks of a platform. A driver stores nothing between calls: what it needs next time it returns as `pending`,
 * which the vault keeps sealed, for one user and session, for ten minutes.
 *
 * To add one (`mastodon.ts` is the shortest example):
 * - a file in this folder that returns a `Platform`; `oauth/` has what OAuth platforms share, from the consent URL to the errors;
 * - its credentials and a line in `open-platforms.ts`, its settings in `config/settings/platforms.ts`, a logo in `api/logos.ts`;
 * - a stand-in in `sandbox/`, started in `start-sandbox.ts` and told of in `server/describe-start.ts`.
 * Routes, storage, revocation jobs and the list of platforms then know it.
 *
 * A driver that exchanges a code calls `onExchanged` before it asks for anything else, and `identify` says whose the tokens are.
 * It sends each request once (a code works once, a message must not go out twice), follows no redirect with a secret in it, and
 * checks every answer's shape before a grant is built from it.
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
  /** The letter that begins an SMS meant for this platform: no other platform's; upper and lower case differ. */
  readonly letter: string
  readonly descriptions: Readonly<Record<Language, string>>

  /** Begins a connection: where to send the user, or what the platform now waits for. */
  start(request: StartRequest): Promise<Started>
  /** Ends it, or says what the platform needs next. Called with what the last call returned as `pending`. */
  finish(request: FinishRequest): Promise<Finished>
  /** Further steps by the last path segment (`register`, `password`). Absent: the platform has none. */
  readonly actions?: Readonly<Record<string, (request: FinishRequest) => Promise<Finished>>>
  /**
   * Whose the tokens are that `finish` exchanged. `forbidden` when the platform no longer takes them. Needed by a platform that calls
   * `onExchanged`.
   */
  identify?(exchanged: Exchanged, call: Call): Promise<Grant>
  /** Refuses tokens that lack a permission (`unprocessable`). */
  checkPermissions?(exchanged: Exchanged): void
  /**
   * What would have to be ended if this connection is abandoned after a try to finish it, whose answer may be lost. Absent: a try
   * leaves nothing at the platform that could be ended without its answer.
   */
  abandoned?(pending: Pending): Exchanged
  /**
   * Ends the grant at the platform. Resolves when it's gone, also when it already was. Throws `UnavailableError` to be tried again: then
   * too, when the settings name another app or instance than the grant's, whose answer would say nothing about it.
   */
  revoke(grant: Exchanged, call: Call): Promise<void>
  /** Whether a saved grant still works at the platform. Absent: the platform doesn't ask before a new start. */
  isLive?(grant: Grant, call: Call): Promise<boolean>
  /**
   * Each grant is an authorization of its own, so that one which can't be kept (its account is saved already) may be ended alone.
   * Not so where ending one ends the account's other grants too (Google, Twitter, Mastodon). If unsure, leave it out: a grant too many
   * stays alive, where the opposite mistake ends one that somebody uses.
   */
  readonly separateGrants?: true
  /** It sends a code of its own to the number that a start names, which may be a stranger's: starts are limited as codes are. */
  readonly sendsCodes?: true
  /** A reply that the platform refused may be corrected and sent again (Telegram's codes and passwords). Elsewhere it spends the pending. */
  readonly takesAnotherTry?: true
}

export type Language = 'en' | 'fr' | 'fa' | 'es'

/** Every call to a platform ends when this signal does (the vault's time limit): after that nobody waits for its answer. */
export type Call = { readonly signal: AbortSignal }

export type StartRequest = Call & {
  /** Where the platform sends the user back to. */
  readonly redirectUri: string
  /** `+` and digits. Telegram only, which has numbers of its own beside E.164's. */
  readonly phoneNumber?: string
}

/**
 * `url`: send the user there. `codeSent`: the platform has sent the user a code of its own. `codeVerifier` (PKCE) is told to clients of the
 * original server only; `finish` goes by the one in `pending`.
 */
export type Started = { readonly pending: Pending } & (
  | { readonly url: string; readonly codeVerifier?: string }
  | { readonly codeSent: true; readonly sentTo: CodeChannel }
)

/** Where a platform's own code went: its app on another device, an SMS, a call that reads it out, an e-mail, fragment.com. */
export type CodeChannel = 'app' | 'sms' | 'call' | 'email' | 'fragment'

/** What a driver needs at its next call: JSON, kept sealed on the server, never shown to the user. */
export type Pending = Readonly<Record<string, string>>

export type FinishRequest = Call & {
  readonly pending: Pending
  readonly reply: Reply
  /**
   * Called as soon as the platform has given tokens for the reply, which is spent by then; the driver goes on when it resolves. What
   * fails later can thus be taken up again, or ended at the platform.
   */
  readonly onExchanged?: (exchanged: Exchanged) => Promise<void>
}

/** What the user brings back from the platform. A driver takes the fields it knows and refuses when one that it needs is missing. */
export type Reply = {
  /** As it was typed or pasted. */
  readonly code?: string
  readonly state?: string
  readonly codeVerifier?: string
  readonly oauthToken?: string
  readonly oauthVerifier?: string
  /** `+` and digits. */
  readonly phoneNumber?: string
  readonly password?: string
  readonly firstName?: string
  readonly lastName?: string
}

/** `grant`: done. `needs`: one more step, named like the action that takes it. */
export type Finished = { readonly grant: Grant } | { readonly needs: string; readonly pending: Pending }

/** What a platform has given, before it is known whose it is. */
export type Exchanged = Pick<Grant, 'tokens'> & Partial<Pick<Grant, 'accountId'>>

/** A platform's permission to act for a user. The gateway reads `tokens`; all of it is kept sealed. */
export type Grant = {
  /**
   * The platform's own immutable id of the account (Google `sub`, Twitter user id, Telegram user id), unique under the platform's `name`:
   * where each instance counts for itself, with the instance's (`109…@mastodon.social`).
   */
  readonly accountId: string
  /** What the platform's API takes as credentials, as its client library names them, and where they count (`url`) if that isn't one place. */
  readonly tokens: Readonly<Record<string, string | number>>
  /** How the account shows itself (address, screen name). */
  readonly profile: Readonly<Record<string, string>>
}
