import { readConfig } from '../../src/config/config.ts'
import { createPasswords } from '../../src/crypto/passwords.ts'
import { createSeal } from '../../src/crypto/seal.ts'
import { openGrant } from '../../src/vault/grant-row.ts'
import type { FaultWorld } from './fault-world.ts'
import type { Journal, SimulatedUser } from './simulate-users.ts'

/** What the database says of somebody: rows, and what the trail, written with each change, says of them. */
type Found = {
  password_hash: string | null
  sessions: number
  grant: { id: string; userId: string; grantSealed: string } | null
  events: Record<string, number>
}

export type Verdict = { found: number; lost: string[]; halfDone: string[] }

/** Compares everything that was acknowledged with what the database has, and what it has with itself. */
export async function checkUsers(world: FaultWorld, journal: Journal): Promise<Verdict> {
  const [key] = readConfig({ SECRET_KEYS: world.secretKeys }).secretKeys ?? []
  if (!key) throw new Error('no key')
  const services = { seal: createSeal([key]), passwords: createPasswords() }
  const verdict: Verdict = { found: 0, lost: [], halfDone: [] }
  for (const user of journal.users) {
    const found = await find(world, user)
    verdict.lost.push(...(await lostOf(services, user, found)).map((what) => `${user.person.uid}: ${what}`))
    verdict.halfDone.push(...halfDoneOf(found).map((what) => `${user.person.uid}: ${what} (in doubt: ${user.inDoubt})`))
  }
  verdict.halfDone.push(...(await orphans(world)))
  verdict.found = journal.users.length - verdict.lost.length
  return verdict
}

async function find({ sql }: FaultWorld, { person }: SimulatedUser): Promise<Found> {
  const [row] = await sql<Found[]>`
    select (select password_hash from users where id = ${person.uid}) as password_hash,
      (select count(*)::int from sessions where user_id = ${person.uid} and purpose = 'login') as sessions,
      (select json_build_object('id', id, 'userId', user_id, 'grantSealed', grant_sealed) from grants where user_id = ${person.uid}) as grant,
      (select coalesce(json_object_agg(event, count), '{}') from (
        select event, count(*)::int from audit_events where user_id = ${person.uid} and outcome = 'done' group by event
      ) as counts) as events`
  if (!row) throw new Error('no row')
  return row
}

type Tools = Parameters<typeof openGrant>[0] & { passwords: ReturnType<typeof createPasswords> }

async function lostOf(
  { seal, passwords }: Tools,
  user: SimulatedUser,
  { password_hash, grant, events }: Found,
): Promise<string[]> {
  const lost: string[] = []
  const isGone = user.deleted || (user.inDoubt === 'deleteAccount' && !password_hash)
  if (user.made && !isGone && !password_hash) lost.push('the account')
  if (user.deleted && password_hash) lost.push('the deletion')
  if (password_hash) {
    const may = user.inDoubt === 'changePassword' ? [user.password, user.newPassword ?? ''] : [user.password]
    const right = await Promise.all(may.map((password) => passwords.verify(password, password_hash)))
    if (!right.includes(true)) lost.push('the password')
  }
  const isInDoubt = user.inDoubt === 'save' || user.inDoubt === 'revoke'
  const isSaved = user.saves > user.revocations
  if (password_hash && !isInDoubt && isSaved !== (grant !== null)) lost.push(isSaved ? 'the grant' : 'the revocation')
  if (grant) await openGrant({ seal }, grant).catch(() => lost.push('the key to the grant'))
  if ((events.login ?? 0) < user.logins) lost.push('the trail of a login')
  return lost
}

/** The trail is written in the transaction of what it tells: they must agree, whatever was answered. */
function halfDoneOf({ password_hash, sessions, grant, events }: Found): string[] {
  const halfDone: string[] = []
  const { signup = 0, account_deletion = 0, grant_save = 0, grant_revocation = 0 } = events
  if (signup - account_deletion !== (password_hash ? 1 : 0)) halfDone.push('the account and its trail')
  if (grant_save - grant_revocation !== (grant ? 1 : 0)) halfDone.push('the grant and its trail')
  if (!password_hash && (sessions > 0 || grant)) halfDone.push('something outlived its account')
  return halfDone
}

async function orphans({ sql }: FaultWorld): Promise<string[]> {
  const rows = await sql<{ what: string }[]>`
    select 'a session without its user: ' || user_id as what from sessions
      where purpose = 'login' and not exists (select from users where users.id = sessions.user_id)
    union all select 'a grant that is also being revoked: ' || id from grants join revocations using (id)
    union all select 'a code without its session: ' || session_id_hash from codes
      where not exists (select from sessions where id_hash = session_id_hash)
    union all select 'a user without a trail: ' || id from users
      where not exists (select from audit_events where user_id = users.id and event = 'signup')`
  return rows.map(({ what }) => what)
}
