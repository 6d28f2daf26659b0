import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { inject } from 'vitest'

/** A new database with nothing in it, on the run's Postgres or on that of `url`; the answer is its URL. */
export async function createDatabase(url: string = inject('postgresUrl')): Promise<string> {
  const name = `empty_${randomBytes(6).toString('hex')}`
  const client = postgres(url, { max: 1, onnotice: () => undefined })
  await client.unsafe(`create database ${name}`)
  await client.end()
  return Object.assign(new URL(url), { pathname: `/${name}` }).href
}
