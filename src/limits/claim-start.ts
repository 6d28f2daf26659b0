import { sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import type { Database } from '../postgres/database.ts'
import { inTransaction, lockHashes } from '../postgres/database.ts'
import type { Quota, Services } from '../services.ts'
import { type Count, claimCount, returnCount } from './claim-count.ts'
import { claimWait, returnWait, type WaitClaim, waitLeft } from './claim-wait.ts'
import { countedNetwork } from './networks.ts'

type Needed = Pick<Services, 'db' | 'settings' | 'blindIndex' | 'request'>

/** Whom a limit is counted for, in the order in which they are asked: everybody's row, which all want, is held the shortest. */
type Quotas = Readonly<Record<'user' | 'network' | 'everybody', Quota>>

/** Counts a connection that a user begins, before anything is asked of the platform or stored for it. */
export async function claimStart(services: Needed, { userId }: { userId: string }): Promise<void> {
  const counts = await countsOf(services, 'platform_starts', userId, services.settings.connections.starts)
  await services.db.transaction((tx) => claimAll(tx, counts))
}

/** A code that a platform may be asked to send. */
export type PlatformCodeClaim = { wait: WaitClaim; counts: readonly Count[] }

type PlatformCode = { userId: string; phoneNumber: string }

/**
 * Claims the right to have a platform (Telegram) send its own code to a number, which may be anybody's: the number must have waited, whoever asks;
 * a user has few numbers a day, and so many codes. A user counts by the number of the account, so that an account made anew begins with the same
 * counts. What is refused counts nowhere.
 */
export async function claimPlatformCode(
  services: Needed,
  { userId, phoneNumber }: PlatformCode,
): Promise<PlatformCodeClaim> {
  const { db, blindIndex, settings } = services
  const { waits, numbersDaily, ...quotas } = settings.connections.codes
  const hashes = await blindIndex.all('phone number', phoneNumber)
  const target = { kind: 'telegram', hashes } as const
  const [user] = await db.execute<{ number: string }>(
    sql`select phone_number_index as number from users where id = ${userId}`,
  )
  if (!user) throw new RefusedError('unauthorized', 'the account no longer exists')
  const subject = await subjectOf(services, user.number)
  const counts = await countsOf(services, 'platform_codes', user.number, quotas)
  return inTransaction(services, async (within) => {
    const wait = await claimWait(within, target, waits)
    if (!wait) {
      const retryAfterSeconds = Math.max(1, await waitLeft(within, target))
      throw new RefusedError('too_many_requests', 'a code was sent to this number recently', {
        retryAfterSeconds,
      })
    }
    const numbers = await claimNumber(within.db, { subject, hashes, daily: numbersDaily })
    await claimAll(within.db, counts)
    return { wait, counts: [...numbers, ...counts.map(({ count }) => count)] }
  })
}

/** Gives a claim back when the platform could not be reached. */
export async function returnPlatformCode(
  services: Pick<Services, 'db'>,
  { wait, counts }: PlatformCodeClaim,
): Promise<void> {
  await returnWait(services, wait)
  for (const count of counts) await returnCount(services, count)
}

/** Counts one number more of a user's day; none, if it is one that the day knows. The answer is what was counted. */
async function claimNumber(
  tx: Database,
  { subject, hashes, daily }: { subject: string; hashes: readonly string[]; daily: number },
): Promise<Count[]> {
  await lockHashes(tx, [subject])
  const keys = hashes.map((hash) => `${subject} ${hash}`)
  const known = await tx.execute(sql`
    select from limit_counts where name = 'platform_number' and key in ${keys} and day_ends_at > now()`)
  if (known.length > 0) return []
  const counts = [
    { name: 'platform_numbers', key: subject },
    { name: 'platform_number', key: keys[0] ?? '' },
  ]
  await claimAll(
    tx,
    counts.map((count) => ({ count, quota: { hourly: daily, daily } })),
  )
  return counts
}

/** Counts outlive an account by a day: whose they are mustn't be told by them. */
const subjectOf = ({ blindIndex }: Pick<Services, 'blindIndex'>, user: string) =>
  blindIndex.of('decoy', `connections ${user}`)

async function countsOf(services: Needed, name: string, user: string, quotas: Quotas) {
  const network = countedNetwork(services)
  return [
    { count: { name, key: await subjectOf(services, user) }, quota: quotas.user },
    ...(network
      ? [{ count: { name, key: await services.blindIndex.of('network', network) }, quota: quotas.network }]
      : []),
    { count: { name, key: '' }, quota: quotas.everybody },
  ]
}

async function claimAll(tx: Database, counts: readonly { count: Count; quota: Quota }[]): Promise<void> {
  for (const { count, quota } of counts) {
    const retryAfterSeconds = await claimCount({ db: tx }, count, quota)
    // Takes back those before it: the transaction ends.
    if (retryAfterSeconds > 0)
      throw new RefusedError('too_many_requests', 'too many connections were started', { retryAfterSeconds })
  }
}
