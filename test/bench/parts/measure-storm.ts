import { type Figure, figure } from '../figures.ts'
import { runWrk } from '../load/run-wrk.ts'
import type { Bench } from '../open-bench.ts'
import type { Started } from '../start-process.ts'

/** As many as would never make the server busy. */
const reading = { connections: 8, rest: 20 }
const storming = { connections: 32 }

/** How long signed-in people wait while everybody signs in; beside a bare server that does nothing for it but check passwords. */
export async function measureStorm(bench: Bench): Promise<Figure[]> {
  const [server, bare] = [await bench.startServer(), await bench.startBareHonoPostgres()]
  const found = { server: waits(), bare: waits() }
  try {
    for (let round = 0; round < bench.rounds; round++) {
      for (const [name, one] of [['server', server] as const, ['bare', bare] as const]) {
        const idle = await read(bench, one)
        const [stormy] = await Promise.all([read(bench, one), storm(bench, one)])
        found[name].idle.push(idle.p99 / 1000)
        found[name].storm.push(stormy.p99 / 1000)
        found[name].share.push(stormy.p99 / idle.p99)
      }
    }
  } finally {
    await Promise.all([server.stop(), bare.stop()])
  }
  return [
    figure('GET dashboard in a login storm: p99 in p99s of no storm', found.server.share, '', { atMost: 1.5 }),
    figure('GET dashboard in a login storm: the same of a bare one', found.bare.share),
    figure('GET dashboard: p99', found.server.idle, 'ms'),
    figure('GET dashboard in a login storm: p99', found.server.storm, 'ms'),
    figure('GET dashboard of a bare one: p99', found.bare.idle, 'ms'),
    figure('GET dashboard of a bare one in a login storm: p99', found.bare.storm, 'ms'),
  ]
}

const waits = () => ({ idle: [] as number[], storm: [] as number[], share: [] as number[] })

const read = ({ requests, seconds }: Bench, { url }: Started) =>
  runWrk({ url, file: requests.dashboard, seconds, ...reading })

const storm = ({ requests, seconds }: Bench, { url }: Started) =>
  runWrk({ url, file: requests.login, seconds, ...storming })
