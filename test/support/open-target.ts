import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createTestHarness } from 'wrangler'

export type Runtime = 'node' | 'bun' | 'workerd'

export type Target = { url: string; close(): Promise<void> }

type Settings = Readonly<Record<string, string>>

/** Where the same server runs: its real entry file in its real runtime, over HTTP. TARGET=node, bun or workerd leaves the others out. */
export const runtimes = (process.env.TARGET?.split(',') ?? ['node', 'bun', 'workerd']) as Runtime[]

export const openTarget = (runtime: Runtime, databaseUrl: string, settings: Settings): Promise<Target> =>
  runtime === 'workerd'
    ? openWorkerd(databaseUrl, settings)
    : openProcess(runtime, { DATABASE_URL: databaseUrl, ...settings })

async function openProcess(runtime: 'node' | 'bun', settings: Settings): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'swob-target-'))
  const { PATH = '' } = process.env
  const server = spawn(runtime, [`src/runtime/${runtime}.ts`], {
    env: { PATH, PORT: '0', DATA_DIR: folder, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await servedUrl(server)
  return {
    url,
    async close() {
      if (server.exitCode === null) {
        const ended = once(server, 'exit')
        server.kill('SIGTERM')
        await ended
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function servedUrl(server: ChildProcess): Promise<string> {
  if (!server.stdout) throw new Error('the server has no output')
  for await (const line of createInterface(server.stdout)) {
    const [, port] = /Serving http:\/\/[^:]+:(\d+)/.exec(line) ?? []
    if (!port) continue
    server.stdout.resume()
    return `http://127.0.0.1:${port}`
  }
  throw new Error('the server ended before it served')
}

async function openWorkerd(databaseUrl: string, settings: Settings): Promise<Target> {
  // Wrangler has no option for it; read once, when the harness starts.
  process.env.CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE = databaseUrl
  const harness = createTestHarness({
    workers: [{ configPath: 'wrangler.toml', vars: { NODE_ENV: 'development', ...settings } }],
  })
  const { url } = await harness.listen()
  return { url: url.origin, close: () => harness.close() }
}
