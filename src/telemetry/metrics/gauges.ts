import { sql } from 'drizzle-orm'
import { Gauge, type Registry } from 'prom-client'
import type { Database } from '../../postgres/database.ts'

/**
 * Gauges of what `read` finds in the database. While it can't be asked they aren't shown at all, since an old figure would look like a true
 * one; all others are.
 */
export function showStored(registry: Registry, read: () => Promise<Stored>): () => Promise<void> {
  const gauge = <const Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge<Label>({ name: `swob_${name}`, help, labelNames, registers: [registry] })
  const isUp = gauge('database_up', 'Whether the database answers: 1 or 0.')
  const revocations = gauge('revocations', 'Grants to be ended at their platforms: due, waiting, held, dead.', 'state')
  const plain = {
    oldestDueAge: gauge('revocation_oldest_due_seconds', 'How long the oldest due revocation has been due.'),
    passwordBlocks: gauge('password_blocks', 'Numbers and uids that are blocked after wrong passwords.'),
    lockWaits: gauge('database_lock_waits', 'Statements in the database that wait for a lock.'),
    isCodeAlarmOn: gauge('code_alarm', 'Whether codes are entered far less often than usual: 1 or 0.'),
    isSendAlarmOn: gauge('send_alarm', 'Whether far more codes are sent than usual, or come near a limit: 1 or 0.'),
  }

  return throttle(async () => {
    try {
      const stored = await read()
      isUp.set(1)
      for (const state of ['due', 'waiting', 'held', 'dead'] as const) revocations.set({ state }, stored[state])
      for (const key of ['oldestDueAge', 'passwordBlocks', 'lockWaits', 'isCodeAlarmOn', 'isSendAlarmOn'] as const)
        plain[key].set(Number(stored[key]))
    } catch {
      isUp.set(0)
      revocations.reset()
      for (const one of Object.values(plain)) one.remove()
    }
  })
}

/** What only the database knows, of all instances together. */
export type Stored = {
  due: number
  /** For its next try. */
  waiting: number
  /** Being carried out. */
  held: number
  dead: number
  /** Seconds since the oldest due one should have been taken up. */
  oldestDueAge: number
  /** Numbers and uids, each once, from however many networks they are tried. */
  passwordBlocks: number
  lockWaits: number
  /** Alarms are raised anew every hour while they last, at the round of ten minutes that comes next. */
  isCodeAlarmOn: boolean
  isSendAlarmOn: boolean
}

/** One statement, of which every part has an index to itself or reads what is few. */
export async function readStored(db: Database): Promise<Stored> {
  const [stored] = await db.execute<Stored>(sql`
    with alive as (
      select next_attempt_at <= now() as is_due, coalesce(held_until > now(), false) as is_held,
        extract(epoch from now() - next_attempt_at)::float8 as age
      from revocations where dead_at is null
    )
    select
      count(*) filter (where is_due and not is_held)::int as due,
      count(*) filter (where not is_due and not is_held)::int as waiting,
      count(*) filter (where is_held)::int as held,
      coalesce(max(age) filter (where is_due and not is_held), 0) as "oldestDueAge",
      (select count(*)::int from revocations where dead_at is not null) as dead,
      (select count(*)::int from password_tries where blocked_until > now() and network = '') as "passwordBlocks",
      (select count(*)::int from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock') as "lockWaits",
      exists (select from alarms where name = 'codes not entered' and raised_at > now() - interval '75 minutes')
        as "isCodeAlarmOn",
      exists (select from alarms where name = 'codes sent' and raised_at > now() - interval '75 minutes') as "isSendAlarmOn"
    from alive`)
  if (!stored) throw new Error('an aggregate always has a row')
  return stored
}

const shown = {
  max: ['max', 'Slots for statements: four on each of DATABASE_POOL connections.'],
  inUse: ['in_use', 'Of these, taken: one by a statement, all of a connection by a transaction.'],
  waiting: ['waiting', 'Statements and transactions that wait for a slot.'],
} as const

/** The pool is asked when it's looked at. */
export function showPool(registry: Registry, state: () => Record<keyof typeof shown, number>): void {
  for (const key of ['max', 'inUse', 'waiting'] as const) {
    const [name, help] = shown[key]
    new Gauge({
      name: `swob_database_pool_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(state()[key])
      },
    })
  }
}

/** What /readyz answers, check by check. */
export function showReadiness(
  registry: Registry,
  check: () => Promise<Readonly<Record<string, 'ok' | 'failing'>>>,
): () => Promise<void> {
  const ready = new Gauge({
    name: 'swob_ready',
    help: 'Whether requests should be sent here, by check as in /readyz: 1 or 0.',
    labelNames: ['check'],
    registers: [registry],
  })
  return throttle(async () => {
    for (const [name, found] of Object.entries(await check())) ready.set({ check: name }, Number(found === 'ok'))
  })
}

const freshMilliseconds = 10_000

/** Does `work` at most every ten seconds, however often and by however many it's asked for; meanwhile its last result stands. */
export function throttle(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  let begun = Number.NEGATIVE_INFINITY
  return () => {
    if (!done || performance.now() - begun > freshMilliseconds) {
      begun = performance.now()
      done = work()
    }
    return done
  }
}
