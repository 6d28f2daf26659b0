import { setTimeout as sleep } from 'node:timers/promises'
import { type Figure, figure } from '../figures.ts'
import { runWrk } from '../load/run-wrk.ts'
import type { Bench } from '../open-bench.ts'
import { memoryOf } from '../read-proc.ts'
import type { Started } from '../start-process.ts'

const restMilliseconds = 2000

/** Resident memory of fresh processes, at rest and at the end of a load of reads. */
export async function measureMemory(bench: Bench): Promise<Figure[]> {
  const found = { idle: beside(), loaded: beside() }
  for (let round = 0; round < bench.rounds; round++) {
    const own = await weigh(bench, bench.startServer)
    const other = await weigh(bench, bench.startBareHonoPostgres)
    for (const when of ['idle', 'loaded'] as const) {
      found[when].share.push(own[when] / other[when])
      found[when].server.push(own[when])
      found[when].bare.push(other[when])
    }
  }
  return [
    figure('memory at rest: in that of a bare Hono + postgres.js', found.idle.share, '', { atMost: 1.3 }),
    figure('memory at rest', found.idle.server, 'MiB'),
    figure('memory at rest of the bare one', found.idle.bare, 'MiB'),
    figure('memory after load: in that of a bare Hono + postgres.js', found.loaded.share, '', { atMost: 2 }),
    figure('memory after load', found.loaded.server, 'MiB'),
    figure('memory after load of the bare one', found.loaded.bare, 'MiB'),
  ]
}

const beside = () => ({ share: [] as number[], server: [] as number[], bare: [] as number[] })

async function weigh({ requests, seconds }: Bench, start: () => Promise<Started>) {
  const { pid, url, stop } = await start()
  try {
    await sleep(restMilliseconds)
    const idle = memoryOf(pid)
    await runWrk({ url, file: requests.dashboard, seconds, connections: 32 })
    return { idle, loaded: memoryOf(pid) }
  } finally {
    await stop()
  }
}
