// Runs one step of the driver in a process of its own: what to do on stdin, what came of it and what is left open on stdout.
import { text } from 'node:stream/consumers'
import type { Grant, Pending, Reply } from '../../../src/platforms/platform.ts'
import { telegram } from '../../../src/platforms/telegram.ts'

export type Step = {
  readonly options: Parameters<typeof telegram>[0]
  readonly action: 'start' | 'finish' | 'register' | 'password' | 'revoke' | 'isLive'
  readonly phoneNumber?: string
  readonly pending?: Pending
  readonly reply?: Reply
  readonly grant?: Grant
  /** Of the call. */
  readonly timeoutMilliseconds?: number
}

const step: Step = JSON.parse(await text(process.stdin))
const outcome = await take(step).then(
  (result) => ({ result }),
  (error: Error) => ({ error: error.name, message: error.message }),
)
// Pipes are this process's own stdio.
const open = process.getActiveResourcesInfo().filter((kind) => !kind.startsWith('Pipe'))
process.stdout.write(JSON.stringify({ ...outcome, open }))

async function take({ options, action, phoneNumber = '', pending = {}, reply = {}, grant, ...step }: Step) {
  const signal = AbortSignal.timeout(step.timeoutMilliseconds ?? 600_000)
  const driver = telegram(options)
  if (action === 'start') return driver.start({ redirectUri: '', phoneNumber, signal })
  if (action === 'finish') return driver.finish({ pending, reply, signal })
  if (action === 'register' || action === 'password') return driver.actions?.[action]?.({ pending, reply, signal })
  if (grant === undefined) throw new Error(`${action} of what?`)
  return action === 'revoke' ? driver.revoke(grant, { signal }) : driver.isLive?.(grant, { signal })
}
