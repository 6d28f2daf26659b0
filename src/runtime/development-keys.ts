import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Development's SECRET_KEYS: made once and kept beside the data, so that what was sealed yesterday opens today. */
export function developmentKeys(folder: string): string {
  const file = join(folder, 'secret-keys')
  mkdirSync(folder, { recursive: true })
  try {
    writeFileSync(file, newKey(), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}

/** One entry of SECRET_KEYS under an id of its own. */
export const newKey = (): string => `${randomBytes(3).toString('hex')}:${randomBytes(32).toString('base64')}`
