import { expect, test } from 'vitest'
import { type Operation, operations, shapeOf } from '../support/document.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'
import { accountScenarios } from './account-scenarios.ts'
import { walletScenarios } from './wallet-scenarios.ts'

const world = await openWorld({ sandbox: true, env: { LOGIN_TRIES: '3' }, services: { passwords: plainPasswords } })
const scenarios = { ...accountScenarios(world), ...walletScenarios(world) }

const nameOf = ({ method, path }: Operation) => `${method} ${path}`
const named = operations.map((operation) => [nameOf(operation), operation] as const)
const scenarioOf = (name: string) => scenarios[name] ?? expect.fail(`no way to ${name}`)

const pathFor = ({ uid }: Person, { path }: Operation) =>
  `/v2${path}`
    .replace('{user_id}', uid)
    .replace('{platform}', 'gmail')
    .replace('{protocol}', 'oauth2')
    .replace('{action}', 'register')

/** The document's errors: a JSON string, never empty. */
async function expectRefusal(response: Response, status: number) {
  expect(response.status).toBe(status)
  expect(response.headers.get('Content-Type')).toMatch(/^application\/json/)
  expect(await response.json()).toMatch(/^[a-z ]+$/)
  expect(response.headers.has('Retry-After')).toBe(status === 429)
}

test('the document has 17 operations and each is looked at here', () => {
  expect(operations).toHaveLength(17)
  expect(operations.map(nameOf).sort()).toEqual(Object.keys(scenarios).sort())
})

test.each(named)('%s succeeds as the document says', async (name, operation) => {
  const { arrive, body, neverSucceeds } = scenarioOf(name)
  if (neverSucceeds) return
  const person = await arrive()
  const sent = await body?.(person)
  const fields = name === 'PUT /OTP' ? ['code'] : Object.keys(operation.requestBody)
  expect(Object.keys(sent ?? {}).sort()).toEqual(fields.sort())

  const response = await person.send(operation.method, pathFor(person, operation), sent, {
    'Content-Type': 'application/json',
  })
  expect(String(response.status)).toBe(operation.success.status)
  expect(response.headers.get('Content-Type')).toMatch(/^application\/json/)
  expect(shapeOf(await response.json())).toEqual(operation.success.body)
})

test.each(named)('%s refuses malformed JSON, no User-Agent and no session', async (name, operation) => {
  const { arrive, open } = scenarioOf(name)
  const person = await arrive()
  const path = pathFor(person, operation)
  if (operation.method !== 'GET') await expectRefusal(await person.send(operation.method, path, '{'), 400)
  if (open) return
  await expectRefusal(await person.send(operation.method, path, undefined, { 'User-Agent': '' }), 400)
  await expectRefusal(await person.elsewhere().send(operation.method, path), 401)
  await expectRefusal(await person.send(operation.method, path, undefined, { 'User-Agent': 'Another/1.0' }), 401)
  const foreign = path.replace(person.uid, crypto.randomUUID())
  if (foreign !== path) await expectRefusal(await person.send(operation.method, foreign), 401)
})

const refusals = operations.flatMap((operation) => {
  const { arrive, refusals = [] } = scenarioOf(nameOf(operation))
  return refusals.map(([status, why, provoke]) => [nameOf(operation), status, why, arrive, provoke, operation] as const)
})

test.each(refusals)('%s answers %i to %s', async (name, status, _, arrive, provoke, operation) => {
  const declaredByUs = /password|OTP|^DELETE \/users\/{user_id}$|recovery/.test(name) && [403, 429].includes(status)
  expect(String(status) in operation.responses || declaredByUs).toBe(true)
  await expectRefusal(await provoke(await arrive()), status)
})
