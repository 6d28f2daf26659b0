import { RefusedError } from '../../errors.ts'
import { takeCode } from '../oauth/consent.ts'
import type { PlatformRefusal } from '../oauth/errors.ts'
import { answeredAt, explainRefusal, ignoreIfGone } from '../oauth/errors.ts'
import type { Exchanged, Platform } from '../platform.ts'
import { readAccount, twitter } from './answers.ts'
import { atBase, openClient, type TwitterReach } from './open-client.ts'

/** A confidential client, from X's developer portal. */
type TwitterOAuth2Options = TwitterReach & { readonly clientId: string; readonly clientSecret: string }

/** The least that posting takes; `users/me` needs both reads. */
const scopes = ['tweet.read', 'users.read', 'tweet.write', 'offline.access']
/** Without these a grant can't post, or only for its first two hours. */
const neededScopes = ['tweet.write', 'offline.access']

/**
 * Twitter by OAuth 2.0 with PKCE. Tokens: `accessToken` (two hours), `refreshToken` (single use: who refreshes must store the next one),
 * `expiresAt` (of the access token, epoch milliseconds), `scope` (space-separated).
 */
export function twitterOAuth2({ clientId, clientSecret, ...reach }: TwitterOAuth2Options): Platform {
  const app = { clientId, clientSecret }
  return {
    ...twitter,
    protocol: 'oauth2',

    async start({ redirectUri, signal }) {
      const client = await openClient(app, reach, signal)
      const link = client.generateOAuth2AuthLink(redirectUri, { scope: scopes })
      const url = atBase(link.url, reach.baseUrl)
      // The library's `s256` is accepted too, but isn't the registered spelling.
      url.searchParams.set('code_challenge_method', 'S256')
      const { state, codeVerifier } = link
      return { url: url.href, codeVerifier, pending: { state, codeVerifier, redirectUri } }
    },

    async finish({ pending, reply, signal, onExchanged }) {
      const code = takeCode({ pending, reply })
      let exchangedAt = Number.NaN
      const client = await openClient(app, reach, signal, (headers) => {
        exchangedAt = answeredAt(headers)
      })
      const login = await client
        .loginWithOAuth2(code)
        .catch(explainRefusal((refusal) => refusal.status === 400 && !isClientRefused(refusal)))
      const { accessToken, refreshToken, expiresIn } = login
      const expiresAt = exchangedAt + expiresIn * 1000
      const scope = login.scope.join(' ')
      const tokens = { accessToken, ...(refreshToken && { refreshToken }), expiresAt, scope }
      await onExchanged?.({ tokens })
      checkPermissions({ tokens })
      return { grant: { ...(await readAccount(login.client)), tokens } }
    },

    async identify({ tokens }, { signal }) {
      return { ...(await readAccount(await openClient(String(tokens.accessToken), reach, signal))), tokens }
    },

    checkPermissions,

    async revoke({ tokens }, { signal }) {
      const client = await openClient(app, reach, signal)
      // The long-lived one first: if the second call fails, what is left ends by itself.
      if (tokens.refreshToken)
        await client.revokeOAuth2Token(String(tokens.refreshToken), 'refresh_token').catch(ignoreIfGone(isTokenGone))
      await client.revokeOAuth2Token(String(tokens.accessToken), 'access_token').catch(ignoreIfGone(isTokenGone))
    },
  }
}

function checkPermissions({ tokens }: Exchanged): void {
  const granted = String(tokens.scope).split(' ')
  if (tokens.refreshToken && neededScopes.every((scope) => granted.includes(scope))) return
  throw new RefusedError('unprocessable', 'the permission to post was not granted')
}

// A wrong client secret comes as `unauthorized_client`, though RFC 6749 has `invalid_client` for it.
function isClientRefused({ kind = '' }: PlatformRefusal) {
  return ['invalid_client', 'unauthorized_client', 'unsupported_grant_type'].includes(kind)
}

// X has `invalid_request` for an unknown token and for a malformed request alike; only the latter names a parameter.
function isTokenGone({ status, kind, lacksParameter }: PlatformRefusal) {
  if (status !== 400) return false
  if (kind === 'invalid_request') return !lacksParameter
  return kind === 'invalid_token' || kind === 'invalid_grant'
}
