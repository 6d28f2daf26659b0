import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { refuseLeaks } from '../support/canaries.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { openCollector } from '../telemetry/otlp-collector.ts'
import { readMetrics } from '../telemetry/read-metrics.ts'

beforeAll(() => promisify(execFile)('npm', ['run', '--silent', 'build']))

/** A server as an operator starts it; `urls` are those that its log tells. */
async function start(command: readonly string[], env: Record<string, string>) {
  const { PATH = '' } = process.env
  const [program = '', ...parameters] = command
  const settings = { PORT: '0', SANDBOX: 'false', DATABASE_URL: await cloneDatabase(), ...env }
  const server = spawn(program, parameters, { env: { PATH, ...settings }, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const serving = Promise.withResolvers<void>()
  createInterface(server.stdout).on('line', (line) => {
    lines.push(line)
    if (line.includes('Serving ')) serving.resolve()
  })
  const exited = once(server, 'exit')
  onTestFinished(async () => {
    if (server.exitCode === null) server.kill('SIGKILL')
    await exited
    refuseLeaks(lines.join('\n'))
  })
  await Promise.race([serving.promise, exited.then(() => Promise.reject(new Error(lines.join('\n'))))])
  const urlOf = (what: string) => lines.map((line) => new RegExp(`${what} (http:\\S+)`).exec(line)?.[1]).find(Boolean)
  return {
    url: urlOf('Serving') ?? '',
    metrics: urlOf('Metrics:'),
    async stop() {
      server.kill('SIGTERM')
      await exited
    },
  }
}

describe.each([
  ['the bundle on Node', ['node', 'dist/node/node.js']],
  ['Bun', ['bun', 'src/main/bun.ts']],
] as const)('%s', (_, command) => {
  test('shows metrics, and sends the last spans before it ends', async () => {
    const collector = await openCollector()
    const { url, metrics, stop } = await start(command, {
      METRICS_PORT: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    })
    const body = JSON.stringify({ phone_number: '+237670000000', password: 'wrong', country_code: '' })
    const headers = { 'Content-Type': 'application/json', 'User-Agent': 'Test/1.0' }
    expect((await fetch(`${url}/login`, { method: 'POST', body, headers })).status).toBe(401)

    const { byLabels, value } = readMetrics(await (await fetch(metrics ?? '')).text())
    expect(byLabels('swob_http_requests_total')).toEqual({ 'logIn,401': 1 })
    expect(value('swob_database_up')).toBe(1)
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0)

    await stop()
    const spans = collector.spans()
    const logIn = spans.find(({ name }) => name === 'POST /v2/login')
    const below = spans.filter(({ parentId }) => parentId === logIn?.spanId).map(({ name }) => name)
    expect(below).toEqual(expect.arrayContaining(['password', 'select users']))
  })

  test('listens for nobody and sends nothing unless it is told to', async () => {
    const { metrics } = await start(command, {})
    expect(metrics).toBeUndefined()
  })
})

test('neither library is read by the bundle at its start', async () => {
  const read = new Set<string>()
  const follow = async (name: string): Promise<void> => {
    if (read.has(name)) return
    read.add(name)
    const code = await readFile(`dist/node/${name}`, 'utf8')
    for (const [, imported = ''] of code.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) await follow(imported)
  }
  await follow('node.main.js')
  const holding = async (words: string) => {
    const names = await readdir('dist/node')
    const codes = await Promise.all(
      names.map(async (name) => [name, await readFile(`dist/node/${name}`, 'utf8')] as const),
    )
    return codes.filter(([, code]) => code.includes(words)).map(([name]) => name)
  }
  for (const words of ['collectDefaultMetrics', 'OTEL_TRACES_SAMPLER', 'opentelemetry.js.api']) {
    const holders = await holding(words)
    expect([words, holders.length]).not.toEqual([words, 0])
    expect(holders.filter((name) => read.has(name))).toEqual([])
  }
})
