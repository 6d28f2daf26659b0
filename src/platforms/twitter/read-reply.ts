import * as z from 'zod'
import { UnavailableError } from '../../errors.ts'

const word = z.string().min(1)

/** What each endpoint must answer: the library takes whatever comes, and would build a grant from it. */
const replies = new Map<string, z.ZodType>([
  [
    '/oauth/request_token',
    z.object({ oauth_token: word, oauth_token_secret: word, oauth_callback_confirmed: z.literal('true') }),
  ],
  ['/oauth/access_token', z.object({ oauth_token: word, oauth_token_secret: word })],
  ['/1.1/oauth/invalidate_token.json', z.object({ access_token: word })],
  ['/2/users/me', z.object({ data: z.object({ id: z.string().regex(/^\d+$/), name: z.string(), username: word }) })],
  [
    '/2/oauth2/token',
    z.object({ access_token: word, refresh_token: word.optional(), expires_in: z.number().positive(), scope: word }),
  ],
  ['/2/oauth2/revoke', z.object({ revoked: z.literal(true) })],
])

/** The fields of a successful reply. Throws `UnavailableError` when it isn't what the endpoint promises. */
export function readReply(path: string, body: string) {
  const reply = replies.get(path)
  if (reply === undefined) throw new Error(`no reply is known for ${path}`)
  const parsed = reply.safeParse(
    path.startsWith('/oauth/') ? Object.fromEntries(new URLSearchParams(body)) : json(body),
  )
  if (!parsed.success) throw new UnavailableError('Twitter', { cause: parsed.error })
  return parsed.data
}

// The parser's own error quotes the text, which may hold tokens, and goes to the log.
function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UnavailableError('Twitter', { cause: new Error('Twitter answered something other than JSON') })
  }
}
