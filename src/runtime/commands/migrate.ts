import { existsSync, readFileSync } from 'node:fs'
import { createRedactor } from '../../config/redact.ts'
import { readConfig } from '../../config.ts'
import { migrateDatabase } from '../database/migrate-database.ts'
import { migrationsFolder } from '../places.ts'

/** `npm run db:migrate`: for deployments that can't migrate when they start (Workers). */
let redact = createRedactor([])
try {
  if (existsSync('.env')) process.loadEnvFile?.('.env')
  const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
  redact = createRedactor(config.secrets)
  const { databaseUrl } = config
  if (!databaseUrl) throw new Error('DATABASE_URL must be set: the database to migrate')
  await migrateDatabase(databaseUrl, migrationsFolder)
} catch (error) {
  process.stderr.write(`${redact(error instanceof Error ? error.message : String(error))}\n`)
  process.exitCode = 1
}
