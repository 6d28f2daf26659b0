import * as z from 'zod'
import { RefusedError } from '../../errors.ts'
import { readAuthorizationCode } from '../../input/pasted-token.ts'
import type { FinishRequest } from '../platform.ts'
import { authorizationRefused } from './explain-refusal.ts'
import { sameSecret } from './same-secret.ts'

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
