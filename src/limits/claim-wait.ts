import { type SQL, sql } from 'drizzle-orm'
import { lockHashes } from '../postgres/database.ts'
import type { Services } from '../services.ts'

/**
 * Who waits for the next code. `hashes`: of the number, under every key of the ring, newest first. Waits stand under the oldest key that has one,
 * so that a change of keys shortens none, for numbers with an account no more than for others.
 */
export type Waiting = { kind: 'sms' | 'telegram'; hashes: readonly string[] }

/** A wait that was begun at `at` and is over at `nextAt`, both in epoch milliseconds. `hash`: the one that it stands under. */
export type WaitClaim = { kind: Waiting['kind']; hash: string; sends: number; at: number; nextAt: number }

type Needed = Pick<Services, 'db'>

/** SMS were here first: their rows have no prefix. No hash has a space. */
const keyOf = (kind: Waiting['kind'], hash: string) => (kind === 'sms' ? hash : `${kind} ${hash}`)
const keysOf = ({ kind, hashes }: Waiting) => hashes.map((hash) => keyOf(kind, hash))

/**
 * Begins the next of `waits` (seconds), in a transaction of the caller's, unless the one before isn't over: then the answer is undefined. They are
 * taken in turn and then begin again; whoever is left alone for a day after the last one begins anew. Of parallel claims one succeeds.
 */
export async function claimWait(
  { db }: Needed,
  waiting: Waiting,
  waits: readonly number[],
): Promise<WaitClaim | undefined> {
  // Two servers may have different newest keys.
  if (waiting.hashes.length > 1) await lockHashes(db, waiting.hashes)
  const keys = keysOf(waiting)
  const seconds = sql`array[${sql.join(
    waits.map((wait) => sql`${wait}::int`),
    sql`, `,
  )}]`
  const [claim] = await db.execute<{ key: string; sends: number; at: number; next_at: number }>(sql`
    with known as (
      select phone_number_index as key, next_at from code_waits where phone_number_index in ${keys}
    ), oldest as (
      select key from known order by array_position(${textArray(keys)}, key) desc limit 1
    )
    insert into code_waits as waiting (phone_number_index, sends, next_at)
    select coalesce((select key from oldest), ${keys[0]}), 1, now() + make_interval(secs => (${seconds})[1])
    where not exists (select from known where next_at > now())
    on conflict (phone_number_index) do update set
      sends = case when waiting.next_at < now() - interval '1 day' then 1 else waiting.sends + 1 end,
      next_at = now() + make_interval(secs => (${seconds})[
        case when waiting.next_at < now() - interval '1 day' then 1 else waiting.sends % cardinality(${seconds}) + 1 end])
    where waiting.next_at <= now()
    returning phone_number_index as key, sends, (extract(epoch from now()) * 1000)::float8 as at,
      (extract(epoch from next_at) * 1000)::float8 as next_at`)
  if (!claim) return undefined
  const hash = claim.key.slice(claim.key.lastIndexOf(' ') + 1)
  return { kind: waiting.kind, hash, sends: claim.sends, at: claim.at, nextAt: Math.ceil(claim.next_at) }
}

/** An expression: when the wait is over; null when it is. */
export const waitsUntil = (waiting: Waiting): SQL => sql`
  (select max(next_at) from code_waits where phone_number_index in ${keysOf(waiting)} and next_at > now())`

/** The seconds until the next code, 0 when it needn't be waited for. Reads only. */
export async function waitLeft({ db }: Needed, waiting: Waiting): Promise<number> {
  const [row] = await db.execute<{ seconds: number | null }>(sql`
    select ceil(extract(epoch from ${waitsUntil(waiting)} - now()))::int as seconds`)
  return row?.seconds ?? 0
}

/** Gives a wait back that came to nothing: the next code needn't wait, and what was the first leaves no row. */
export async function returnWait({ db }: Needed, { kind, hash, sends }: WaitClaim): Promise<void> {
  const key = keyOf(kind, hash)
  await db.execute(sql`
    with returned as (
      update code_waits set sends = sends - 1, next_at = now()
      where phone_number_index = ${key} and sends = ${sends} and sends > 1
    )
    delete from code_waits where phone_number_index = ${key} and sends = ${sends} and sends = 1`)
}

const textArray = (texts: readonly string[]) =>
  sql`array[${sql.join(
    texts.map((text) => sql`${text}::text`),
    sql`, `,
  )}]`
