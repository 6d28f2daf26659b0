import { Gauge, type Registry } from 'prom-client'
import type { Stored } from './read-stored.ts'
import { throttle } from './throttle.ts'

/**
 * Gauges of what `read` finds in the database. While it can't be asked they aren't shown at all, since an old figure would look like a true
 * one; all others are.
 */
export function showStored(registry: Registry, read: () => Promise<Stored>): () => Promise<void> {
  const gauge = <const Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge<Label>({ name: `swob_${name}`, help, labelNames, registers: [registry] })
  const isUp = gauge('database_up', 'Whether the database answers: 1 or 0.')
  const revocations = gauge('revocations', 'Grants to be ended at their platforms: due, waiting, held, dead.', 'state')
  const plain = {
    oldestDueAge: gauge('revocation_oldest_due_seconds', 'How long the oldest due revocation has been due.'),
    passwordBlocks: gauge('password_blocks', 'Numbers and uids that are blocked after wrong passwords.'),
    lockWaits: gauge('database_lock_waits', 'Statements in the database that wait for a lock.'),
    isCodeAlarmOn: gauge('code_alarm', 'Whether codes are entered far less often than usual: 1 or 0.'),
    isSendAlarmOn: gauge('send_alarm', 'Whether far more codes are sent than usual, or come near a limit: 1 or 0.'),
  }

  return throttle(async () => {
    try {
      const stored = await read()
      isUp.set(1)
      for (const state of ['due', 'waiting', 'held', 'dead'] as const) revocations.set({ state }, stored[state])
      for (const key of ['oldestDueAge', 'passwordBlocks', 'lockWaits', 'isCodeAlarmOn', 'isSendAlarmOn'] as const)
        plain[key].set(Number(stored[key]))
    } catch {
      isUp.set(0)
      revocations.reset()
      for (const one of Object.values(plain)) one.remove()
    }
  })
}
