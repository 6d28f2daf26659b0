import { expect, test } from 'vitest'
import { openWorld } from '../support/world.ts'

const world = await openWorld()
const person = world.person()
const utf8 = new TextEncoder()
const json = { 'Content-Type': 'application/json' }

type Bytes = Uint8Array<ArrayBuffer>
type Sent = string | Bytes | ReadableStream<Bytes>

/** A good request is answered 401 here, since nobody has this number: that the body was read and found right. */
function post(body: Sent, headers: Record<string, string> = json, path = '/v2/recovery'): Promise<Response> {
  return person.fetch(`http://api.test${path}`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
}
const good = `"phone_number":"${person.phoneNumber}"`
const read = 401

const bytes = (...values: number[]): Bytes => Uint8Array.from(values)
const around = (middle: Bytes): Bytes =>
  Uint8Array.from([...utf8.encode(`{${good},"more":"`), ...middle, ...utf8.encode('"}')])
const ofSize = (size: number) => `{${good},"pad":"${'x'.repeat(size - good.length - 11)}"}`

function stream(...chunks: readonly Bytes[]): ReadableStream<Bytes> {
  const left = [...chunks]
  return new ReadableStream({
    pull(controller) {
      const chunk = left.shift()
      if (chunk) controller.enqueue(chunk)
      else controller.close()
    },
  })
}

const nested = (levels: number, inner = '') => `{${good},"more":${'['.repeat(levels)}${inner}${']'.repeat(levels)}}`

test.each<[what: string, status: number, body: Sent]>([
  ['the field alone', read, `{${good}}`],
  ['spaces around it', read, ` \r\n\t{ ${good} }\n`],
  ['unknown fields', read, `{${good},"more":{"a":[1,null,true]},"":""}`],
  ['a byte order mark', read, `\ufeff{${good}}`],
  ['one field twice, the last of which counts', read, `{"phone_number":"call me",${good}}`],
  ['one field twice, the last of which is wrong', 400, `{${good},"phone_number":"call me"}`],
  ['an escaped letter', read, `{${good.replace('phone', '\\u0070hone')}}`],
  ['an escaped pair of surrogates', read, `{${good},"more":"\\ud83d\\ude00"}`],
  ['an escaped backslash before u0000', read, `{${good},"more":"\\\\u0000 \\\\ud800"}`],
  ['30,000 levels', read, nested(30_000)],
  ['30,000 levels with a letter that is escaped', read, nested(30_000, '"\\u0041"')],
  ['30,000 levels with a NUL', 400, nested(30_000, '"\\u0000"')],
  ['30,000 levels that never close', 400, `{${good},"more":${'['.repeat(30_000)}`],
  ['30,000 levels of objects', 400, '{"a":'.repeat(13_000)],
  ['very many elements and an escape', read, `{${good},"more":[${'0,'.repeat(32_000)}"\\u0041"]}`],
  [
    '__proto__',
    read,
    `{${good},"__proto__":{"isAdmin":true,"phone_number":7},"constructor":{"prototype":{"isAdmin":true}}}`,
  ],
  ['a field from __proto__ only', 400, `{"__proto__":{${good}}}`],
  ['a cut end', 400, `{${good}`],
  ['something after the end', 400, `{${good}}{}`],
  ['a comma at the end', 400, `{${good},}`],
  ['a comment', 400, `{${good}} // me`],
  ['single quotes', 400, `{'phone_number':'1'}`],
  ['NaN', 400, `{${good},"more":NaN}`],
  ['spaces only', 400, '  '],
  ['an array', 400, '[]'],
  ['an array of it', 400, `[{${good}}]`],
  ['a string', 400, '"phone_number"'],
  ['a number', 400, '0'],
  ['null', 400, 'null'],
  ['true', 400, 'true'],
  ['a form', 400, 'phone_number=%2B237670000000'],
  ['a NUL escape in the field', 400, `{"phone_number":"+23767\\u00000000000"}`],
  ['a NUL escape in an unknown field', 400, `{${good},"more":"\\u0000"}`],
  ['a NUL escape in a name', 400, `{${good},"m\\u0000ore":1}`],
  ['a NUL escape far inside', 400, `{${good},"more":[1,{"a":[{"b":"c\\u0000"}]}]}`],
  ['a high surrogate alone', 400, `{${good},"more":"\\ud800"}`],
  ['a low surrogate alone', 400, `{${good},"more":"\\uDC00"}`],
  ['surrogates in the wrong order', 400, `{${good},"more":["\\udc00\\ud800"]}`],
  ['a lone surrogate in a name', 400, `{${good},"\\ud800":1}`],
  ['a bare NUL', 400, around(bytes(0))],
  ['a bare NUL beside the JSON', 400, `{${good}}\0`],
  ['a byte that is not UTF-8', 400, around(bytes(0xff))],
  ['a surrogate in UTF-8', 400, around(bytes(0xed, 0xa0, 0x80))],
  ['an overlong slash', 400, around(bytes(0xc0, 0xaf))],
  ['a letter cut by the end', 400, Uint8Array.from([...utf8.encode(`{${good}}`), 0xe2, 0x82])],
  ['UTF-16', 400, bytes(0xff, 0xfe, 0x7b, 0, 0x7d, 0)],
  [
    'a letter in two chunks',
    read,
    stream(utf8.encode(`{${good},"more":"`), bytes(0xe2), bytes(0x82, 0xac), utf8.encode('"}')),
  ],
  ['one byte a chunk', read, stream(...[...utf8.encode(`{${good}}`)].map((byte) => bytes(byte)))],
  ['64 KiB', read, ofSize(65_536)],
  ['64 KiB and a byte', 413, ofSize(65_537)],
  [
    '64 KiB in chunks',
    read,
    stream(
      ...[ofSize(65_536)].flatMap((text) => [utf8.encode(text.slice(0, 40_000)), utf8.encode(text.slice(40_000))]),
    ),
  ],
  ['64 KiB and a byte in chunks', 413, stream(utf8.encode(ofSize(65_536)), bytes(0x20))],
])('a body with %s is answered %i', async (_, status, body) => {
  expect((await post(body)).status).toBe(status)
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
})

test('a body that never ends is refused and read no further', async () => {
  let cancelled = false
  const endless = new ReadableStream<Bytes>({
    pull: (controller) => controller.enqueue(new Uint8Array(8192).fill(0x20)),
    cancel() {
      cancelled = true
    },
  })
  expect((await post(endless)).status).toBe(413)
  expect(cancelled).toBe(true)
})

test('a body that says that it is too large is not read', async () => {
  expect((await post(`{${good}}`, { ...json, 'Content-Length': '65537' })).status).toBe(413)
  expect((await post(`{${good}}`, { ...json, 'Content-Length': '65536' })).status).toBe(read)
})

test('a body that breaks off is no failure of the server', async () => {
  const broken = new ReadableStream<Bytes>({ pull: (controller) => controller.error(new Error('socket hang up')) })
  expect((await post(broken)).status).toBe(400)
})

test.each([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/json ; charset="utf-8"',
  'application/json; charset=utf8',
  "application/json; charset='utf-8'",
  'application/json; charset=us-ascii',
  'application/json; charset=',
  'application/json;',
  'application/json; odata.metadata=minimal; charset=UTF8',
  'application/json; version=2',
  'application/json; charset',
  'APPLICATION/JSON',
  'application/vnd.api+json',
])('a body may be %s', async (type) => {
  expect((await post(`{${good}}`, { 'Content-Type': type })).status).toBe(read)
})

test.each([
  'text/plain',
  'text/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/octet-stream',
  'application/jsonp',
  'application/json; charset=utf-16',
  'application/json; charset=iso-8859-1',
  'application/json; version=2; charset="windows-1252"',
  'application/json; charset=utf-8; charset=latin1',
  'application/json; charset=utf-16le',
  'application/json, application/json',
  'json',
  '*/*',
  'text/plain; application/json',
])('a body may not be %s, whatever it holds', async (type) => {
  for (const body of [`{${good}}`, '{}', 'x=1']) expect((await post(body, { 'Content-Type': type })).status).toBe(415)
})

test('a body needs a type, and is not compressed', async () => {
  expect((await post(utf8.encode(`{${good}}`), {})).status).toBe(415)
  for (const encoding of ['gzip', 'br', 'deflate', 'nonsense']) {
    for (const body of [`{${good}}`, '{}', bytes(0x1f, 0x8b, 8)]) {
      expect((await post(body, { ...json, 'Content-Encoding': encoding })).status).toBe(415)
    }
  }
})
