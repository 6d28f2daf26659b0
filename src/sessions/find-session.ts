import { sql } from 'drizzle-orm'
import { sha256 } from '../crypto/sha256.ts'
import { prepared } from '../postgres/database.ts'
import type { Services } from '../services.ts'
import type { Session } from './session.ts'
import { hashSessionToken, isSessionToken, joinUser } from './session.ts'

/** A session is renewed when a tenth of its age has passed since it last was: reads stay reads. */
const renewalShare = 0.9

type Presented = { token: string; userAgent: string }

/**
 * The live session behind a token, and what its user's pages show: one statement. Renews it when due. With HIDE_ACCOUNTS a recovery that nobody has
 * proved goes on when its account's sessions are ended, or the account no longer exists: as that of a number without an account.
 */
export async function findSession(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  { token, userAgent }: Presented,
): Promise<Session | undefined> {
  if (!isSessionToken(token)) return undefined
  const { maxAge, absoluteAge, bindUserAgent } = settings.sessions
  const [idHash, userAgentHash] = [hashSessionToken(token), sha256(userAgent)]
  const [row] = await findRow(db, {
    idHash,
    userAgentHash,
    bindUserAgent,
    maxAge,
    absoluteAge,
    hideAccounts: settings.hideAccounts,
    renewedBelow: maxAge * renewalShare,
  })
  return row && toSession(idHash, row)
}

type SessionRow = {
  user_id: string
  account_id: string | null
  purpose: Session['purpose']
  phone_number_index: string | null
  verified: boolean
  solved_captcha: boolean
  renewed: boolean
  created_at: number | null
  previous_login_at: number | null
  platforms: string[]
}

const { placeholder: param } = sql

const findRow = prepared<SessionRow>(sql`
  with found as (
    select sessions.*, users.id as live_account_id, users.created_at as joined_at, users.previous_login_at
    from sessions ${joinUser}
    where id_hash = ${param('idHash')} and expires_at > now()
      and sessions.created_at > now() - make_interval(secs => ${param('absoluteAge')})
      and (user_agent_hash = ${param('userAgentHash')} or not ${param('bindUserAgent')})
      and (users.id is not null or purpose = 'signup'
        or (${param('hideAccounts')} and purpose = 'recovery' and verified_at is null))
  ), renewed as (
    update sessions set expires_at = now() + make_interval(secs => ${param('maxAge')})
    from found
    where sessions.id_hash = found.id_hash and sessions.expires_at < now() + make_interval(secs => ${param('renewedBelow')})
    returning true as renewed
  )
  select user_id, live_account_id as account_id, purpose, phone_number_index, verified_at is not null as verified,
    coalesce(solved_captcha, false) as solved_captcha,
    coalesce((select renewed from renewed), false) as renewed,
    extract(epoch from joined_at)::float8 as created_at,
    extract(epoch from previous_login_at)::float8 as previous_login_at,
    array(select platform from grants where grants.user_id = found.user_id) as platforms
  from found`)

const toSession = (idHash: string, row: SessionRow): Session => ({
  idHash,
  userId: row.user_id,
  purpose: row.purpose,
  phoneNumberIndex: row.phone_number_index,
  verified: row.verified,
  solvedCaptcha: row.solved_captcha,
  renewed: row.renewed,
  user:
    row.created_at === null || row.account_id === null
      ? null
      : {
          id: row.account_id,
          createdAt: new Date(row.created_at * 1000),
          previousLoginAt: row.previous_login_at === null ? null : new Date(row.previous_login_at * 1000),
          platforms: row.platforms,
        },
})
