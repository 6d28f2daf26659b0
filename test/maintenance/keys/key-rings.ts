import { createBlindIndex } from '../../../src/crypto/blind-index.ts'
import type { KeyRing, RingKey } from '../../../src/crypto/key-ring.ts'
import { createSeal } from '../../../src/crypto/seal.ts'
import type { World } from '../../support/world.ts'

export const newRingKey = (id: string): RingKey => ({ id, bytes: crypto.getRandomValues(new Uint8Array(32)) })

/** As a restart with other SECRET_KEYS. */
export function useKeys({ services }: Pick<World, 'services'>, ...ring: [RingKey, ...RingKey[]]): void {
  Object.assign(services, withKeys(ring))
}

export const withKeys = (ring: KeyRing) =>
  ({ seal: createSeal(ring), blindIndex: createBlindIndex(ring) }) satisfies Partial<World['services']>

/** A key as SECRET_KEYS has it. */
export const written = ({ id, bytes }: RingKey): string => `${id}:${Buffer.from(bytes).toString('base64')}`
