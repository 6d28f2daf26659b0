import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createTestHarness } from 'wrangler'
import { builtProgram } from './built-program.ts'
import { refuseLeaks } from './canaries.ts'

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
  const entry = `src/main/${runtime}.ts`
  const server = spawn(runtime, [runtime === 'node' ? builtProgram(entry) : entry], {
    env: { PATH, PORT: '0', DATA_DIR: folder, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let written = ''
  server.stderr.on('data', (chunk: Buffer) => {
    written += chunk
    process.stderr.write(chunk)
  })
  server.stdout.on('data', (chunk: Buffer) => {
    written += chunk
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
      refuseLeaks(written)
    },
  }
}

/** The server's output is read to its end, so that its pipe never breaks. */
function servedUrl(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!server.stdout) return reject(new Error('the server has no output'))
    const lines = createInterface(server.stdout)
    lines.on('line', (line) => {
      const [, port] = /Serving http:\/\/[^:]+:(\d+)/.exec(line) ?? []
      if (port) resolve(`http://127.0.0.1:${port}`)
    })
    lines.on('close', () => reject(new Error('the server ended before it served')))
  })
}

async function openWorkerd(databaseUrl: string, settings: Settings): Promise<Target> {
  // Wrangler has no option for it; read once, when the harness starts.
  process.env.CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE = databaseUrl
  const harness = createTestHarness({
    workers: [{ configPath: 'wrangler.toml', vars: { NODE_ENV: 'development', ...settings } }],
  })
  const { url } = await harness.listen()
  return {
    url: url.origin,
    async close() {
      const written = harness.getLogs().map((entry) => JSON.stringify(entry))
      await harness.close()
      refuseLeaks(written.join('\n'))
    },
  }
}
