import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createDatabase } from '../support/create-database.ts'
import { openInstances } from '../support/open-instances.ts'
import { openSurroundings } from '../support/open-surroundings.ts'

/** Processes that start take a busy machine a while. */
const patient = { timeout: 120_000 }

test('three instances that start at once on an empty database migrate it once, and all serve', patient, async () => {
  const [databaseUrl, around] = await Promise.all([createDatabase(), openSurroundings()])
  onTestFinished(around.close)
  const world = await openInstances({ around, databaseUrl, each: [{}, {}, {}] })
  onTestFinished(world.close)

  const { entries } = JSON.parse(await readFile('drizzle/meta/_journal.json', 'utf8'))
  const applied = await world.sql`select created_at::float8 as when from drizzle.__drizzle_migrations order by 1`
  expect(applied).toEqual(entries.map(({ when }: { when: number }) => ({ when })))
  for (const at of [0, 1, 2]) expect((await (await world.signedUpPerson({ at })).dashboard()).status).toBe(200)
})
