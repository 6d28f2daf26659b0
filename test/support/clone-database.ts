import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'

/** A new migrated database on the run's Postgres; the answer is its URL. */
export async function cloneDatabase(): Promise<string> {
  const url = inject('postgresUrl')
  const name = `world_${randomBytes(6).toString('hex')}`
  const client = postgres(url, { max: 1, onnotice: () => undefined })
  // Cloning is refused while another clone reads the template: one at a time, across test processes.
  await client.begin((transaction) => transaction`select pg_advisory_xact_lock(1)`.then(() => cloneTemplate(url, name)))
  await client.end()
  return Object.assign(new URL(url), { pathname: `/${name}` }).href
}

async function cloneTemplate(url: string, name: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => undefined })
  await client.unsafe(`create database ${name} template migrated`)
  await client.end()
}
