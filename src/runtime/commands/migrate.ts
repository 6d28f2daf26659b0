import { existsSync, readFileSync } from 'node:fs'
import { readConfig } from '../../config.ts'
import { migrateDatabase } from '../database/migrate-database.ts'
import { migrationsFolder } from '../places.ts'

/** `npm run db:migrate`: for deployments that can't migrate when they start (Workers). */
try {
  if (existsSync('.env')) process.loadEnvFile?.('.env')
  const { databaseUrl } = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
  if (!databaseUrl) throw new Error('DATABASE_URL must be set: the database to migrate')
  await migrateDatabase(databaseUrl, migrationsFolder)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
