import { type Figure, figure } from '../figures.ts'
import { runWrk } from '../load/run-wrk.ts'
import type { Bench } from '../open-bench.ts'
import { cpuOf, cpuOfPostgres } from '../read-proc.ts'
import type { Started } from '../start-process.ts'
import { watchStatements } from '../watch-statements.ts'

type Read = 'dashboard' | 'platforms'
type Measured = { perSecond: number; cpu: number; ownCpu: number }

const connections = 32

/** What a signed-in person reads, beside a bare server that sends the same statement. */
export async function measureReads(bench: Bench): Promise<Figure[]> {
  const server = await bench.startServer()
  const { unsaved_platforms, saved_platforms } = JSON.parse(await bench.read(server.url, 'platforms'))
  const bare = await bench.startBareHonoPostgres(JSON.stringify([...saved_platforms, ...unsaved_platforms]))
  try {
    return [
      ...(await measureRead(bench, 'dashboard', server, bare)),
      ...(await measureRead(bench, 'platforms', server, bare)),
    ]
  } finally {
    await Promise.all([server.stop(), bare.stop()])
  }
}

async function measureRead(bench: Bench, what: Read, server: Started, bare: Started): Promise<Figure[]> {
  const [own, other]: [Measured[], Measured[]] = [[], []]
  for (const one of [server, bare]) await measure(bench, what, one, 1)
  const statements = await compare(bench, what, server, bare)
  for (let round = 0; round < bench.rounds; round++) {
    own.push(await measure(bench, what, server))
    other.push(await measure(bench, what, bare))
  }
  const share = own.map(({ perSecond }, round) => perSecond / (other[round]?.perSecond ?? Number.NaN))
  const of = (measured: Measured[], which: keyof Measured) => measured.map((each) => each[which])
  return [
    figure(`GET ${what}: share of a bare Hono + postgres.js`, share, '', { atLeast: 0.75 }),
    figure(`GET ${what}: CPU of server and database, a request`, of(own, 'cpu'), 'µs', { below: 250 }),
    figure(`GET ${what}: the server's own part of it`, of(own, 'ownCpu'), 'µs'),
    figure(`GET ${what}: CPU with the bare one`, of(other, 'cpu'), 'µs'),
    figure(`GET ${what}: the bare one's own part of it`, of(other, 'ownCpu'), 'µs'),
    figure(`GET ${what}: requests a second`, of(own, 'perSecond')),
    figure(`GET ${what}: requests a second of the bare one`, of(other, 'perSecond')),
    figure(`GET ${what}: SQL statements`, [statements], '', { atMost: 1 }),
  ]
}

async function measure(bench: Bench, what: Read, { pid, url }: Started, seconds = bench.seconds): Promise<Measured> {
  const [ownBefore, databaseBefore] = [cpuOf(pid), cpuOfPostgres(bench.postgres.pid)]
  const { perSecond, requests } = await runWrk({ url, file: bench.requests[what], seconds, connections })
  const own = cpuOf(pid) - ownBefore
  return {
    perSecond,
    cpu: (own + cpuOfPostgres(bench.postgres.pid) - databaseBefore) / requests,
    ownCpu: own / requests,
  }
}

/** Nothing is measured against what answers or asks something else. The answer is the number of statements. */
async function compare(bench: Bench, what: Read, server: Started, bare: Started): Promise<number> {
  const ask = async ({ url }: Started) => {
    let answer = ''
    const statements = await watchStatements(bench.postgres, async () => {
      answer = await bench.read(url, what)
    })
    return { answer, statements }
  }
  const [own, other] = [await ask(server), await ask(bare)]
  if (own.answer !== other.answer)
    throw new Error(`${what} is answered ${own.answer} by the server, and ${other.answer} by the bare one`)
  if (own.statements.join() !== other.statements.join())
    throw new Error(`test/bench/baselines/bare-hono-postgres.ts no longer sends what the server sends for ${what}`)
  return own.statements.length
}
