import { migrateDatabase } from '../../postgres/migrate/migrate-database.ts'
import { runWithDatabase } from '../../server/command/run-command.ts'
import { migrationsFolder } from '../../server/paths.ts'

/** `npm run db:migrate`: for deployments that can't migrate when they start (Workers). */
await runWithDatabase(async ({ databaseUrl }) => {
  await migrateDatabase(databaseUrl, migrationsFolder)
  return 0
})
