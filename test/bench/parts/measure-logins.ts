import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { bundles } from '../build-bundles.ts'
import { type Figure, figure } from '../figures.ts'
import { runWrk } from '../load/run-wrk.ts'
import type { Bench } from '../open-bench.ts'
import { password } from '../seed-accounts.ts'

const connections = 32

/** Logins a second, beside as many password checks as the machine can make. */
export async function measureLogins(bench: Bench): Promise<Figure[]> {
  const server = await bench.startServer()
  const [share, logins, checks]: [number[], number[], number[]] = [[], [], []]
  try {
    const logIn = (seconds: number) => runWrk({ url: server.url, file: bench.requests.login, seconds, connections })
    await logIn(1)
    for (let round = 0; round < bench.rounds; round++) {
      const { perSecond } = await logIn(bench.seconds)
      const limit = await checksPerSecond(bench)
      share.push(perSecond / limit)
      logins.push(perSecond)
      checks.push(limit)
    }
  } finally {
    await server.stop()
  }
  return [
    figure('POST /login: share of the bare argon2id limit', share, '', { atLeast: 0.85 }),
    figure('POST /login: requests a second', logins),
    figure('argon2id: the most checks a second', checks),
  ]
}

async function checksPerSecond({ passwordHash, seconds }: Bench): Promise<number> {
  const args = [bundles.argon2Limit, passwordHash, password, String(seconds)]
  const env = { UV_THREADPOOL_SIZE: String(availableParallelism()) }
  const { stdout } = await promisify(execFile)(process.execPath, args, { env })
  return Number(stdout)
}
