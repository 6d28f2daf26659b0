import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/* Also for the bundle, whose files lie as deep below the project as this one. */

export const migrationsFolder = fileURLToPath(new URL('../../drizzle', import.meta.url))
const manifestFile = fileURLToPath(new URL('../../package.json', import.meta.url))
export const referencePageFolder = fileURLToPath(new URL('../../dist/docs', import.meta.url))

export const readVersion = (): string => JSON.parse(readFileSync(manifestFile, 'utf8')).version
