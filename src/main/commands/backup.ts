import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openSingleClient } from '../../postgres/client/open-client.ts'
import { writeBackup } from '../../server/backup/write-backup.ts'
import { runWithDatabase } from '../../server/command/run-command.ts'
import { readVersion } from '../../server/paths.ts'

/** `npm run backup -- <file>`: all that the database holds, while the server serves. Without the keys nobody can use it. */
await runWithDatabase(async ({ databaseUrl, print, closers }) => {
  const [path] = parseArgs({ allowPositionals: true }).positionals
  if (!path) throw new Error('missing argument: the file to write')
  const sql = openSingleClient(databaseUrl)
  closers.push(() => sql.end({ timeout: 1 }))
  const onDraft = (draft: string) => {
    closers.push(async () => rmSync(draft, { force: true }))
  }
  const { tables, rows } = await writeBackup(sql, { path, version: readVersion(), onDraft })
  print(`${path}: ${rows} rows of ${tables} tables. Store SECRET_KEYS elsewhere; the backup is useless without them.`)
  return 0
})
