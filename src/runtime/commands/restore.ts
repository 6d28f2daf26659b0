import { parseArgs } from 'node:util'
import { createBlindIndex } from '../../crypto/blind-index.ts'
import { createSeal } from '../../crypto/seal.ts'
import { checkBackup } from '../backup/check-backup.ts'
import { restoreBackup } from '../backup/restore-backup.ts'
import { openSingleClient } from '../database/open-client.ts'
import { keyRingOf } from '../key-ring-of.ts'
import { migrationsFolder } from '../places.ts'
import { runWithSettings } from '../run-command.ts'

/**
 * `npm run restore -- <file>`: into an empty database, or into a new one of the server's own. Whether the file is whole and the keys are the right ones
 * is known before anything is written.
 */
await runWithSettings(async ({ config, openDatabase, print, closers }) => {
  const [path] = parseArgs({ allowPositionals: true }).positionals
  if (!path) throw new Error('name the file to restore')
  const keyRing = keyRingOf(config, { create: false })
  const { header, rows } = await checkBackup({ seal: createSeal(keyRing), index: createBlindIndex(keyRing) }, path)
  const databaseUrl = await openDatabase({ create: true })
  const sql = openSingleClient(databaseUrl)
  closers.push(() => sql.end({ timeout: 1 }))
  const since = await restoreBackup(sql, { path, header, migrationsFolder })
  print(
    `${rows} rows restored, as they were at ${header.createdAt}. Migrations since then: ${since}. The keys open them.`,
  )
  return 0
})
