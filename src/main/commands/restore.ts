import { parseArgs } from 'node:util'
import { createBlindIndex } from '../../crypto/blind-index.ts'
import { createSeal } from '../../crypto/seal.ts'
import { openSingleClient } from '../../postgres/client/open-client.ts'
import { checkBackup } from '../../server/backup/check-backup.ts'
import { restoreBackup } from '../../server/backup/restore-backup.ts'
import { runWithSettings } from '../../server/command/run-command.ts'
import { keyRingOf } from '../../server/key-ring-of.ts'
import { migrationsFolder } from '../../server/paths.ts'

/**
 * `npm run restore -- <file>`: into an empty database, or into a new one of the server's own. Whether the file is whole and the keys are the right ones
 * is known before anything is written.
 */
await runWithSettings(async ({ config, openDatabase, print, closers }) => {
  const [path] = parseArgs({ allowPositionals: true }).positionals
  if (!path) throw new Error('missing argument: the file to restore')
  const keyRing = keyRingOf(config, { create: false })
  const { header, rows } = await checkBackup({ seal: createSeal(keyRing), blindIndex: createBlindIndex(keyRing) }, path)
  const databaseUrl = await openDatabase({ create: true })
  const sql = openSingleClient(databaseUrl)
  closers.push(() => sql.end({ timeout: 1 }))
  const since = await restoreBackup(sql, { path, header, migrationsFolder })
  print(
    `Restored ${rows} rows from ${header.createdAt}; applied ${since} newer migrations. SECRET_KEYS can decrypt them.`,
  )
  return 0
})
