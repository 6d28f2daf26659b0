import { migrateDatabase } from '../database/migrate-database.ts'
import { migrationsFolder } from '../places.ts'
import { runWithDatabase } from '../run-command.ts'

/** `npm run db:migrate`: for deployments that can't migrate when they start (Workers). */
await runWithDatabase(async ({ databaseUrl }) => {
  await migrateDatabase(databaseUrl, migrationsFolder)
  return 0
})
