import { Hono } from 'hono'
import { apiRoutes } from './mastodon/api-routes.ts'
import { authorizeRoutes } from './mastodon/authorize-routes.ts'
import { createMemory, type MastodonApp, mastodonPeople, type Status } from './mastodon/memory.ts'
import { tokenRoutes } from './mastodon/token-routes.ts'
import type { Person } from './web/consent-page.ts'
import { type Serving, serve } from './web/serve.ts'

export { mastodonPeople } from './mastodon/memory.ts'
export type { Fault as MastodonFault } from './web/faults.ts'

/** The same at each start, so that tokens of an earlier start are answered as unknown ones, not as another app's. */
const sandboxApp = {
  clientId: 'sandbox-client-id',
  clientSecret: 'sandbox-client-secret',
  scopes: 'profile write:statuses',
}

type MastodonSandboxOptions = Partial<MastodonApp> & {
  readonly people?: readonly Person[]
  /** Unset: any free one. */
  readonly port?: number
  /** Epoch milliseconds. */
  readonly now?: () => number
}

export type MastodonSandbox = Serving &
  Omit<MastodonApp, 'redirectUris'> & { readonly people: readonly Person[]; readonly statuses: readonly Status[] }

/** A Mastodon instance's authorization and posting, on this machine: what it refuses is refused here, with its own error bodies. */
export async function startMastodon({
  people = mastodonPeople,
  port = 0,
  now = Date.now,
  redirectUris,
  ...changes
}: MastodonSandboxOptions = {}): Promise<MastodonSandbox> {
  const app = { ...sandboxApp, ...changes }
  const memory = createMemory({ ...app, redirectUris }, people, now)
  const serving = await serve({
    routes: new Hono()
      .route('/', authorizeRoutes(memory))
      .route('/', tokenRoutes(memory))
      .route('/', apiRoutes(memory)),
    notFound: (c) => c.json({ error: 'Record not found' }, 404),
    port,
  })
  return { ...app, ...serving, people, statuses: memory.statuses }
}
