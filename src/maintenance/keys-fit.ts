import { sql } from 'drizzle-orm'
import type { SealContext } from '../crypto/seal.ts'
import { sealContexts } from '../crypto/seal-contexts.ts'
import type { Services } from '../services.ts'

/** So many values of a table are tried: some may be damaged, or of a key that was lost, and everybody else still be served. */
const sample = 20
/** While the keys don't fit: not with each request that is refused. */
const recheckMilliseconds = 5000

type Row = { kind: 'users' | 'signups' | 'revocations'; id: string; user_id: string; sealed: string }

/** Whether SECRET_KEYS opens any of what is stored, or there is nothing yet. It's noted for `keysFit`, and told when it changes. */
export async function recheckKeys(
  services: Pick<Services, 'db' | 'seal'> & Partial<Pick<Services, 'keyState' | 'log'>>,
): Promise<boolean> {
  const { db, seal, keyState, log } = services
  if (keyState) keyState.askedAt = performance.now()
  const rows = await db.execute<Row>(sql`
    (select 'users' as kind, id, id as user_id, phone_number_sealed as sealed from users order by id limit ${sample})
    union all (select 'signups', id, id, phone_number_sealed from signups order by id limit ${sample})
    union all (select 'revocations', id, user_id, grant_sealed from revocations order by id limit ${sample})`)
  const users = rows.filter(({ kind }) => kind === 'users')
  const opened = await Promise.all((users.length > 0 ? users : rows).map((row) => opens(seal, row)))
  const fit = opened.length === 0 || opened.includes(true)
  if (!keyState) return fit
  if (!fit && keyState.fit !== false)
    log?.error(
      'SECRET_KEYS cannot decrypt stored data: nothing is written until it can. Set the keys that belong to this database, then run `npm run keys:check`.',
    )
  if (fit && keyState.fit === false) log?.info('SECRET_KEYS decrypts stored data again')
  keyState.fit = fit
  return fit
}

/**
 * Whether anything may be written: with wrong keys it would be sealed and hashed so that nobody finds it again. Asks the database only until it has
 * once said yes; from then on readiness and jobs notice a change.
 */
export function canDecryptStoredData(
  services: Pick<Services, 'db' | 'seal' | 'keyState' | 'log'>,
): true | Promise<boolean> {
  const { keyState } = services
  if (keyState.fit === true) return true
  const isRecent = performance.now() - keyState.askedAt < recheckMilliseconds
  if (keyState.fit === false && isRecent) return Promise.resolve(false)
  return recheckKeys(services)
}

const contextOf = ({ kind, id, user_id: userId }: Row): SealContext =>
  kind === 'revocations' ? sealContexts.grant({ id, userId }) : sealContexts.phoneNumber(id)

const opens = (seal: Services['seal'], row: Row) =>
  seal.open(row.sealed, contextOf(row)).then(
    () => true,
    () => false,
  )
