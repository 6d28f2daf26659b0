import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { Sql } from 'postgres'
import { createBlindIndex } from '../../src/crypto/blind-index.ts'
import type { KeyRing } from '../../src/crypto/key-ring.ts'
import { createPasswords } from '../../src/crypto/passwords.ts'
import { createSeal } from '../../src/crypto/seal.ts'
import { sha256 } from '../../src/crypto/sha256.ts'
import { newSessionToken } from '../../src/sessions/session.ts'

export const password = 'a passphrase of my own'
export const userAgent = 'bench'

/** So many networks (IPv4 /24) people come from: limits count by them, so that those of one wait for each other. */
const networks = 50

/** Somebody who is signed in, and the requests that they make. */
export type Account = { uid: string; token: string; phoneNumber: string; address: string }

/** Signed-in people with one platform saved, as the server would store them. All have one password: each is checked at full cost. */
export async function seedAccounts(sql: Sql, keyRing: KeyRing, count: number) {
  const [seal, index] = [createSeal(keyRing), createBlindIndex(keyRing)]
  const passwordHash = await createPasswords().hash(password)
  const userAgentHash = sha256(userAgent)
  const accounts: Account[] = []
  const rows: Record<'users' | 'sessions' | 'grants', Record<string, string | Date>[]> = {
    users: [],
    sessions: [],
    grants: [],
  }
  for (let number = 0; number < count; number++) {
    const [id, token] = [randomUUID(), newSessionToken()]
    const phoneNumber = `+23767${String(number).padStart(7, '0')}`
    const address = `198.18.${number % networks}.${Math.floor(number / networks) % 256}`
    accounts.push({ uid: id, token, phoneNumber, address })
    rows.users.push({
      id,
      phone_number_index: await index.of('phone number', phoneNumber),
      phone_number_sealed: await seal.seal(phoneNumber, { table: 'users', column: 'phone_number', row: id, user: id }),
      password_hash: passwordHash,
    })
    rows.sessions.push({
      id_hash: sha256(token),
      user_id: id,
      purpose: 'login',
      user_agent_hash: userAgentHash,
      expires_at: new Date(Date.now() + 7_200_000),
    })
    const grant = randomUUID()
    rows.grants.push({
      id: grant,
      user_id: id,
      platform: 'gmail',
      protocol: 'oauth2',
      account_index: await index.of('platform account', `gmail ${number}`),
      grant_sealed: await seal.seal('x'.repeat(400), { table: 'grants', column: 'grant', row: grant, user: id }),
    })
  }
  for (const table of ['users', 'sessions', 'grants'] as const)
    for (let from = 0; from < count; from += 1000)
      await sql`insert into ${sql(table)} ${sql(rows[table].slice(from, from + 1000))}`
  await sql`analyze`
  return { accounts, passwordHash }
}

const lines = {
  dashboard: ({ uid, token, address }: Account) => ['GET', `/v2/users/${uid}/dashboard`, token, address, ''],
  platforms: ({ uid, token, address }: Account) => ['GET', `/v2/users/${uid}/platforms`, token, address, ''],
  login: ({ phoneNumber, address }: Account) => [
    'POST',
    '/v2/login',
    '',
    address,
    JSON.stringify({ phone_number: phoneNumber, password }),
  ],
}
export type Requested = keyof typeof lines

/** Writes what wrk sends, one request for each account. */
export async function writeRequests(folder: string, accounts: readonly Account[]): Promise<Record<Requested, string>> {
  const files: Record<Requested, string> = { dashboard: '', platforms: '', login: '' }
  for (const name of ['dashboard', 'platforms', 'login'] as const) {
    files[name] = `${folder}/${name}.tsv`
    await writeFile(files[name], accounts.map((account) => `${lines[name](account).join('\t')}\n`).join(''))
  }
  return files
}
