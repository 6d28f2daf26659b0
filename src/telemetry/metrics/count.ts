import { outcomeOf, UnavailableError } from '../../errors.ts'
import type { Observer, Step } from '../observer.ts'
import type { Instruments } from './instruments.ts'

type Outcome = 'done' | ReturnType<typeof outcomeOf>
type OnEnded = (outcome: Outcome, seconds: number, error?: unknown) => void

const secondsSince = (begun: number) => (performance.now() - begun) / 1000

/** Counts what it sees; what can only be looked at is passed on. */
export function createCountingObserver(
  instruments: Instruments,
  polled: Pick<Observer, 'pool' | 'readiness'>,
): Observer {
  const passwords = { queued: 0, running: 0 }
  const showPasswords = () => {
    instruments.hashesRunning.set(passwords.running)
    instruments.hashesWaiting.set(passwords.queued - passwords.running)
  }

  /** Says that a step begins; the answer is told how it ended. */
  function begin(step: Step): OnEnded {
    switch (step.kind) {
      case 'platform': {
        const { platform, call } = step
        return (outcome, seconds) => {
          instruments.platformCalls.inc({ platform, call, outcome })
          instruments.platformCallDuration.observe({ platform, call }, seconds)
        }
      }
      case 'sms': {
        const { provider, country } = step
        return (outcome) => instruments.sms.inc({ provider, outcome: smsOutcomes[outcome], country })
      }
      case 'job':
        return (outcome) => instruments.jobs.inc({ kind: step.job, outcome })
      case 'password':
        passwords.queued++
        showPasswords()
        return (_, __, error) => {
          passwords.queued--
          showPasswords()
          if (error instanceof UnavailableError) instruments.hashesRefused.inc()
        }
      case 'hash':
        passwords.running++
        showPasswords()
        return (_, seconds) => {
          passwords.running--
          showPasswords()
          instruments.hashDuration.observe(seconds)
        }
    }
  }

  return {
    async request(_, work) {
      const begun = performance.now()
      const answered = await work()
      const { operation, status } = answered
      instruments.requests.inc({ operation, status })
      instruments.requestDuration.observe({ operation }, secondsSince(begun))
      return answered
    },
    async step(step, work) {
      const ended = begin(step)
      const begun = performance.now()
      try {
        const result = await work()
        ended('done', secondsSince(begun))
        return result
      } catch (error) {
        ended(outcomeOf(error), secondsSince(begun), error)
        throw error
      }
    },
    statement() {
      const begun = performance.now()
      return (outcome) => {
        instruments.statements.inc({ outcome })
        instruments.statementDuration.observe(secondsSince(begun))
      }
    },
    ...polled,
    denied: ({ country, reason }) => instruments.smsDenied.inc({ country, reason }),
    limited: ({ limit, per }) => instruments.limited.inc({ limit, per }),
    recovery: (of) => instruments.recoveries.inc({ of }),
  }
}

const smsOutcomes = { done: 'sent', refused: 'refused', unavailable: 'unavailable', failed: 'unavailable' } as const
