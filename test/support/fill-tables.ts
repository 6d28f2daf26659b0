import type { Sql } from 'postgres'
import { sha256 } from '../../src/crypto/sha256.ts'

/** How many rows; `others`: of every table but these three. */
export type Filling = { users: number; sessions: number; grants: number; others: number }

/** Of row `n`: the SHA-256 of text, in base64url as the server writes it. */
const hashOf = (text: string) => `translate(rtrim(encode(sha256((${text})::bytea), 'base64'), '='), '+/', '-_')`
const hash = (what: string) => hashOf(`'${what} ' || n`)
const sealed = (letters: number) => `'1.fill.' || repeat('x', ${letters - 7})`
const passwordHash = `repeat('x', 97)`
const sessionHash = hashOf(hash('token'))

/** The token of a session that a filling made, by its number from 1. */
export const filledToken = (n: number): string => sha256(`token ${n}`)

/**
 * Fills every table that grows, with rows of usual sizes that are as old as rows get before they're purged. What they hold opens nowhere, but for
 * the sessions: `filledToken` knows them. Their User-Agent is `userAgent`.
 */
export async function fillTables(sql: Sql, { users, sessions, grants, others }: Filling, userAgent = 'fill') {
  const owner = `md5('user ' || (n - 1) % ${users} + 1)::uuid`
  const fill = (table: string, rows: number, kept: string, columns: Record<string, string>) => {
    const at = `now() - interval '${kept}' * (1 - n::float8 / ${rows})`
    const values = Object.values(columns).map((value) => value.replaceAll('AT', at))
    return sql.unsafe(
      `insert into ${table} (${Object.keys(columns).join()}) select ${values.join()} from generate_series(1, ${rows}) as n`,
    )
  }

  await fill('users', users, '2 years', {
    id: owner,
    phone_number_index: hash('number'),
    phone_number_sealed: sealed(70),
    password_hash: passwordHash,
    created_at: 'AT',
    previous_login_at: 'AT',
  })
  await fill('sessions', sessions, '20 hours', {
    id_hash: sessionHash,
    user_id: owner,
    account_id: `case when n % 50 = 0 then ${owner} end`,
    purpose: `'login'`,
    user_agent_hash: `'${sha256(userAgent)}'`,
    created_at: 'AT',
    expires_at: `now() + interval '2 hours'`,
    epoch: '0',
  })
  await fill('grants', grants, '2 years', {
    id: 'gen_random_uuid()',
    user_id: owner,
    platform: `(array['gmail', 'twitter', 'telegram'])[(n - 1) / ${users} + 1]`,
    protocol: `'oauth2'`,
    account_index: hash('account'),
    grant_sealed: sealed(600),
    created_at: 'AT',
  })
  await fill('signups', others, '2 days', {
    id: 'gen_random_uuid()',
    phone_number_sealed: sealed(70),
    password_hash: passwordHash,
    created_at: 'AT',
  })
  await fill('codes', Math.min(others, sessions), '10 minutes', {
    session_id_hash: sessionHash,
    code_hash: hash('code'),
    expires_at: `AT + interval '10 minutes'`,
  })
  await fill('pending_authorizations', Math.min(others, sessions), '10 minutes', {
    id: 'gen_random_uuid()',
    user_id: owner,
    session_id_hash: sessionHash,
    platform: `'gmail'`,
    protocol: `'oauth2'`,
    pending_sealed: sealed(200),
    next: `'code'`,
    held_until: 'case when n % 100 = 0 then AT end',
    expires_at: `AT + interval '10 minutes'`,
  })
  await fill('revocations', others, '2 years', {
    id: 'gen_random_uuid()',
    user_id: 'gen_random_uuid()',
    platform: `'gmail'`,
    protocol: `'oauth2'`,
    grant_sealed: sealed(600),
    created_at: 'AT',
    attempts: '10',
    // Those that were given up stay; few wait.
    dead_at: 'case when n % 100 > 0 then AT end',
  })
  await fill('code_waits', others, '2 days', {
    phone_number_index: hash('number'),
    sends: '1',
    next_at: 'AT',
  })
  await fill('recovery_slots', others, '1 day', {
    session_id_hash: hash('slot'),
    phone_number_index: hash('number'),
    account_id: `case when n % 2 = 0 then ${owner} end`,
    network: hash('network'),
    created_at: 'AT',
  })
  await fill('limit_counts', others, '1 day', {
    name: `'signups'`,
    key: hash('network'),
    hour_used: '1',
    hour_ends_at: 'AT',
    day_used: '1',
    day_ends_at: `AT + interval '1 day'`,
  })
  await fill('hidden_sends', others, '10 minutes', {
    session_id_hash: sessionHash,
    decision_id: 'n',
    number_sealed: sealed(70),
    language: `'en'`,
    only_known: 'false',
    created_at: 'AT',
    next_attempt_at: `AT + interval '1 hour'`,
  })
  await fill('send_denials', others, '15 days', {
    network: hash('network'),
    country: `'CM'`,
    reason: `'wait'`,
    hour: 'AT',
    attempts: '1',
  })
  await fill('send_decisions', others, '15 days', {
    created_at: 'AT',
    country: `(array['CM', 'IR', 'NG', 'FR'])[n % 4 + 1]`,
    network: hash('network'),
    phone_number_index: hash('number'),
    outcome: `case when n % 10 = 0 then 'denied' else 'allowed' end`,
    verified_at: 'case when n % 3 > 0 then AT end',
  })
  await fill('password_tries', others, '30 days', {
    subject: owner,
    network: hash('network'),
    tries: '0',
    last_tried_at: 'AT',
    entered_at: 'AT',
  })
  await fill('audit_events', others, '365 days', {
    at: 'AT',
    event: `'login'`,
    outcome: `case when n % 50 = 0 then 'blocked' else 'done' end`,
    user_id: owner,
    network: hash('network'),
    keep_until: `AT + interval '366 days'`,
  })
  await sql`vacuum analyze`
}
