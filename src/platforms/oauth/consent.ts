import { constantTimeEqual } from 'oslo/crypto'
import { generateCodeVerifier, generateState, OAuth2Client } from 'oslo/oauth2'
import * as z from 'zod'
import { RefusedError } from '../../errors.ts'
import { readAuthorizationCode } from '../../input/pasted-token.ts'
import type { FinishRequest } from '../platform.ts'
import { authorizationRefused } from './errors.ts'

type Consent = {
  readonly clientId: string
  /** The platform's page where people agree. */
  readonly page: string
  readonly redirectUri: string
  readonly scopes: readonly string[]
}

/** Where an OAuth 2 platform asks people to agree, with state and PKCE (S256); `takeCode` reads the same `pending`. */
export async function askConsent({ clientId, page, redirectUri, scopes }: Consent) {
  const state = generateState()
  const codeVerifier = generateCodeVerifier()
  // The token endpoint stays unused: the library's own exchange takes no signal.
  const client = new OAuth2Client(clientId, page, '', { redirectURI: redirectUri })
  const url = await client.createAuthorizationURL({ state, codeVerifier, scopes: [...scopes] })
  return { url, codeVerifier, pending: { state, codeVerifier, redirectUri } }
}

const pendingFields = z.object({ state: z.string(), codeVerifier: z.string(), redirectUri: z.string() })

/** The code that the user brought back, and what it is exchanged with. Refuses a reply that isn't of this pending authorization. */
export function takeCode({ pending, reply }: Pick<FinishRequest, 'pending' | 'reply'>) {
  const { state, codeVerifier, redirectUri } = pendingFields.parse(pending)
  const code = readAuthorizationCode(reply.code ?? '')
  if (!code) throw new RefusedError('bad_request', 'an authorization code is required', { fields: ['code'] })
  // Shipped clients send neither, or only the verifier: the code is bound to our verifier in any case.
  if (reply.state && !sameSecret(reply.state, state)) throw authorizationRefused()
  if (reply.codeVerifier && !sameSecret(reply.codeVerifier, codeVerifier)) throw authorizationRefused()
  return { code, codeVerifier, redirectUri }
}

/** Compares without telling, by its time, how much of a guess was right. */
export function sameSecret(one: string, other: string) {
  const encoder = new TextEncoder()
  return constantTimeEqual(encoder.encode(one), encoder.encode(other))
}
