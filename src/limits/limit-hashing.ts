import { UnavailableError } from '../errors.ts'
import type { Services } from '../services.ts'

type Limits = {
  /** Hashes at once: more than there are cores only makes each slower, and takes 19 MiB more. */
  running: number
  /** Passwords that may wait for their turn. */
  waiting: number
}

/** How long the last checks took, each with its time in the queue, in every set of services of this process (on Workers there's one a request). */
const lastChecks: number[] = []
const remembered = 32

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))

/**
 * Hashes in turn. When too many wait, a request is refused at once, so that a flood of logins takes neither all memory nor the time of the
 * requests that need no hash. In process memory, since it's a process's memory and cores that it guards.
 */
export function limitHashing(
  passwords: Services['passwords'],
  { running, waiting }: Limits,
  sleep = wait,
): Services['passwords'] {
  let active = 0
  const queue: (() => void)[] = []

  async function enqueue<Result>(work: () => Promise<Result>): Promise<Result> {
    if (active >= running) {
      if (queue.length >= waiting) throw new UnavailableError('password hashing', { retryAfterSeconds: 2 })
      await new Promise<void>((resolve) => queue.push(resolve))
    } else active++
    try {
      return await work()
    } finally {
      // The next takes over this place.
      const next = queue.shift()
      if (next) next()
      else active--
    }
  }

  async function verify(password: string, phc: string | undefined): Promise<boolean> {
    const begun = performance.now()
    const isRight = await enqueue(() => passwords.verify(password, phc))
    lastChecks.push(performance.now() - begun)
    if (lastChecks.length > remembered) lastChecks.shift()
    return isRight
  }

  return {
    ...passwords,
    hash: (password) => enqueue(() => passwords.hash(password)),
    verify,
    async imitate() {
      // Any of the last: the same each time would tell. The first of a process is one.
      const milliseconds = lastChecks[Math.floor(Math.random() * lastChecks.length)]
      await (milliseconds === undefined ? verify('', undefined) : sleep(milliseconds))
    },
  }
}
