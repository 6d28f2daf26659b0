import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, expect, test } from 'vitest'
import { listenOnNode } from '../../src/server/http/listen-on-node.ts'
import { cloneDatabase } from '../support/clone-database.ts'
import { startServer } from '../support/start-server.ts'

const folder = await mkdtemp(join(tmpdir(), 'shutdown-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const start = async (env: Record<string, string> = {}) =>
  startServer({
    DATABASE_URL: await cloneDatabase(),
    DATA_DIR: folder,
    SECRET_KEYS: `test:${randomBytes(32).toString('base64')}`,
    SANDBOX: 'false',
    ...env,
  })

/** Over a connection that is kept. */
async function ask(url: string, agent: Agent) {
  const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage]
  return { status: response.statusCode, connection: response.headers.connection, body: await text(response) }
}

const limits = {
  headers: 10_000,
  request: 10_000,
  keepAlive: 60_000,
  idle: 60_000,
  drainPollInterval: 300,
  connections: 10,
}
const forever = 3_600_000

test('connections that are kept, or were never used, do not keep the server from its end', async () => {
  const { port, drain } = await listenOnNode(limits)({ host: '127.0.0.1', port: 0, answer: () => new Response() })
  await once(connect(port, '127.0.0.1'), 'connect')
  await ask(`http://127.0.0.1:${port}`, new Agent({ keepAlive: true }))
  await drain(forever)
})

test('a request that came in while the process was busy is answered, not cut off', async () => {
  const { port, drain } = await listenOnNode(limits)({ host: '127.0.0.1', port: 0, answer: () => new Response('here') })
  const socket = connect(port, '127.0.0.1')
  const write = () => socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  write()
  expect(String((await once(socket, 'data'))[0])).toContain('here')
  const drained = drain(forever)
  write()
  const answered = once(socket, 'data')
  // Longer than idle connections are left.
  for (const began = performance.now(); performance.now() - began < 3 * limits.drainPollInterval; );
  expect(String((await answered)[0])).toContain('here')
  await drained
})

test('while a load balancer may still send, requests are answered, and it is told to stop', async () => {
  const server = await start({ SHUTDOWN_DELAY: '1' })
  const agent = new Agent({ keepAlive: true })
  expect(await ask(`${server.url}/readyz`, agent)).toMatchObject({ status: 200 })
  const ended = server.end('SIGTERM')
  await expect.poll(server.output).toContain('SIGTERM: stopping')
  const answer = await ask(`${server.url}/readyz`, agent)
  expect(answer).toMatchObject({ status: 503, connection: 'close' })
  expect(JSON.parse(answer.body)).toEqual({ status: 'not ready', checks: { process: 'stopping' } })
  expect((await ask(`${server.url}/public/gmail.svg`, agent)).status).toBe(200)
  expect(await ended).toBe(0)
})

test('what is under way is finished, and what comes over a kept connection meanwhile is answered', async () => {
  const arrived = Promise.withResolvers<void>()
  const mayAnswer = Promise.withResolvers<void>()
  const { port, drain } = await listenOnNode(limits)({
    host: '127.0.0.1',
    port: 0,
    answer: async ({ url }) => {
      if (url.endsWith('/slow')) {
        arrived.resolve()
        await mayAnswer.promise
      }
      return new Response('answered')
    },
  })
  const url = `http://127.0.0.1:${port}`
  const kept = new Agent({ keepAlive: true })
  await ask(url, kept)
  const slow = ask(`${url}/slow`, new Agent())
  await arrived.promise
  const drained = drain(forever)
  expect((await ask(url, kept)).body).toBe('answered')
  await expect(ask(url, new Agent())).rejects.toThrow('ECONNREFUSED')
  mayAnswer.resolve()
  expect((await slow).body).toBe('answered')
  await drained
})

test('an error that nothing has caught ends the server, and is told without what it quotes', async () => {
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const crash = `process.on('SIGUSR2', () => Promise.reject(new Error(process.env.SMS_WEBHOOK_SECRET)))`
  const server = await start({
    SMS_WEBHOOK_SECRET: secret,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(crash)}`,
  })
  process.kill(server.pid, 'SIGUSR2')
  const { code, complaints } = await server.ended()
  expect(code).toBe(1)
  expect(complaints).toMatch(/^The server crashed: \{"name":"Error"/)
  expect(complaints).not.toContain(secret.slice(6))
})
