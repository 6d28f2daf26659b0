import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { ApiEnv } from '../../src/api/api-env.ts'
import { api } from '../../src/api/app.ts'
import { createSeal } from '../../src/crypto/seal.ts'
import type { Services } from '../../src/services.ts'
import { openWorld, type World } from '../support/world.ts'

type Health = NonNullable<ApiEnv['Bindings']['health']>

async function ready({ services }: World, replaced: Partial<Services> = {}, health?: Health) {
  const response = await api.request('/readyz', undefined, {
    services: { ...services, ...replaced },
    ...(health && { health }),
  })
  return { status: response.status, retryAfter: response.headers.get('Retry-After'), ...(await response.json()) }
}

const ok = { database: 'ok', migrations: 'ok', keys: 'ok' }

test('a server that can do its work is ready', async () => {
  const world = await openWorld()
  expect(await ready(world)).toEqual({ status: 'ready', retryAfter: null, checks: ok })
  await world.signedUpPerson()
  expect(await ready(world)).toMatchObject({ checks: ok })
  expect(await ready(world, {}, { isStopping: () => false, hasDisk: async () => true })).toMatchObject({
    checks: { ...ok, disk: 'ok' },
  })
})

test('without its database it lives, but is not ready', async () => {
  const world = await openWorld()
  await world.close()
  const { db } = world.services
  const live = await api.request('/healthz', undefined, { services: world.services })
  expect([live.status, await live.json()]).toEqual([200, { status: 'ok' }])
  expect(await ready(world, { db })).toEqual({
    status: 'not ready',
    retryAfter: '5',
    checks: { database: 'failing', migrations: 'failing', keys: 'failing' },
  })
})

test('with a database of an older version it is not ready, with one of a newer it is', async () => {
  const world = await openWorld()
  await world.sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('newer', 4000000000000)`
  expect(await ready(world)).toMatchObject({ status: 'ready' })
  await world.sql`update drizzle.__drizzle_migrations set created_at = created_at - 4000000000000`
  expect(await ready(world)).toMatchObject({ status: 'not ready', checks: { ...ok, migrations: 'failing' } })
  await world.sql`drop schema drizzle cascade`
  expect(await ready(world)).toMatchObject({ status: 'not ready', checks: { database: 'ok', migrations: 'failing' } })
})

test('with keys that open nothing it is not ready', async () => {
  const world = await openWorld()
  await world.signedUpPerson()
  const seal = createSeal([{ id: 'test', bytes: new Uint8Array(randomBytes(32)) }])
  expect(await ready(world, { seal })).toMatchObject({ status: 'not ready', checks: { ...ok, keys: 'failing' } })
})

test('one person whose key is lost keeps nobody else waiting', async () => {
  const world = await openWorld()
  await world.signedUpPerson()
  await world.signedUpPerson()
  await world.sql`update users set phone_number_sealed = '1.lost.AAAA' where id = (select min(id::text)::uuid from users)`
  expect(await ready(world)).toMatchObject({ status: 'ready' })
})

test('with a full disk, and while it stops, it is not ready', async () => {
  const world = await openWorld()
  expect(await ready(world, {}, { isStopping: () => false, hasDisk: async () => false })).toMatchObject({
    status: 'not ready',
    checks: { ...ok, disk: 'failing' },
  })
  expect(await ready(world, {}, { isStopping: () => true })).toMatchObject({
    status: 'not ready',
    checks: { process: 'stopping' },
  })
})
