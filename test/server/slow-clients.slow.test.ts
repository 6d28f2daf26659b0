import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { api } from '../../src/api/app.ts'
import { listenOnNode } from '../../src/server/http/listen-on-node.ts'
import { sendRaw } from '../support/raw-client.ts'
import { openWorld } from '../support/world.ts'

const { services } = await openWorld()
const never = 3_600_000
const patient = {
  headers: never,
  request: never,
  keepAlive: never,
  idle: never,
  drainPollInterval: never,
  connections: 100,
}

type Answer = (request: Request) => Response | Promise<Response>

/** A server with such limits: milliseconds. */
async function open(limits: Partial<typeof patient>, answer: Answer = (request) => api.fetch(request, { services })) {
  const listen = listenOnNode({ ...patient, ...limits })
  const opened = await listen({ host: '127.0.0.1', port: 0, answer })
  afterAll(() => opened.drain(0))
  return opened
}

const rest = 'Host: localhost\r\nUser-Agent: Slow/1.0'
const logo = `GET /public/gmail.svg HTTP/1.1\r\n${rest}\r\n\r\n`
const login = `POST /v2/login HTTP/1.1\r\n${rest}\r\nContent-Type: application/json\r\n`
const statusesIn = (received: string) =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status))

/** Never quite silent, so that only a limit on the whole helps. */
function drip(socket: Socket, bytes: string): void {
  const timer = setInterval(() => socket.write(bytes), 10)
  socket.on('close', () => clearInterval(timer))
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

const silence = () => undefined

test.each<[what: string, first: string, more: (socket: Socket) => void]>([
  ['says nothing', '', silence],
  ['stops amid its request line', 'GET /v2/us', silence],
  ['stops amid its headers', `GET / HTTP/1.1\r\n${rest}\r\n`, silence],
  ['goes on with headers byte by byte', `GET / HTTP/1.1\r\n${rest}\r\nX: `, (socket) => drip(socket, 'x')],
  ['goes on with ever more headers', `GET / HTTP/1.1\r\n${rest}\r\n`, (socket) => drip(socket, 'X: y\r\n')],
])('a client that %s is answered 408 and let go', async (_, first, more) => {
  const { port } = await open({ headers: 100, request: 200 })
  const received = await sendRaw(port, first, more)
  expect(statusesIn(received)).toEqual([408])
  expect(received).toMatch(/^Cache-Control: no-store\r$/m)
  expect(received).toMatch(/^X-Content-Type-Options: nosniff\r$/m)
})

test.each<[what: string, headers: string, more: (socket: Socket) => void]>([
  ['sends no body', 'Content-Length: 100\r\n\r\n', silence],
  ['sends its body byte by byte', 'Content-Length: 60000\r\n\r\n', (socket) => drip(socket, ' ')],
  ['sends chunks without end', 'Transfer-Encoding: chunked\r\n\r\n', (socket) => drip(socket, '1\r\n \r\n')],
])('a client that announces one and %s is answered 408 and let go', async (_, headers, more) => {
  const { port } = await open({ headers: 100, request: 200 })
  expect(statusesIn(await sendRaw(port, `${login}${headers}`, more))).toEqual([408])
})

test('a connection that is kept and not used is closed', async () => {
  const { port } = await open({ keepAlive: 100 })
  expect(statusesIn(await sendRaw(port, logo))).toEqual([200])
})

test('who does not take an answer is let go', async () => {
  const { port, drain } = await open({ idle: 100 }, () => new Response(new Uint8Array(64 * 1024 * 1024)))
  const reader = await connected(port)
  reader.pause()
  reader.write(logo)
  // Resolves when the connection is closed, long before its patience ends.
  await drain(never)
  reader.destroy()
})

test('who waits for us is not let go', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { port } = await open({ idle: 100 }, () => released.then(() => new Response('at last')))
  const waiting = sendRaw(port, `GET / HTTP/1.1\r\n${rest}\r\nConnection: close\r\n\r\n`)
  // Came later, and has been idle for too long already.
  await sendRaw(port, '')
  release()
  expect(await waiting).toContain('at last')
})

test('beyond the cap a connection is closed at once, and those below it are served', async () => {
  const { port } = await open({ connections: 2 })
  const [first, second] = [await connected(port), await connected(port)]
  expect(await sendRaw(port, logo)).toBe('')
  first.write(logo)
  expect(String(await once(first, 'data'))).toContain('HTTP/1.1 200')
  second.destroy()
  const close = logo.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')
  await expect.poll(async () => statusesIn(await sendRaw(port, close))).toEqual([200])
})

test('fifty slow clients do not keep a quick one from its answer', async () => {
  const { port } = await open({ headers: 500, request: 500 })
  const slow = Array.from({ length: 50 }, () => sendRaw(port, login, (socket) => drip(socket, 'X')))
  expect((await fetch(`http://127.0.0.1:${port}/public/gmail.svg`)).status).toBe(200)
  for (const received of await Promise.all(slow)) expect(statusesIn(received)).toEqual([408])
})
