import type { Services } from '../services.ts'
import { runRevocations } from '../vault/run-revocations.ts'

const restMilliseconds = 5000

/** Carries out stored jobs for as long as the process lives: at once when woken, else every few seconds, without overlap. */
export function createJobLoop() {
  let services: Services | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> | undefined
  let wokenMeanwhile = false

  async function run(): Promise<void> {
    if (!services) return
    clearTimeout(timer)
    try {
      while ((await runRevocations(services)) > 0);
    } catch (error) {
      services.log.error('jobs could not be run', { error: error instanceof Error ? error.message : 'unknown' })
    }
  }

  function wake(): void {
    if (!services) return
    if (running) {
      wokenMeanwhile = true
      return
    }
    running = run().finally(() => {
      running = undefined
      if (!services) return
      if (wokenMeanwhile) {
        wokenMeanwhile = false
        return wake()
      }
      timer = setTimeout(wake, restMilliseconds)
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
      await running
    },
  }
}
