import * as z from 'zod'
import { RefusedError, UnavailableError } from '../errors.ts'
import { readAuthorizationCode } from '../input/pasted-token.ts'
import { accountOf, readGoogleFailure, refuse, tokenAnswer, userAnswer } from './gmail/google-answers.ts'
import { googleEndpoints, openGoogle } from './gmail/open-google.ts'
import { askConsent, sameSecret } from './oauth/consent.ts'
import { answeredAt } from './oauth/errors.ts'
import { readAnswer } from './oauth/send.ts'
import type { Call, Exchanged, Finished, FinishRequest, Grant, Platform, Started, StartRequest } from './platform.ts'

const sendScope = 'https://www.googleapis.com/auth/gmail.send'
const scopes = [
  'openid',
  'https://www.googleapis.com/auth/userinfo.email',
  'https://www.googleapis.com/auth/userinfo.profile',
  sendScope,
]

const pendingFields = z.object({ state: z.string(), codeVerifier: z.string(), redirectUri: z.string() })

/**
 * Gmail, by OAuth 2 with PKCE: permission to send e-mail for the user, also while the user is away.
 * `baseUrl`: a host that has every Google endpoint, for emulators and tests.
 * Source: https://developers.google.com/identity/protocols/oauth2/web-server
 */
export function gmail(options: { clientId: string; clientSecret: string; baseUrl?: string }): Platform {
  const { clientId, clientSecret } = options
  const endpoints = googleEndpoints(options.baseUrl)

  async function start({ redirectUri }: StartRequest): Promise<Started> {
    const { url, ...started } = await askConsent({ clientId, page: endpoints.consent, redirectUri, scopes })
    url.searchParams.set('access_type', 'offline')
    // Without it Google gives a refresh token only at a user's first consent.
    url.searchParams.set('prompt', 'consent')
    return { url: url.href, ...started }
  }

  async function finish({ pending, reply, signal, onExchanged }: FinishRequest): Promise<Finished> {
    const code = readAuthorizationCode(reply.code ?? '')
    const { state, codeVerifier, redirectUri } = pendingFields.parse(pending)
    if (!code) throw new RefusedError('bad_request', 'an authorization code is required', { fields: ['code'] })
    // Shipped clients leave out one or both; what they do send has to be ours.
    if (differs(reply.state, state)) throw new RefusedError('forbidden', 'the state does not match')
    if (differs(reply.codeVerifier, codeVerifier)) {
      throw new RefusedError('forbidden', 'the code verifier does not match')
    }

    const { client } = await openGoogle({ clientId, clientSecret, endpoints, signal })
    const answer = await client.getToken({ code, codeVerifier, redirect_uri: redirectUri }).catch(refuse)
    const { id_token: idToken, ...tokens } = readAnswer('Google', tokenAnswer, answer.tokens)
    // By this machine's clock, which may be wrong.
    if (tokens.expiry_date && answer.res) tokens.expiry_date += answeredAt(answer.res.headers) - Date.now()
    const accountId = accountOf(idToken)
    const exchanged = { tokens: withoutAbsent(tokens), ...(accountId !== undefined && { accountId }) }
    await onExchanged?.(exchanged)
    checkPermissions(exchanged)
    return { grant: await identify(exchanged, { signal }) }
  }

  function checkPermissions({ tokens }: Exchanged): void {
    if (!String(tokens.scope).split(' ').includes(sendScope)) {
      throw new RefusedError('unprocessable', 'the permission to send email was not granted')
    }
    // Can't happen with a consent prompt. An access token alone dies within the hour: nothing worth keeping.
    if (!tokens.refresh_token) throw new RefusedError('unprocessable', 'the permission is not for offline access')
  }

  async function identify({ tokens }: Exchanged, { signal }: Call): Promise<Grant> {
    const { client, oauth2 } = await openGoogle({ clientId, clientSecret, endpoints, signal })
    // The access token only: with a refresh token the library answers a 401 by refreshing and asking again.
    client.setCredentials({ access_token: String(tokens.access_token) })
    const user = await oauth2.userinfo.get({}, { rootUrl: endpoints.api }).catch(refuse)
    const { accountId, profile } = readAnswer('Google', userAnswer, user.data)
    return { accountId, tokens, profile: withoutAbsent(profile) }
  }

  /** Ends every permission that the account has given to this client, not only this grant: Google knows no other way. */
  async function revoke({ tokens }: Exchanged, { signal }: Call): Promise<void> {
    const token = tokens.refresh_token ?? tokens.access_token
    if (token === undefined) return
    const { client } = await openGoogle({ clientId, clientSecret, endpoints, signal })
    try {
      // Not the library's revokeToken: it writes the token into the URL, and so into access logs.
      const data = new URLSearchParams({ token: String(token) })
      const answer = await client.transporter.request({ url: endpoints.revoke, method: 'POST', data })
      // A page of some proxy in between is no word of Google's: the grant would live on with nobody knowing.
      readAnswer('Google', z.looseObject({}), answer.data)
    } catch (error) {
      const failure = readGoogleFailure(error)
      if (failure.status === 400 && failure.reason === 'invalid_token') return
      throw new UnavailableError('Google', failure)
    }
  }

  return {
    name: 'gmail',
    protocol: 'oauth2',
    type: 'email',
    letter: 'g',
    descriptions: {
      en: 'Send e-mail from your Gmail account by SMS, without internet.',
      fr: 'Envoyez des e-mails depuis votre compte Gmail par SMS, sans internet.',
      fa: 'بدون اینترنت و با پیامک، از حساب جی‌میل خود ایمیل بفرستید.',
      es: 'Envía correos desde tu cuenta de Gmail por SMS, sin internet.',
    },
    start,
    finish,
    identify,
    checkPermissions,
    revoke,
  }
}

function differs(received: string | undefined, expected: string): boolean {
  return received !== undefined && !sameSecret(received, expected)
}

function withoutAbsent<T extends string | number>(fields: Record<string, T | undefined>): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, T] => field[1] !== undefined))
}
