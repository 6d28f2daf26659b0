import { readdirSync, readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { getPriority, setPriority } from 'node:os'

/** Steps of `nice`: enough that a thread which has something to do at once needn't wait for one that has much. */
const steps = 10

/**
 * Lets the threads that hash passwords give way to the one that answers, and to a Postgres beside it: while many sign in, all else would wait for a
 * turn of the scheduler. Linux alone has a priority for each thread, and tells them by name from Node 24 on; elsewhere nothing happens.
 */
export async function yieldToRequests(): Promise<void> {
  if (process.platform !== 'linux') return
  // They are made when there is first something for them to do.
  await stat('/')
  const niceness = Math.min(19, getPriority() + steps)
  try {
    for (const id of readdirSync('/proc/self/task'))
      if (readFileSync(`/proc/self/task/${id}/comm`, 'utf8').startsWith('libuv-worker'))
        setPriority(Number(id), niceness)
  } catch {
    // Only slower: where /proc is hidden, or priorities aren't ours to set.
  }
}
