import { Hono } from 'hono'
import { apiRoutes } from './twitter/api-routes.ts'
import { createMemory, type Tweet, type TwitterApp, twitterPeople } from './twitter/memory.ts'
import { oauth1Routes } from './twitter/oauth1-routes.ts'
import { oauth2Routes } from './twitter/oauth2-routes.ts'
import type { Person } from './web/consent-page.ts'
import { type Serving, serve } from './web/serve.ts'

export { twitterPeople } from './twitter/memory.ts'
export type { Fault as TwitterFault } from './web/faults.ts'

/** The same at each start, so that tokens of an earlier start are answered as revoked ones, not as another app's. */
const sandboxKeys = {
  apiKey: 'sandbox-api-key',
  apiKeySecret: 'sandbox-api-key-secret',
  clientId: 'sandbox-client-id',
  clientSecret: 'sandbox-client-secret',
}

type TwitterSandboxOptions = Partial<TwitterApp> & {
  readonly people?: readonly Person[]
  /** Unset: any free one. */
  readonly port?: number
  /** Epoch milliseconds. */
  readonly now?: () => number
}

export type TwitterSandbox = Serving &
  Required<Omit<TwitterApp, 'callbackUrls'>> & { readonly people: readonly Person[]; readonly tweets: readonly Tweet[] }

/** Twitter's authorization and posting, on this machine: what it refuses is refused here, with its own error bodies. */
export async function startTwitter({
  people = twitterPeople,
  port = 0,
  now = Date.now,
  callbackUrls,
  ...keys
}: TwitterSandboxOptions = {}): Promise<TwitterSandbox> {
  const app = { ...sandboxKeys, ...keys }
  const memory = createMemory({ ...app, callbackUrls }, people, now)
  const serving = await serve({
    routes: new Hono().route('/', oauth1Routes(memory)).route('/', oauth2Routes(memory)).route('/', apiRoutes(memory)),
    notFound: (c) => c.json({ errors: [{ code: 34, message: 'Sorry, that page does not exist.' }] }, 404),
    port,
  })
  return { ...app, ...serving, people, tweets: memory.tweets }
}
