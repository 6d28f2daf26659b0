import { type SQL, sql } from 'drizzle-orm'
import { prepared } from '../db/prepared.ts'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { countHash, hashNetwork, returnHash, tooManyHashes } from './claim-hash.ts'
import { countedNetwork } from './counted-network.ts'
import { knownNetworkDays } from './known-network.ts'

/** A counted try. */
export type PasswordTry = {
  subject: string
  /** Hashed, bound to the subject; empty where the client's network isn't known. */
  network: string
  /** What the hash is counted under. */
  hashNetwork: string
  /** The subject is blocked for so long: the answer to a wrong password, and to a right one unless it comes from a known network. */
  blockedSeconds?: number
  isNetworkKnown: boolean
}

type Needed = Pick<Services, 'db' | 'settings' | 'index' | 'request'>

/**
 * Counts a password try before the password is looked at, for the subject, for its network, and for all that its network makes us hash. The last
 * try of a round starts its block at once, so that parallel guesses can't pass it. A count left alone for as long as the long block begins anew.
 *
 * Refuses while the network is blocked. While only the subject is, the password must still be checked, whoever asks: that no stranger can keep
 * the owner out, and that the time of the answer doesn't tell from which networks the owner comes.
 */
export async function claimPasswordTry(services: Needed, subject: string): Promise<PasswordTry> {
  const { db, index, settings } = services
  const seen = countedNetwork(services)
  const claim: PasswordTry = {
    subject,
    network: seen ? await index.of('network', `${subject} ${seen}`) : '',
    hashNetwork: await hashNetwork(services),
    isNetworkKnown: false,
  }
  const [counted] = await (seen ? countTries : countTriesOfAnyNetwork)(db, { ...settings.logins, ...claim })
  const block = counted?.subject ? undefined : await passBlock(services, claim, counted?.network ?? false)
  const tried = { ...claim, ...block }
  if (counted?.hash) return tried
  await returnPasswordTry(services, { ...tried, hashNetwork: '' })
  throw await tooManyHashes(services, tried.hashNetwork)
}

/** What a try under a subject's block may still do. Refuses one whose network is unknown or blocked too. */
async function passBlock({ db, settings }: Needed, { subject, network }: PasswordTry, isNetworkCounted: boolean) {
  const [block] = await db.execute<{ seconds: number; known: boolean }>(sql`
    with known as (
      select from password_tries
      where subject = ${subject} and network = ${network} and network <> ''
        and entered_at > now() - make_interval(days => ${knownNetworkDays}) and ${isNetworkCounted}::boolean
    ), passing as (${countTry({ ...settings.logins, subject }, passing, sql`where exists (select from known)`)})
    select coalesce(ceil(extract(epoch from max(blocked_until) - now())), 1)::int as seconds,
      exists (select from passing) as known
    from password_tries where subject = ${subject} and network in ('', ${network}) and blocked_until > now()`)
  const blockedSeconds = Math.max(1, block?.seconds ?? 1)
  if (!network || !isNetworkCounted) throw tooManyTries(blockedSeconds)
  return { blockedSeconds, isNetworkKnown: block?.known ?? false }
}

export const tooManyTries = (retryAfterSeconds: number) =>
  new RefusedError('too_many_requests', 'too many wrong passwords', { retryAfterSeconds })

/** Where tries that pass the subject's block are counted: the ceiling over all known networks. */
const passing = 'known'

/** Values, or placeholders of a prepared statement. */
type Count = Record<'subject' | 'tries' | 'block' | 'blocks' | 'longBlock' | 'ceiling', unknown>

/** Adds one to a count unless it is blocked; its one row says that it did. */
function countTry(count: Count, network: unknown, condition: SQL = sql``): SQL {
  const { subject, block, longBlock } = count
  const limit = sql`${network === passing ? count.ceiling : count.tries}::int`
  const longFrom = sql`${network === passing ? 1 : count.blocks}::int`
  return sql`
    insert into password_tries as counted (subject, network, tries, blocks, blocked_until)
    select ${subject}::text, ${network}::text, 1, (1 >= ${limit})::int,
      case when 1 >= ${limit} then
        now() + make_interval(secs => case when 1 >= ${longFrom} then ${longBlock}::int else ${block}::int end) end
    ${condition}
    on conflict (subject, network) do update set (tries, blocks, blocked_until, last_tried_at) = (
      select next.tries, next.blocks,
        case when next.tries >= ${limit} then
          now() + make_interval(secs => case when next.blocks >= ${longFrom} then ${longBlock}::int else ${block}::int end) end,
        now()
      from (
        select tried.tries, past.blocks + (tried.tries >= ${limit})::int as blocks
        from (
          select counted.last_tried_at < now() - make_interval(secs => ${longBlock}::int) as forgotten
        ) as age,
        lateral (select case when age.forgotten then 0 else counted.blocks end as blocks) as past,
        lateral (
          select case when age.forgotten or counted.blocked_until is not null then 1 else counted.tries + 1 end as tries
        ) as tried
      ) as next
    )
    where counted.blocked_until is null or counted.blocked_until <= now()
    returning true`
}

const { placeholder: given } = sql

const count: Count & Record<'networkTries', unknown> = {
  subject: given('subject'),
  tries: given('tries'),
  block: given('block'),
  blocks: given('blocks'),
  longBlock: given('longBlock'),
  ceiling: given('ceiling'),
  networkTries: given('networkTries'),
}

/** What was counted. */
type Counted = { network: boolean; subject: boolean; hash: boolean }

/**
 * All in one statement, locked in this order (that is what the comparisons with 0, which always hold, are for); the hash last, whose count all
 * clients of a network share.
 */
const countAll = (own: SQL, hash: (condition: SQL) => SQL) =>
  prepared<Counted>(sql`
    with own as (${own}),
      all_networks as (${countTry(count, '', sql`where exists (select from own)`)}),
      hash as (${hash(sql`where exists (select from own) and (select count(*) from all_networks) >= 0`)})
    select exists (select from own) as network, exists (select from all_networks) as subject,
      exists (select from hash) as hash`)

const countTries = countAll(countTry(count, given('network')), (condition) =>
  countHash({ ...count, network: given('hashNetwork') }, condition),
)

const countTriesOfAnyNetwork = countAll(sql`select true`, () => sql`select true`)

/** Takes a try back whose password couldn't be looked at. */
export async function returnPasswordTry({ db }: Pick<Services, 'db'>, tried: PasswordTry): Promise<void> {
  const counts = [
    ...(tried.network ? [tried.network] : []),
    ...(tried.blockedSeconds ? [] : ['']),
    ...(tried.isNetworkKnown ? [passing] : []),
  ]
  // Locked in the order in which a try counts: the network, then the rest.
  await db.execute(sql`
    with counted as (
      select subject, network from password_tries where subject = ${tried.subject} and network in ${counts} and tries > 0
      order by network in ('', ${passing}) for update
    ), returned as (
      update password_tries set tries = tries - 1, blocks = blocks - (blocked_until is not null)::int, blocked_until = null
      from counted where password_tries.subject = counted.subject and password_tries.network = counted.network
      returning true
    )
    ${returnHash(tried.hashNetwork, sql`(select count(*) from returned) >= 0`)}`)
}

/**
 * What a right password does, as parts of a statement in which `owner` is the user's row, if the user still is: it clears the counts that it was
 * tried under, and makes its network known.
 */
export function passTry({ subject, network, hashNetwork, blockedSeconds }: PasswordTry): SQL {
  // From a known network during a block, others' tries stay counted: the owner's coming and going gives nobody more guesses.
  const countedUnder = blockedSeconds ? passing : ''
  return sql`
    entered as (
      update password_tries set tries = 0, blocks = 0, blocked_until = null, entered_at = now()
      from owner where subject = ${subject} and network = ${network || null}
      returning true
    ), cleared as (
      delete from password_tries using owner
      where subject = ${subject} and network = ${countedUnder} and (select count(*) from entered) >= 0
      returning true
    ), returned as (
      ${returnHash(hashNetwork, sql`exists (select from owner) and (select count(*) from cleared) >= 0`)}
    )`
}

type Passed = { tried: PasswordTry; userId: string; passwordHash: string }

/** By itself, if the password is still the user's. */
export async function passPasswordTry({ db }: Pick<Services, 'db'>, passed: Passed): Promise<boolean> {
  // Locked against a change of the password, which afterwards clears what is made known here.
  const [owner] = await db.execute(sql`
    with owner as materialized (
      select id from users where id = ${passed.userId} and password_hash = ${passed.passwordHash} for share
    ), ${passTry(passed.tried)}
    select from owner`)
  return owner !== undefined
}
