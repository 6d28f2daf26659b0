import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createAdaptorServer } from '@hono/node-server'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { createTestHarness } from 'wrangler'
import { openWorld } from '../support/world.ts'

const folder = await mkdtemp(join(tmpdir(), 'api-client-'))
afterAll(() => rm(folder, { recursive: true }))

/** An origin of its own, for pages; also the place where a phone's codes can be read. */
const site = await serve(({ url }) => {
  const { pathname, searchParams } = new URL(url)
  const page = new Response('<!doctype html><title>A frontend</title>', { headers: { 'Content-Type': 'text/html' } })
  return pathname === '/code' ? new Response(world.phone.lastCodeTo(searchParams.get('to') ?? '')) : page
})
const world = await openWorld({ sandbox: true, env: { ORIGINS: site } })
const userAgents = new Set<string | null>()
const server = await serve((request) => {
  userAgents.add(request.headers.get('User-Agent'))
  return world.fetch(request)
})

const arrived = {
  isSameUser: true,
  offersGmail: true,
  limit: [429, 'too_many_requests', true, true],
  left: 'AbortError',
  signedIn: 200,
  signedOut: 401,
}
const withJar = `{ baseUrl: '${server}/v2', cookies: cookieJar() }`

test.each(['node', 'bun'])('a script signs up, in and out in %s', async (runtime) => {
  const script = join(folder, `${runtime}.mjs`)
  await writeFile(script, await bundle(`console.log(JSON.stringify(await journey(${withJar}, '${site}/code')))`))
  const { stdout } = await promisify(execFile)(runtime, [script])
  expect(JSON.parse(stdout)).toEqual(arrived)
})

test('a worker does in workerd', async () => {
  const script = `export default { fetch: async () => Response.json(await journey(${withJar}, '${site}/code')) }`
  await writeFile(join(folder, 'worker.mjs'), await bundle(script))
  const configPath = join(folder, 'wrangler.json')
  await writeFile(
    configPath,
    JSON.stringify({ name: 'script', main: 'worker.mjs', compatibility_date: '2026-01-01', send_metrics: false }),
  )
  const harness = createTestHarness({ workers: [{ configPath }] })
  const { url } = await harness.listen()
  expect(await (await fetch(url)).json()).toEqual(arrived)
  await harness.close()
})

test('scripts name themselves alike everywhere, so that a session outlives an update of the runtime', () => {
  expect([...userAgents]).toEqual(['smswithoutborders-api-client'])
})

const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium'

test.skipIf(!existsSync(browserPath))(
  'a page of another origin does in a browser, which keeps the cookie from scripts',
  async () => {
    const browser = await chromium.launch({
      executablePath: browserPath,
      args: ['--disable-quic', '--disable-background-networking'],
    })
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('pageerror', ({ message }) => complaints.push(message))
    await page.goto(site)
    const script = `globalThis.arrival = journey({ baseUrl: '${server}/v2' }, '/code')`
    await page.addScriptTag({ type: 'module', content: await bundle(script) })
    await page.waitForFunction('globalThis.arrival')
    expect(await page.evaluate('arrival')).toEqual(arrived)
    expect(await page.evaluate('document.cookie')).toBe('')
    expect(complaints).toEqual([])
    await browser.close()
  },
)

async function bundle(script: string): Promise<string> {
  const imports = `import { journey } from './journey.ts'; import { cookieJar } from '../../client/src/index.ts'; void cookieJar;`
  const { outputFiles } = await build({
    stdin: { contents: `${imports}\n${script}`, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    format: 'esm',
    write: false,
    target: 'es2022',
  })
  return outputFiles[0]?.text ?? ''
}

async function serve(answer: (request: Request) => Response | Promise<Response>): Promise<string> {
  const server = createAdaptorServer({ fetch: answer }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
