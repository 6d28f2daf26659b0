import { createServer, type RequestListener } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { googleConsent } from './google/google-consent.ts'
import { type GoogleState, type Person, tokenHolder } from './google/google-state.ts'
import { googleTokens } from './google/google-tokens.ts'
import { type Fault, type Received, recordAndFail } from './google/record-and-fail.ts'
import { startEmulator } from './google/start-emulator.ts'
import { closeServer, listen } from './web/listen.ts'

export type GoogleSandbox = {
  /** Every Google endpoint is below it. No slash at the end. */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  /** Who has an account; any of them may be chosen on the consent page. */
  readonly people: readonly Person[]
  /** The latest 500 requests, oldest first. */
  readonly received: readonly Received[]
  /** The next request to `path` fails; called again, the one after it too. */
  failNext(path: string, fault: Fault): void
  /** Whether a token, access or refresh, still works. */
  isLive(token: string): boolean
  /** The account gets another address and keeps its id. `email`: the address that it has in `people`. */
  changeAddress(email: string, newEmail: string): void
  close(): Promise<void>
}

const clientId = 'sandbox.apps.googleusercontent.com'
const clientSecret = 'sandbox-client-secret'
const webAppReturn = 'http://localhost:18000/platforms/gmail/protocols/oauth2/redirect_codes/'
const people: readonly Person[] = [
  { name: 'Ada Sandbox', email: 'ada@example.com' },
  { name: 'Bola Sandbox', email: 'bola@example.com' },
  { name: 'Chidi Sandbox', email: 'chidi@example.com' },
]

/**
 * A local Google at 127.0.0.1: consent page, tokens, user info, revocation and the Gmail API.
 * npm `emulate` does the work; what stands in front of it adds what Google refuses and `emulate` lets pass.
 * `port` absent: a free one. `redirectUris`: exactly these are taken, as at Google.
 */
export async function startGoogle(
  options: { port?: number; redirectUris?: readonly string[] } = {},
): Promise<GoogleSandbox> {
  const redirectUris = options.redirectUris ?? [webAppReturn]
  // The emulator has to know this server's address first; who comes meanwhile waits.
  const ready = Promise.withResolvers<RequestListener>()
  const server = createServer(async (incoming, outgoing) => (await ready.promise)(incoming, outgoing))
  const url = `http://127.0.0.1:${await listen(server, options.port ?? 0)}`
  const client = { client_id: clientId, client_secret: clientSecret, name: 'Sandbox', redirect_uris: redirectUris }
  const emulator = await startEmulator(url, { users: people, oauth_clients: [client] }).catch(
    async (error: unknown) => {
      await closeServer(server)
      throw error
    },
  )

  const state: GoogleState = { people, redirectUris, codes: new Map(), tokens: new Map(), addresses: new Map() }
  const received: Received[] = []
  const faults = new Map<string, Fault[]>()
  const front = new Hono<{ Bindings: HttpBindings }>()
    .use(recordAndFail(received, faults))
    .route('/', googleConsent(state, emulator.forward))
    .route('/', googleTokens(state, emulator.forward))
    .get('/.well-known/*', (c) => emulator.forward(c.req.raw))
    .get('/_emulate/*', (c) => emulator.forward(c.req.raw))
    .get('/oauth2/v3/certs', (c) => emulator.forward(c.req.raw))
    .all('*', async (c) => {
      // `emulate` takes any unknown token for its first person's.
      const known = tokenHolder(state, c.req.header('authorization'))
      return known ? emulator.forward(c.req.raw) : Response.json(unauthenticated, { status: 401 })
    })
  ready.resolve(getRequestListener(front.fetch, { overrideGlobalObjects: false }))

  return {
    url,
    clientId,
    clientSecret,
    people,
    received,
    failNext: (path, fault) => void faults.set(path, [...(faults.get(path) ?? []), fault]),
    isLive: (token) => state.tokens.has(token),
    changeAddress: (email, newEmail) => void state.addresses.set(email, newEmail),
    close: async () => {
      await closeServer(server)
      await emulator.close()
    },
  }
}

const unauthenticated = {
  error: { code: 401, message: 'Request had invalid authentication credentials.', status: 'UNAUTHENTICATED' },
}
