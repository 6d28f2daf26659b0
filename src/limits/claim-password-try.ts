import { type SQL, sql } from 'drizzle-orm'
import { RefusedError } from '../errors.ts'
import { prepared } from '../postgres/database.ts'
import type { Services } from '../services.ts'
import { type Count, isSpent, returnCount, returnCountCtes } from './claim-count.ts'
import type { NetworkTry } from './claim-network-try.ts'
import { countedNetwork, isKnownNetwork, knownNetworkHash } from './networks.ts'

/** What tries are counted by: a keyed hash, and the place of its key in the ring. */
export type Subject = { hash: string; key: number }

/** Whom a password is tried for. */
export type Target = { subject: Subject; userId: string | undefined }

/** A password try that was counted, or refused, before the password is looked at. */
export type PasswordTry = {
  subject: string
  /** Its network, hashed with the subject. */
  network: string
  /** Whether it counts there: for the subject as tried from its network, and from anywhere. */
  counted: { network: boolean; subject: boolean }
  /** A use of another limit, which a right password gives back. */
  use?: Count
  /** A limit is spent. This answers a wrong password, and a right one unless it passes. */
  refusal?: RefusedError
  /** A right password passes, from a network where its user signed in lately, as long as this count isn't full. */
  ceiling?: Count
  /** False: the password needn't be looked at, since a right one couldn't pass. */
  isLookedAt: boolean
  /** By the time of the answer nobody may see whether it was looked at. */
  hidesTime?: boolean
}

type Needed = Pick<Services, 'db' | 'settings' | 'blindIndex' | 'request'>

type Claimed = { network_counted: boolean; subject_counted: boolean; seconds: number | null }

const { placeholder: param } = sql

/** The migration password_try_functions says what becomes of the rows. */
const claim = prepared<Claimed>(sql`
  select * from claim_password_try(${param('subject')}, ${param('network')}, ${param('tries')}, ${param('block')},
    ${param('blocks')}, ${param('longBlock')})`)

/**
 * Counts a password try that its network may still make, for the subject. The last try of a round starts the block at once, so that parallel
 * guesses can't pass it. While the subject is blocked the password is still looked at, whoever asks, until its network is blocked for that subject
 * too: no stranger locks the user out, and response times don't tell which networks the user signs in from.
 */
export async function claimPasswordTry(services: Needed, target: Target, claimed: NetworkTry): Promise<PasswordTry> {
  if (claimed.refusal) return claimPastNetworkLimit(services, target, claimed.refusal)
  const tried = await countTry(services, target)
  const refusal = tried.counted.subject ? {} : { refusal: tooManyTries(tried.seconds) }
  if (tried.counted.subject || !tried.counted.network)
    return { ...tried, use: claimed.count, ...refusal, isLookedAt: tried.counted.subject }
  const isKnown = await isKnownNetwork(services, target.userId)
  return { ...tried, use: claimed.count, ...refusal, ...(isKnown && { ceiling: ceilingOf(target) }), isLookedAt: true }
}

/** The same for somebody who is signed in: it counts for the subject, but what others tried keeps nobody from ending what is theirs. */
export async function claimSessionPasswordTry(services: Needed, target: Target, use: Count): Promise<PasswordTry> {
  return { ...(await countTry(services, target)), use, isLookedAt: true }
}

/** Nothing is counted that could be seen from elsewhere, or after the network may try again: only the ceiling, where a right password could pass. */
async function claimPastNetworkLimit(services: Needed, target: Target, refusal: RefusedError): Promise<PasswordTry> {
  const ceiling = ceilingOf(target)
  const [isKnown, isFull] = await Promise.all([
    isKnownNetwork(services, target.userId),
    isSpent(services, ceiling, ceilingQuota(services)),
  ])
  const isLookedAt = isKnown && !isFull
  const counted = { network: false, subject: false }
  return {
    subject: target.subject.hash,
    network: '',
    counted,
    refusal,
    isLookedAt,
    hidesTime: true,
    ...(isLookedAt && { ceiling }),
  }
}

async function countTry(services: Needed, { subject }: Target) {
  const { db, settings } = services
  const network = await ownNetwork(services, subject)
  const [row] = await claim(db, { ...settings.logins, subject: subject.hash, network })
  const counted = { network: row?.network_counted ?? false, subject: row?.subject_counted ?? false }
  return { subject: subject.hash, network, counted, seconds: Math.max(1, row?.seconds ?? 1) }
}

/** Under the subject's own key: a new one begins no count anew. */
async function ownNetwork(services: Pick<Services, 'blindIndex' | 'request'>, { hash, key }: Subject): Promise<string> {
  const hashes = await services.blindIndex.all('network', `${hash} ${countedNetwork(services) ?? ''}`)
  return hashes[key] ?? ''
}

const ceilingOf = ({ subject }: Target): Count => ({ name: 'passwords past a block', key: subject.hash })

export const ceilingQuota = ({ settings }: Pick<Services, 'settings'>) => ({
  hourly: settings.logins.ceiling,
  daily: settings.logins.ceiling,
})

const tooManyTries = (retryAfterSeconds: number) =>
  new RefusedError('too_many_requests', 'too many wrong passwords', { retryAfterSeconds })

/** Takes a try back that came to nothing: its password couldn't be looked at, or needn't be. */
export async function returnPasswordTry(services: Pick<Services, 'db' | 'settings'>, tried: PasswordTry) {
  if (tried.counted.network) await services.db.execute(sql`select ${returned(services, tried, false)}`)
  if (tried.use) await returnCount(services, tried.use)
}

/**
 * What a right password does, as parts of a statement in which `account` is the user's row, if the user still is; the statement must read `passed`, which
 * then has a row. It takes back what its network had tried for this number, and makes the network known.
 */
export async function settlementCtes(services: Needed, tried: PasswordTry, userId: string): Promise<SQL> {
  const network = await knownNetworkHash(services, userId)
  const parts = [
    sql`passed as (select ${tried.counted.network ? returned(services, tried, true) : sql``} from account)`,
  ]
  if (network) parts.push(knownNetworkCte(network))
  if (tried.use) parts.push(returnCountCtes(tried.use, sql`from account`))
  return sql.join(parts, sql`, `)
}

/** What a right password does to the counts, for a user who proved who they are without one. */
export async function returnPasswordTries(services: Needed, subject: Subject): Promise<void> {
  const counted = { network: true, subject: false }
  const own = { subject: subject.hash, network: await ownNetwork(services, subject), counted, isLookedAt: true }
  await services.db.execute(sql`select ${returned(services, own, true)}`)
}

/** Written once an hour: who signs in all the time changes a row less. */
const knownNetworkCte = (network: string) => sql`
  entered as (
    insert into password_tries as known (subject, network, tries, entered_at)
    select account.id::text, ${network}, 0, now() from account
    on conflict (subject, network) do update set entered_at = now()
    where known.entered_at is null or known.entered_at < now() - interval '1 hour'
  )`

const returned = ({ settings }: Pick<Services, 'settings'>, { subject, network, counted }: PasswordTry, all: boolean) =>
  sql`return_password_tries(${subject}, ${network}, ${counted.subject}::boolean, ${settings.logins.tries}::int, ${all}::boolean)`
