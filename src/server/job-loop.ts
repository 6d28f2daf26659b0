import { AsyncLocalStorage } from 'node:async_hooks'
import { describeError } from '../api/describe-error.ts'
import { recheckKeys } from '../maintenance/keys-fit.ts'
import type { Services } from '../services.ts'
import { runMaintenance, runStoredJobs } from './jobs.ts'

const pollIntervalMilliseconds = 5000
/** At least and at most, for jobs whose time must not tell who stored them. */
const [minDelay, maxDelay] = [300, 2000]
const purgeEveryMilliseconds = 600_000
const recheckKeysMilliseconds = 60_000

/** Carries out stored jobs for as long as the process lives: at once when woken, else every few seconds, without overlap. */
export function createJobLoop() {
  let services: Services | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let waking: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | undefined
  let wokenMeanwhile = false
  let purgedAt = Number.NEGATIVE_INFINITY
  // Jobs are no part of the request that wakes the loop: neither of its time nor of its trace.
  const outside = AsyncLocalStorage.snapshot()

  async function run(opened: Services): Promise<void> {
    clearTimeout(timer)
    try {
      const { fit, askedAt } = opened.keyState
      // A grant that can't be opened would be given up on in the end, and what is sealed now be lost to the right keys.
      const isKnown = fit === true && performance.now() - askedAt < recheckKeysMilliseconds
      if (!isKnown && !(await recheckKeys(opened))) return
      // Stopped meanwhile: the rest waits for the next start.
      while (services && (await runStoredJobs(opened)) > 0);
      // Not by the time of day, which may be set back.
      if (services && performance.now() - purgedAt > purgeEveryMilliseconds) {
        purgedAt = performance.now()
        await runMaintenance(opened)
      }
    } catch (error) {
      opened.log.error('could not run jobs', { error: describeError(error) })
    }
  }

  function wake(when?: 'in a while'): void {
    if (!services) return
    if (when === 'in a while') {
      waking ??= setTimeout(
        () => {
          waking = undefined
          wake()
        },
        minDelay + Math.random() * (maxDelay - minDelay),
      )
      return
    }
    if (running) {
      wokenMeanwhile = true
      return
    }
    running = outside(run, services).finally(() => {
      running = undefined
      if (!services) return
      if (wokenMeanwhile) {
        wokenMeanwhile = false
        return wake()
      }
      timer = setTimeout(() => wake(), pollIntervalMilliseconds)
    })
  }

  return {
    wake,
    start(opened: Services): void {
      services = opened
      wake()
    },
    /** Resolves when what was under way has ended. */
    async stop(): Promise<void> {
      services = undefined
      clearTimeout(timer)
      clearTimeout(waking)
      await running
    },
  }
}
