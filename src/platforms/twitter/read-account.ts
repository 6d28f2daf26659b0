import type { TwitterApi } from 'twitter-api-v2'
import { explainRefusal } from '../oauth/explain-refusal.ts'

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
