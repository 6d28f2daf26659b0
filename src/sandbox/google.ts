import { Hono } from 'hono'
import { consentRoutes } from './google/consent-routes.ts'
import { createMemory, type GoogleClient, type GooglePerson } from './google/memory.ts'
import { tokenRoutes } from './google/token-routes.ts'
import { tokenHolder, unauthenticated, userRoutes } from './google/user-routes.ts'
import { type Serving, serve } from './web/serve.ts'

/** The same at each start, so that tokens of an earlier start are answered as unknown ones, not as another client's. */
const sandboxClient = { clientId: 'sandbox.apps.googleusercontent.com', clientSecret: 'sandbox-client-secret' }

const googlePeople = [
  { id: '100000000000000000001', name: 'Ada Sandbox', email: 'ada@example.com' },
  { id: '100000000000000000002', name: 'Bola Sandbox', email: 'bola@example.com' },
  { id: '100000000000000000003', name: 'Chidi Sandbox', email: 'chidi@example.com' },
]

export type GoogleSandbox = Serving &
  Omit<GoogleClient, 'redirectUris'> & {
    /** Who has an account; any of them may be chosen on the consent page. */
    readonly people: readonly Readonly<GooglePerson>[]
    /** Whether a token, access or refresh, still works. */
    isLive(token: string): boolean
    /** The account gets another address and keeps its id. */
    changeAddress(email: string, newEmail: string): void
  }

/** Google's consent page, tokens, user info and revocation, on this machine: what it refuses is refused here, with its own error bodies. */
export async function startGoogle({ redirectUris }: Pick<GoogleClient, 'redirectUris'>): Promise<GoogleSandbox> {
  const people = googlePeople.map((person) => ({ ...person }))
  const memory = createMemory({ ...sandboxClient, redirectUris }, people)
  const serving = await serve({
    routes: new Hono().route('/', consentRoutes(memory)).route('/', tokenRoutes(memory)).route('/', userRoutes(memory)),
    notFound: (c) => {
      if (!tokenHolder(c, memory)) return unauthenticated(c)
      return c.json({ error: { code: 404, message: 'Requested entity was not found.', status: 'NOT_FOUND' } }, 404)
    },
    port: 0,
  })
  return {
    ...sandboxClient,
    ...serving,
    people,
    isLive: (token) => memory.accessTokens.has(token) || memory.refreshTokens.has(token),
    changeAddress(email, newEmail) {
      for (const person of people) if (person.email === email) person.email = newEmail
    },
  }
}
