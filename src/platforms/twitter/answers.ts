import type { TwitterApi } from 'twitter-api-v2'
import * as z from 'zod'
import { explainRefusal } from '../oauth/errors.ts'
import { readAnswer, readJson } from '../oauth/send.ts'
import type { Platform } from '../platform.ts'

const word = z.string().min(1)

/** What each endpoint must answer: the library takes whatever comes, and would build a grant from it. */
const replies = new Map<string, z.ZodType>([
  [
    '/oauth/request_token',
    z.object({ oauth_token: word, oauth_token_secret: word, oauth_callback_confirmed: z.literal('true') }),
  ],
  ['/oauth/access_token', z.object({ oauth_token: word, oauth_token_secret: word, user_id: word.optional() })],
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
  if (!path.startsWith('/oauth/')) return readJson('Twitter', reply, body)
  return readAnswer('Twitter', reply, Object.fromEntries(new URLSearchParams(body)))
}

// The app isn't allowed the endpoint: its plan, project or permissions.
const operatorsFault: ReadonlySet<string> = new Set([
  'client-forbidden',
  'oauth1-permissions',
  'unsupported-authentication',
])

/** Whose tokens the client has. `/2/users/me` and not `verify_credentials`: the free plan has no 1.1 reads. */
export async function readAccount(client: TwitterApi) {
  const { data } = await client.v2.me().catch(explainRefusal(({ kind = '' }) => !operatorsFault.has(kind)))
  return { accountId: data.id, profile: { name: data.name, username: data.username } }
}

/** What both generations of Twitter's authorization have in common. */
export const twitter = {
  name: 'twitter',
  type: 'text',
  letter: 't',
  descriptions: {
    en: 'Post to your Twitter account by SMS, without internet.',
    fr: 'Publiez sur votre compte Twitter par SMS, sans internet.',
    fa: 'بدون اینترنت و با پیامک در حساب توییتر خود پست بگذارید.',
    es: 'Publica en tu cuenta de Twitter por SMS, sin internet.',
  },
} as const satisfies Partial<Platform>
