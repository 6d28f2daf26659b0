import { countStatements } from '../count-statements.ts'
import { type Figure, figure } from '../figures.ts'
import { runWrk } from '../load/run-wrk.ts'
import type { Bench } from '../open-bench.ts'
import { cpuOf, cpuOfPostgres } from '../read-proc.ts'
import type { Started } from '../start-process.ts'

const connections = 32

/** What a signed-in person reads, beside a bare server that sends the same statement. */
export async function measureReads(bench: Bench): Promise<Figure[]> {
  const server = await bench.startServer()
  const { unsaved_platforms, saved_platforms } = JSON.parse(await bench.read(server.url, 'platforms'))
  const bare = await bench.startBareHonoPostgres(JSON.stringify([...saved_platforms, ...unsaved_platforms]))
  const figures: Figure[] = []
  try {
    for (const what of ['dashboard', 'platforms'] as const) {
      await expectSame(bench, what, server, bare)
      const statements = await countStatements(bench.postgres, () => bench.read(server.url, what))
      const share: number[] = []
      const cpu: Record<'server' | 'bare', number[]> = { server: [], bare: [] }
      const perSecond: Record<'server' | 'bare', number[]> = { server: [], bare: [] }
      for (const one of [server, bare]) await measure(bench, what, one, 1)
      for (let round = 0; round < bench.rounds; round++) {
        const [own, other] = [await measure(bench, what, server), await measure(bench, what, bare)]
        share.push(own.perSecond / other.perSecond)
        cpu.server.push(own.cpu)
        cpu.bare.push(other.cpu)
        perSecond.server.push(own.perSecond)
        perSecond.bare.push(other.perSecond)
      }
      figures.push(
        figure(`GET ${what}: share of a bare Hono + postgres.js`, share, '', { atLeast: 0.75 }),
        figure(`GET ${what}: CPU of server and database, a request`, cpu.server, 'µs', { below: 250 }),
        figure(`GET ${what}: the same of the bare one`, cpu.bare, 'µs'),
        figure(`GET ${what}: requests a second`, perSecond.server),
        figure(`GET ${what}: the same of the bare one`, perSecond.bare),
        figure(`GET ${what}: SQL statements`, [statements], '', { atMost: 1 }),
      )
    }
  } finally {
    await Promise.all([server.stop(), bare.stop()])
  }
  return figures
}

async function measure(bench: Bench, what: 'dashboard' | 'platforms', { pid, url }: Started, seconds = bench.seconds) {
  const cpu = () => cpuOf(pid) + cpuOfPostgres(bench.postgres.pid)
  const before = cpu()
  const { perSecond, requests } = await runWrk({ url, file: bench.requests[what], seconds, connections })
  return { perSecond, cpu: (cpu() - before) / requests }
}

/** Nothing is compared that doesn't answer the same. */
async function expectSame(bench: Bench, what: 'dashboard' | 'platforms', server: Started, bare: Started) {
  const [own, other] = [await bench.read(server.url, what), await bench.read(bare.url, what)]
  if (own !== other) throw new Error(`${what} is answered ${own} by the server, and ${other} by the bare one`)
}
