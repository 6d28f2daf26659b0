import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { writeBackup } from '../backup/write-backup.ts'
import { openSingleClient } from '../database/open-client.ts'
import { readVersion } from '../places.ts'
import { runWithDatabase } from '../run-command.ts'

/** `npm run backup -- <file>`: all that the database holds, while the server serves. Without the keys nobody can use it. */
await runWithDatabase(async ({ databaseUrl, print, closers }) => {
  const [path] = parseArgs({ allowPositionals: true }).positionals
  if (!path) throw new Error('name the file to write')
  const sql = openSingleClient(databaseUrl)
  closers.push(() => sql.end({ timeout: 1 }))
  const onDraft = (draft: string) => {
    closers.push(async () => rmSync(draft, { force: true }))
  }
  const { tables, rows } = await writeBackup(sql, { path, version: readVersion(), onDraft })
  print(`${path}: ${rows} rows of ${tables} tables. Keep SECRET_KEYS elsewhere: nothing opens without them.`)
  return 0
})
