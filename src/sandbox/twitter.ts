import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { apiRoutes } from './twitter/api-routes.ts'
import { createFaults, type TwitterFault } from './twitter/faults.ts'
import { createMemory, type Tweet, type TwitterApp } from './twitter/memory.ts'
import { oauth1Routes } from './twitter/oauth1-routes.ts'
import { oauth2Routes } from './twitter/oauth2-routes.ts'
import { type TwitterPerson, twitterPeople } from './twitter/people.ts'

export { twitterPeople } from './twitter/people.ts'
export type { TwitterFault }

/** The same at each start, so that tokens of an earlier start are answered as revoked ones, not as another app's. */
const sandboxKeys = {
  apiKey: 'sandbox-api-key',
  apiKeySecret: 'sandbox-api-key-secret',
  clientId: 'sandbox-client-id',
  clientSecret: 'sandbox-client-secret',
}
const longestRecord = 500

type TwitterSandboxOptions = Partial<TwitterApp> & {
  readonly people?: readonly TwitterPerson[]
  /** Unset: any free one. */
  readonly port?: number
  /** Epoch milliseconds. */
  readonly now?: () => number
}

type ReceivedRequest = {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly authorization: string | undefined
  readonly body: string
}

export type TwitterSandbox = Required<Omit<TwitterApp, 'callbackUrls'>> & {
  /** The base URL for clients, and where people's browsers go. */
  readonly url: string
  readonly people: readonly TwitterPerson[]
  /** The latest 500, oldest first. */
  readonly received: readonly ReceivedRequest[]
  readonly tweets: readonly Tweet[]
  /** Makes the next request to a path go wrong; called again: the one after it too. */
  failNext(path: string, fault: TwitterFault): void
  close(): Promise<void>
}

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
  const received: ReceivedRequest[] = []
  const { middleware, failNext } = createFaults()

  const api = new Hono<{ Bindings: HttpBindings }>()
    .use(async ({ req }, next) => {
      const body = await req.text()
      received.push({
        method: req.method,
        path: req.path,
        query: req.query(),
        authorization: req.header('authorization'),
        body,
      })
      if (received.length > longestRecord) received.shift()
      await next()
    })
    .use(middleware)
    .route('/', oauth1Routes(memory))
    .route('/', oauth2Routes(memory))
    .route('/', apiRoutes(memory))
    .notFound((c) => c.json({ errors: [{ code: 34, message: 'Sorry, that page does not exist.' }] }, 404))

  const server = createServer(getRequestListener(api.fetch, { overrideGlobalObjects: false }))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  return {
    ...app,
    url: `http://127.0.0.1:${address.port}`,
    people,
    received,
    tweets: memory.tweets,
    failNext,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
