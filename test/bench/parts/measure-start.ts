import { type Figure, figure } from '../figures.ts'
import type { Bench } from '../open-bench.ts'
import type { Started } from '../start-process.ts'

/** From the start of a process to its first answer. The server's needs the database, which is migrated already; the bare one's needs nothing. */
export async function measureStart(bench: Bench): Promise<Figure[]> {
  const [share, server, bare]: [number[], number[], number[]] = [[], [], []]
  // Files are in memory from the second start on.
  for (let round = -1; round < bench.rounds * 2; round++) {
    const own = await milliseconds(bench.startServer, ({ url }) => bench.read(url, 'dashboard'))
    const other = await milliseconds(bench.startBareHono, ({ url }) => fetch(url).then((answer) => answer.text()))
    if (round < 0) continue
    share.push(own / other)
    server.push(own)
    bare.push(other)
  }
  return [
    figure('start to first 200: in starts of a bare Hono server', share, '', { atMost: 1.3 }),
    figure('start to first 200', server, 'ms'),
    figure('start to first 200 of the bare one', bare, 'ms'),
  ]
}

async function milliseconds(start: () => Promise<Started>, ask: (started: Started) => Promise<unknown>) {
  const began = performance.now()
  const started = await start()
  await ask(started)
  const took = performance.now() - began
  await started.stop()
  return took
}
