import { fileURLToPath } from 'node:url'
import { migrateDatabase } from './migrate-database.ts'

/** `npm run db:migrate`: for deployments that can't migrate when they start (Workers). */
const { DATABASE_URL } = process.env
if (DATABASE_URL) await migrateDatabase(DATABASE_URL, fileURLToPath(new URL('../../drizzle', import.meta.url)))
else {
  process.stderr.write('DATABASE_URL must be set: the database to migrate\n')
  process.exitCode = 1
}
