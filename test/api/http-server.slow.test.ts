import type { Socket } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { sendRaw } from '../support/raw-client.ts'
import { startServer } from '../support/start-server.ts'
import { openWorld } from '../support/world.ts'
import { hostileBytes, smuggledBytes } from './hostile-bytes.ts'

const world = await openWorld()
const server = await startServer({
  PORT: '0',
  DATABASE_URL: world.databaseUrl,
  SECRET_KEYS: `k1:${btoa('x'.repeat(32))}`,
  SANDBOX: 'false',
})
afterAll(() => server.end('SIGTERM'))
const port = Number(/Serving http:\/\/localhost:(\d+)\/v2/.exec(server.output())?.[1])

const rest = 'Host: localhost\r\nUser-Agent: Raw/1.0\r\nConnection: close'
const json = `${rest}\r\nContent-Type: application/json`
const chunked = `POST /v2/login HTTP/1.1\r\n${json}\r\nTransfer-Encoding: chunked\r\n\r\n`
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const ofLength = (length: number) => `POST /v2/login HTTP/1.1\r\n${json}\r\nContent-Length: ${length}\r\n\r\n`
const logo = `GET /public/gmail.svg HTTP/1.1\r\n${rest}\r\n\r\n`

/** On every answer, also those that Node gives before the API has a word. */
const guards = [
  'cache-control',
  'content-security-policy',
  'referrer-policy',
  'x-content-type-options',
  'x-frame-options',
]

/** The status of each answer on one connection. */
async function ask(raw: string, more?: (socket: Socket) => void): Promise<number[]> {
  const received = await sendRaw(port, Buffer.from(raw, 'latin1'), more)
  for (const [head] of received.matchAll(/HTTP\/1\.1 [2-5]\d\d [\s\S]*?\r\n\r\n/g)) {
    for (const name of guards) expect(head.toLowerCase()).toContain(`\r\n${name}: `)
  }
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
const expectServing = async () => expect(await ask(logo)).toEqual([200])

/** Writes until the server has had enough. */
function pour(socket: Socket): void {
  const more = () => {
    while (socket.writable && socket.write(chunk(' '.repeat(4096))));
  }
  socket.on('drain', more)
  more()
}

test.each<[what: string, status: number, raw: string]>([
  ['a logo', 200, logo],
  ['a GET with a body', 401, `GET /v2/users/x/dashboard HTTP/1.1\r\n${json}\r\nContent-Length: 2\r\n\r\n{}`],
  ['a body in chunks', 400, `${chunked}${chunk('{}')}0\r\n\r\n`],
  ['a body in chunks that is too large', 413, `${chunked}${chunk('x'.repeat(65_537))}0\r\n\r\n`],
  ['a body that is too large', 413, `${ofLength(65_537)}${'x'.repeat(65_537)}`],
  ['a length that is too large', 413, ofLength(99_999_999_999)],
  ['an empty body with a JSON type', 400, ofLength(0)],
  ['no User-Agent', 400, `GET /v2/users/x/dashboard HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`],
  ['HEAD', 401, `HEAD /v2/users/x/dashboard HTTP/1.1\r\n${rest}\r\n\r\n`],
  ['the absolute form', 200, `GET http://localhost/public/gmail.svg HTTP/1.1\r\n${rest}\r\n\r\n`],
  ['PROPFIND', 405, `PROPFIND /v2/login HTTP/1.1\r\n${rest}\r\n\r\n`],
  ['TRACE', 405, `TRACE /v2/login HTTP/1.1\r\n${rest}\r\n\r\n`],
  ['no Host', 400, 'GET /public/gmail.svg HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['a header that is too large', 431, `GET / HTTP/1.1\r\n${rest}\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['a path that is too long', 431, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\n${rest}\r\n\r\n`],
])('%s is answered %i', async (_, status, raw) => {
  expect(await ask(raw)).toEqual([status])
})

test('a body in chunks that never ends is refused', async () => {
  // While more arrives than is read, the answer may be lost with the connection.
  expect([[413], []]).toContainEqual(await ask(chunked, pour))
  await expectServing()
})

test('requests that follow each other on one connection are each answered', async () => {
  const keep = 'GET /v2/users/x/dashboard HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Raw/1.0\r\n\r\n'
  expect(await ask(`${keep}${keep}${logo}`)).toEqual([401, 401, 200])
})

test('who hangs up in the middle of a body harms nobody', async () => {
  await ask(`${ofLength(100)}{"phone`, (socket) => socket.resetAndDestroy())
  await ask(`${ofLength(100)}{"phone`, (socket) => socket.end())
  await ask(`${chunked}${chunk('{"phone')}`, (socket) => socket.end())
  await expectServing()
})

test.each(hostileBytes)('%j is answered, and not 5xx', async (raw) => {
  const statuses = await ask(raw)
  expect(statuses.every((status) => status < 500)).toBe(true)
  // Node closes these without a word.
  expect(statuses.length > 0).toBe(!raw.startsWith('CONNECT'))
})

test.each(smuggledBytes)('%j hides no second request', async (raw) => {
  const statuses = await ask(raw, (socket) => socket.end())
  // The hidden one would be answered 200.
  expect(statuses.filter((status) => status < 400 || status >= 500)).toEqual([])
})

test('after all that it serves, has nothing to report, and stops when told to', async () => {
  await expectServing()
  expect(server.output()).not.toMatch(/error/i)
  expect(await server.end('SIGTERM')).toBe(0)
})
