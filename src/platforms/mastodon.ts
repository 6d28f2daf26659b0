import * as z from 'zod'
import { ProviderError, RefusedError, UnavailableError } from '../errors.ts'
import { askConsent, takeCode } from './oauth/consent.ts'
import { explainRefusal, ignoreIfGone } from './oauth/errors.ts'
import { readJson, send, type Transport } from './oauth/send.ts'
import type { Call, Exchanged, Grant, Platform } from './platform.ts'

type MastodonOptions = Transport & {
  /** The instance whose people may connect, such as https://mastodon.social. */
  readonly baseUrl: string
  /** An app registered there with the scopes below and our redirect addresses. */
  readonly clientId: string
  readonly clientSecret: string
}

/** The least that posting takes: `profile` shows who the account is, and nothing else. Mastodon 4.3 and later. */
const scopes = ['profile', 'write:statuses']

const word = z.string().min(1)
const tokenAnswer = z.object({ access_token: word, token_type: z.literal('Bearer'), scope: z.string() })
const accountAnswer = z.object({ id: word, acct: word, display_name: z.string(), url: z.url() })
const nothing = z.strictObject({})

/**
 * One Mastodon instance, by OAuth 2 with PKCE. Grants don't expire. Tokens: `url` (the instance), `accessToken`, `scope` (space-separated).
 * An account has one token at an app, the same at each authorization, so that ending a grant ends every other of that account.
 * Source: https://docs.joinmastodon.org/methods/oauth/
 */
export function mastodon({ baseUrl, clientId, clientSecret, ...transport }: MastodonOptions): Platform {
  const { origin, hostname } = new URL(baseUrl)
  const client = { client_id: clientId, client_secret: clientSecret }

  async function ask<T>(path: string, promised: z.ZodType<T>, request: RequestInit & { signal: AbortSignal }) {
    const { body } = await send('Mastodon', new URL(path, origin), request, transport)
    return readJson('Mastodon', promised, body)
  }

  function checkPermissions({ tokens }: Exchanged): void {
    const granted = String(tokens.scope).split(' ')
    if (!scopes.every((scope) => granted.includes(scope))) {
      throw new RefusedError('unprocessable', 'the permission to post was not granted')
    }
  }

  async function identify({ tokens }: Exchanged, { signal }: Call): Promise<Grant> {
    refuseForeign(tokens)
    const headers = { authorization: `Bearer ${tokens.accessToken}` }
    // 403: the account is disabled, unconfirmed or waits for approval.
    const account = await ask('/api/v1/accounts/verify_credentials', accountAnswer, { headers, signal }).catch(
      explainRefusal(({ status }) => status === 401 || status === 403),
    )
    return {
      // Ids are unique within an instance only.
      accountId: `${account.id}@${hostname}`,
      tokens,
      profile: { name: account.display_name, username: account.acct, url: account.url },
    }
  }

  /** Another instance would learn the token, and answer as if it had ended it. */
  function refuseForeign({ url }: Exchanged['tokens']): void {
    if (URL.parse(String(url))?.hostname === hostname) return
    throw new UnavailableError('Mastodon', {
      cause: new ProviderError(`the grant belongs to another instance than ${origin}`),
    })
  }

  return {
    name: 'mastodon',
    protocol: 'oauth2',
    type: 'text',
    letter: 'm',
    descriptions: {
      en: 'Post to your Mastodon account by SMS, without internet.',
      fr: 'Publiez sur votre compte Mastodon par SMS, sans internet.',
      fa: 'بدون اینترنت و با پیامک در حساب ماستودون خود پست بگذارید.',
      es: 'Publica en tu cuenta de Mastodon por SMS, sin internet.',
    },

    async start({ redirectUri }) {
      const { url, ...started } = await askConsent({ clientId, page: `${origin}/oauth/authorize`, redirectUri, scopes })
      return { url: url.href, ...started }
    },

    async finish({ pending, reply, signal, onExchanged }) {
      const { code, codeVerifier, redirectUri } = takeCode({ pending, reply })
      const exchange = {
        grant_type: 'authorization_code',
        code,
        code_verifier: codeVerifier,
        redirect_uri: redirectUri,
      }
      const body = new URLSearchParams({ ...client, ...exchange })
      const token = await ask('/oauth/token', tokenAnswer, { method: 'POST', body, signal }).catch(
        explainRefusal(({ kind }) => kind === 'invalid_grant'),
      )
      const exchanged = { tokens: { url: origin, accessToken: token.access_token, scope: token.scope } }
      await onExchanged?.(exchanged)
      checkPermissions(exchanged)
      return { grant: await identify(exchanged, { signal }) }
    },

    identify,
    checkPermissions,

    async revoke({ tokens }, { signal }) {
      refuseForeign(tokens)
      const body = new URLSearchParams({ ...client, token: String(tokens.accessToken) })
      // No refusal says that a token is gone: that is a success. A 403 is of an app that isn't the token's.
      await ask('/oauth/revoke', nothing, { method: 'POST', body, signal }).catch(ignoreIfGone(() => false))
    },
  }
}
