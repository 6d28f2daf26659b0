import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Config, ConfigError, readConfig } from '../config/config.ts'
import type { KeyRing } from '../crypto/key-ring.ts'

/** SECRET_KEYS, or development's own; `create: false` if they must be there. */
export function keyRingOf(config: Config, { create }: { create: boolean } = { create: true }): KeyRing {
  const keys =
    config.secretKeys ?? readConfig({ SECRET_KEYS: developmentKeys(resolve(config.dataFolder), create) }).secretKeys
  const [newest, ...older] = keys ?? []
  if (!newest) throw new Error('the key ring is empty')
  return [newest, ...older]
}

/** Development's SECRET_KEYS: made once and kept beside the data, so that what was sealed yesterday opens today. */
export function developmentKeys(folder: string, create: boolean): string {
  const file = join(folder, 'secret-keys')
  if (!create) return readKeys(file)
  mkdirSync(folder, { recursive: true })
  try {
    writeFileSync(file, newKey(), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return readFileSync(file, 'utf8').trim()
}

function readKeys(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    throw new ConfigError([`SECRET_KEYS must be set as on the server; there is no development key in ${file} either`])
  }
}

/** One entry of SECRET_KEYS under an id of its own. */
export const newKey = (): string => `${randomBytes(3).toString('hex')}:${randomBytes(32).toString('base64')}`
