import { connect } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import { cloneDatabase } from '../support/clone-database.ts'
import { openTarget, runtimes } from '../support/open-target.ts'
import { sendRaw } from '../support/raw-client.ts'

/** Workers get their requests from Cloudflare's own server. */
const listening = runtimes.filter((runtime) => runtime !== 'workerd')

describe.each(listening)('on %s', async (runtime) => {
  const target = await openTarget(runtime, await cloneDatabase(), {
    SECRET_KEYS: `k1:${btoa('x'.repeat(32))}`,
    SANDBOX: 'false',
  })
  afterAll(target.close)
  const port = Number(new URL(target.url).port)
  const statuses = (received: string) =>
    [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
  const ask = async (raw: string) => statuses(await sendRaw(port, raw))

  test.each([
    ["HAProxy's and other old health checks", 'GET /readyz HTTP/1.0\r\n\r\n'],
    ['one with a name', 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n'],
    ['one with headers', 'GET /healthz HTTP/1.0\r\nUser-Agent: check\r\nAccept: */*\r\n\r\n'],
    ['one whose connection could be kept', 'GET /healthz HTTP/1.0\r\nConnection: close\r\n\r\n'],
  ])('HTTP/1.0 is answered: %s', async (_, raw) => {
    expect(await ask(raw)).toEqual([200])
  })

  test('HTTP/1.0 without a Host may have a body, and belongs to no origin', async () => {
    const post = (headers: string) =>
      ask(`POST /v2/login HTTP/1.0\r\n${headers}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`)
    expect(await post('User-Agent: x\r\n')).toEqual([400])
    expect(await post('User-Agent: x\r\nOrigin: http://localhost\r\n')).toEqual([403])
  })

  test.each([
    ['none in HTTP/1.1', 'GET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['an empty one', 'GET /readyz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
    ['two', 'GET /readyz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'],
    ['twice the same', 'GET /readyz HTTP/1.1\r\nHost: a\r\nhost: a\r\nConnection: close\r\n\r\n'],
    ['two in HTTP/1.0', 'GET /readyz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n'],
  ])('of Hosts there must be one: %s is refused', async (_, raw) => {
    expect(await ask(raw)).toEqual([400])
  })

  const next = 'GET /public/gmail.svg HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
  const large = `{"phone_number":"${'x'.repeat(1024 * 1024)}"}`
  const small = `{"phone_number":"${'x'.repeat(100)}"}`
  const framings = {
    length: (body: string) => [`Content-Length: ${body.length}`, body],
    chunks: (body: string) => ['Transfer-Encoding: chunked', `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`],
  }
  const early = [
    [413, 'POST', '/v2/login', ''],
    [401, 'POST', '/v2/users/x/logout', ''],
    [403, 'POST', '/v2/login', 'Origin: https://evil.example\r\n'],
    [404, 'POST', '/v2/nowhere', ''],
    [405, 'PATCH', '/v2/login', ''],
    [401, 'GET', '/v2/users/x/dashboard', ''],
  ] as const
  const answered = early.flatMap(([status, method, path, header]) =>
    Object.values(framings).flatMap((frame) =>
      [small, large]
        .filter((body) => body === large || status !== 413)
        .map((body) => {
          const [framing = '', framed = ''] = frame(body)
          const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nUser-Agent: x\r\nContent-Type: application/json\r\n${header}${framing}\r\n\r\n`
          return [status, `${method} ${path}`, framing, head, framed] as const
        }),
    ),
  )

  test.each(answered)(
    'after a %i to %s with a body (%s) the next request on the connection is answered',
    async (status, ...asked) => {
      const [, , head, body] = asked
      expect(await ask(`${head}${body}${next}`)).toEqual([status, 200])
    },
  )

  test.each(answered)('so it is when the body of a %i to %s (%s) comes later', async (status, ...asked) => {
    const [, , head, body] = asked
    // Half of the body follows when the server has the rest; the next request when its answer is here.
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.setEncoding('latin1').on('data', (text) => {
      if (!received) socket.write(next)
      received += text
    })
    socket.write(head)
    socket.write(body.slice(0, body.length / 2), () => socket.write(body.slice(body.length / 2)))
    await new Promise((resolve) => socket.on('close', resolve))
    expect(statuses(received)).toEqual([status, 200])
  })

  test('a body that is too large to be read to its end ends the connection, and says so', async () => {
    const head = 'POST /v2/login HTTP/1.1\r\nHost: localhost\r\nUser-Agent: x\r\nContent-Type: application/json\r\n'
    const received = await sendRaw(port, `${head}Content-Length: 99999999999\r\n\r\n`)
    expect(statuses(received)).toEqual([413])
    expect(received).toMatch(/\r\nconnection: close\r\n/i)
  })
})
