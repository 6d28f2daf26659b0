import { expect, test } from 'vitest'
import { countStatuses } from '../support/count-statuses.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { behindProxy, visitor } from '../support/visitor.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({
  env: { ...behindProxy, LOGIN_NETWORK_TRIES: '10' },
  services: { passwords: plainPasswords },
})

test('a network may have ten passwords looked at, whomever they are about; then only others may', async () => {
  const tries = Array.from({ length: 40 }, () => visitor(world, '198.51.100.7').logIn('wrong'))
  expect(await countStatuses(tries)).toEqual({ 401: 10, 429: 30 })
  const refused = await visitor(world, '198.51.100.9').logIn('wrong')
  expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(890)
  expect((await visitor(world, '198.51.100.200').startSignUp()).status).toBe(429)
  const byUid = await visitor(world, '198.51.100.8', { uid: crypto.randomUUID() }).verify('wrong')
  expect(byUid.status).toBe(429)
  expect((await visitor(world, '203.0.113.7').logIn('wrong')).status).toBe(401)

  await world.passTime(901)
  expect((await visitor(world, '198.51.100.7').logIn('wrong')).status).toBe(401)
})

test('right passwords do not use it up', async () => {
  const ada = visitor(world, '192.88.99.7')
  await ada.signUp()
  for (let login = 0; login < 20; login++) expect((await ada.logIn()).status).toBe(200)
})

test('a number whose network has none left loses no try of its own', async () => {
  const ada = visitor(world, '100.20.0.1')
  await ada.signUp()
  await Promise.all(Array.from({ length: 12 }, () => visitor(world, '100.20.0.9').logIn('wrong')))
  const kept = Array.from({ length: 4 }, () => ada.logIn('wrong'))
  expect(await countStatuses(kept)).toEqual({ 429: 4 })
  const elsewhere = visitor(world, '100.30.0.1', ada)
  for (let attempt = 0; attempt < 5; attempt++) expect((await elsewhere.logIn('wrong')).status).toBe(401)
  expect((await elsewhere.logIn('wrong')).status).toBe(429)
})
