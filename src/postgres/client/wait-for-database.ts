import { setTimeout as sleep } from 'node:timers/promises'
import { checkWritable } from '../check-writable.ts'
import type { Database } from '../database.ts'
import { isUnreachable, messageOfRoot, rootOf } from '../errors.ts'
import type { PostgresLog } from '../log.ts'
import type { DatabaseTarget } from '../url/database-target.ts'
import { withDatabaseBudget } from './deadline.ts'

const timeoutMilliseconds = 60_000
const quietMilliseconds = 5000
const attemptTimeoutMilliseconds = 5000
const pollIntervalMilliseconds = 300

type Waiting = { target: DatabaseTarget; log: Pick<PostgresLog, 'info' | 'warn'>; timeout?: number }

/**
 * Resolves when the database takes writes: at boot it may come later than we do, or still be a standby. Throws an Error that says why it can't
 * be used, after a minute, or at once where waiting won't help.
 */
export async function waitForDatabase(
  db: Database,
  { target, log, timeout = timeoutMilliseconds }: Waiting,
): Promise<void> {
  const where = target.hosts.map(({ host, port, socketPath }) => socketPath ?? `${host}:${port}`).join(', ')
  const began = performance.now()
  let isLogged = false
  for (;;) {
    try {
      await withDatabaseBudget(attemptTimeoutMilliseconds, () => checkWritable(db))
      if (isLogged) log.info('the database is available again')
      return
    } catch (error) {
      const reason = messageOfRoot(error)
      if (!mayRecover(error)) throw new Error(`cannot use the database at ${where}: ${reason}`, { cause: error })
      const waited = performance.now() - began
      if (waited > timeout)
        throw new Error(`the database at ${where} was unavailable for ${Math.round(waited / 1000)} s: ${reason}`, {
          cause: error,
        })
      if (waited > quietMilliseconds && !isLogged) {
        isLogged = true
        log.warn('waiting for the database', { at: where, reason, seconds: timeout / 1000 })
      }
    }
    await sleep(pollIntervalMilliseconds)
  }
}

/** What an administrator has to mend: login, name, settings that the server doesn't know, certificates. */
function mayRecover(error: unknown): boolean {
  const root = rootOf(error)
  const code = root instanceof Error && 'code' in root ? String(root.code) : ''
  if (/^(28...|3D000)$|CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ERR_TLS/.test(code)) return false
  if (root instanceof Error && /unsupported startup parameter|not support encrypted connections$/.test(root.message))
    return false
  return isUnreachable(error)
}
