import { expect, expectTypeOf, test } from 'vitest'
import { type Client, createClient } from '../../client/src/index.ts'
import { api } from '../../src/api/app.ts'
import type { operations as described } from '../../src/api/openapi/operations.ts'
import { operations } from '../support/document.ts'

const path = { user_id: 'the user', platform: 'gmail', protocol: 'oauth2', action: 'register' }

/** Method and path of what each operation sends, when every path field is given. */
async function sentByAll(): Promise<string[]> {
  const sent: string[] = []
  const client = createClient({
    baseUrl: 'http://api.test/v2',
    fetch: async (url, { method }) => {
      sent.push(`${method} ${new URL(url).pathname}`)
      return Response.json({})
    },
  })
  for (const name of names) await (client[name] as (fields: typeof path) => Promise<unknown>)(path)
  return sent
}

const names = Object.keys(createClient({ baseUrl: 'http://api.test/v2' })) as (keyof Client)[]
const filled = (template: string) =>
  template.replace(/[:{](\w+)\}?/g, (_, name: keyof typeof path) => encodeURIComponent(path[name]))

test('the client has every operation of the document, and no other', async () => {
  const documented = operations.map((operation) => `${operation.method} /v2${filled(operation.path)}`)
  expect(documented).toHaveLength(17)
  expect((await sentByAll()).sort()).toEqual(documented.sort())
})

test('the client has every route of the server that answers in JSON', async () => {
  const routes = api.routes.filter(({ method, path }) => method !== 'ALL' && /^\/v2\/(?!openapi|docs)/.test(path))
  const served = new Set(routes.map((route) => `${route.method} ${filled(route.path)}`))
  expect(new Set(await sentByAll())).toEqual(served)
})

test('operations are named as in the OpenAPI document', () => {
  expectTypeOf<keyof Client>().toEqualTypeOf<keyof typeof described>()
  expect(names).toHaveLength(17)
})

test.each(['', '.', '..'])('the path field %j is not sent: it would be another path', async (user_id) => {
  const client = createClient({ baseUrl: 'http://api.test/v2', fetch: () => Promise.reject(new Error('sent')) })
  await expect(client.deleteUser({ user_id, password: 'a passphrase' })).rejects.toThrow('user_id is missing')
})

test.each(['http://api.test/v2', 'http://api.test/v2/', 'http://api.test', 'http://api.test/'])(
  'the base URL %s is the same as any other way to write it',
  async (baseUrl) => {
    let sent = ''
    const client = createClient({
      baseUrl,
      fetch: async (url) => {
        sent = url
        return Response.json({})
      },
    })
    await client.readDashboard({ user_id: 'a/b' })
    expect(sent).toBe('http://api.test/v2/users/a%2Fb/dashboard')
  },
)
