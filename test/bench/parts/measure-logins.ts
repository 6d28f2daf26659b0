import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import * as z from 'zod'
import { bundles } from '../build-bundles.ts'
import { type Figure, figure } from '../figures.ts'
import { runWrk } from '../load/run-wrk.ts'
import type { Bench } from '../open-bench.ts'
import { cpuOf, cpuOfPostgres } from '../read-proc.ts'
import { password } from '../seed-accounts.ts'
import type { Started } from '../start-process.ts'

/** `cpu`: microseconds each. */
const limit = z.object({ perSecond: z.number(), cpu: z.number() })
type Measured = z.infer<typeof limit>

/** Logins a second, beside as many password checks as the machine can make. */
export async function measureLogins(bench: Bench): Promise<Figure[]> {
  const server = await bench.startServer()
  const bare = await bench.startBareHonoPostgres()
  const [logins, bareLogins, checks]: [Measured[], Measured[], Measured[]] = [[], [], []]
  try {
    for (const each of [server, bare]) await logIn(bench, each, 1)
    for (let round = 0; round < bench.rounds; round++) {
      logins.push(await logIn(bench, server))
      checks.push(await check(bench))
      bareLogins.push(await logIn(bench, bare))
    }
  } finally {
    await server.stop()
    await bare.stop()
  }
  const share = (of: Measured[]) =>
    of.map(({ perSecond }, round) => perSecond / (checks[round]?.perSecond ?? Number.NaN))
  const perSecond = (measured: Measured[]) => measured.map((each) => each.perSecond)
  const milliseconds = (measured: Measured[]) => measured.map(({ cpu }) => cpu / 1000)
  return [
    figure('POST /login: share of the bare argon2id limit', share(logins), '', { atLeast: 0.85 }),
    figure('POST /login of a bare Hono, which asks no database: the same', share(bareLogins)),
    figure('POST /login: requests a second', perSecond(logins)),
    figure('argon2id: the most checks a second', perSecond(checks)),
    figure('POST /login: CPU of server and database', milliseconds(logins), 'ms'),
    figure('argon2id: CPU of a check', milliseconds(checks), 'ms'),
  ]
}

async function logIn(bench: Bench, { pid, url }: Started, seconds = bench.seconds): Promise<Measured> {
  const cpu = () => cpuOf(pid) + cpuOfPostgres(bench.postgres.pid)
  const before = cpu()
  const { perSecond, requests } = await runWrk({ url, file: bench.requests.login, seconds, connections: 32 })
  return { perSecond, cpu: (cpu() - before) / requests }
}

async function check({ passwordHash, seconds }: Bench): Promise<Measured> {
  const args = [bundles.argon2Limit, passwordHash, password, String(seconds)]
  const env = { UV_THREADPOOL_SIZE: String(availableParallelism()) }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return limit.parse(JSON.parse(stdout))
}
