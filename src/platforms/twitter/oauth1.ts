import { RefusedError } from '../../errors.ts'
import { sameSecret } from '../oauth/consent.ts'
import { authorizationRefused, explainRefusal, ignoreIfGone } from '../oauth/errors.ts'
import type { Exchanged, Platform } from '../platform.ts'
import { readAccount, twitter } from './answers.ts'
import { atBase, openClient, type TwitterReach } from './open-client.ts'

/** The app's consumer keys, from X's developer portal. */
type TwitterOAuth1Options = TwitterReach & { readonly apiKey: string; readonly apiKeySecret: string }

/** Of the 1.1 API's error numbers. */
const invalidOrExpiredToken = 89
/** Five minutes or more: this machine's clock is wrong. */
const timestampOutOfBounds = 135

/** Twitter by OAuth 1.0a. Grants don't expire. Tokens: `accessToken`, `accessSecret`. */
export function twitterOAuth1({ apiKey, apiKeySecret, ...reach }: TwitterOAuth1Options): Platform {
  const app = { appKey: apiKey, appSecret: apiKeySecret }
  const openUserClient = ({ accessToken, accessSecret }: Exchanged['tokens'], signal: AbortSignal) =>
    openClient({ ...app, accessToken: String(accessToken), accessSecret: String(accessSecret) }, reach, signal)

  return {
    ...twitter,
    protocol: 'oauth',

    async start({ redirectUri, signal }) {
      const client = await openClient(app, reach, signal)
      const link = await client
        .generateAuthLink(redirectUri, { linkMode: 'authorize' })
        .catch(explainRefusal(() => false))
      const pending = { oauthToken: link.oauth_token, oauthTokenSecret: link.oauth_token_secret }
      return { url: atBase(link.url, reach.baseUrl).href, pending }
    },

    async finish({ pending, reply: { oauthToken, oauthVerifier }, signal, onExchanged }) {
      if (!oauthToken || !oauthVerifier) throw missing({ oauth_token: oauthToken, oauth_verifier: oauthVerifier })
      const { oauthToken: requestToken, oauthTokenSecret: accessSecret } = pending
      if (!requestToken || !accessSecret) throw new Error('the pending authorization is not one of Twitter OAuth 1.0a')
      if (!sameSecret(oauthToken, requestToken)) throw authorizationRefused()

      const client = await openClient({ ...app, accessToken: requestToken, accessSecret }, reach, signal)
      const login = await client
        .login(oauthVerifier)
        .catch(explainRefusal(({ codes }) => !codes.includes(timestampOutOfBounds)))
      const tokens = { accessToken: login.accessToken, accessSecret: login.accessSecret }
      await onExchanged?.({ tokens, ...(login.userId && { accountId: login.userId }) })
      return { grant: { ...(await readAccount(login.client)), tokens } }
    },

    async identify({ tokens }, { signal }) {
      return { ...(await readAccount(await openUserClient(tokens, signal))), tokens }
    },

    async revoke({ tokens }, { signal }) {
      const client = await openUserClient(tokens, signal)
      await client.v1
        .post('oauth/invalidate_token.json')
        .catch(ignoreIfGone(({ codes }) => codes.includes(invalidOrExpiredToken)))
    },
  }
}

function missing(fields: Record<string, string | undefined>) {
  const names = Object.keys(fields).filter((name) => !fields[name])
  return new RefusedError('bad_request', `missing: ${names.join(', ')}`, { fields: names })
}
