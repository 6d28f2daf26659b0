import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { ConfigError } from '../config/config.ts'

export type SettingsFile = { path: string; names: readonly string[] }

/**
 * Reads the file that ENV_FILE names, or `.env` in the working directory, into the environment; what is set there already stays. The same for the
 * server and for every command, so that both have the same settings.
 */
export function loadSettingsFile(env: NodeJS.ProcessEnv = process.env): SettingsFile | undefined {
  const named = env.ENV_FILE?.trim()
  const path = named || '.env'
  const text = readText(path, named !== undefined)
  if (text === undefined) return undefined
  // What Windows calls "Unicode" has one for each letter.
  if (text.includes('\0')) throw new ConfigError([`${path} is not UTF-8; save it as UTF-8`])
  const values = parseEnv(text.replace(/^\uFEFF/, ''))
  for (const [name, value] of Object.entries(values)) env[name] ??= value
  return { path, names: Object.keys(values).sort() }
}

function readText(path: string, mustExist: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' && !mustExist) return undefined
    throw new ConfigError([`${mustExist ? 'ENV_FILE names a file that' : '.env'} can't be read (${code}): ${path}`])
  }
}
