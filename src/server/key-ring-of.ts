import { resolve } from 'node:path'
import { type Config, readConfig } from '../config/config.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { developmentKeys } from './development-keys.ts'

/** SECRET_KEYS, or development's own; `create: false` if they must be there. */
export function keyRingOf(config: Config, { create }: { create: boolean } = { create: true }): KeyRing {
  const keys =
    config.secretKeys ?? readConfig({ SECRET_KEYS: developmentKeys(resolve(config.dataFolder), create) }).secretKeys
  const [newest, ...older] = keys ?? []
  if (!newest) throw new Error('the key ring is empty')
  return [newest, ...older]
}
