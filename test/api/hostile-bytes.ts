const rest = 'Host: localhost\r\nUser-Agent: Raw/1.0\r\nConnection: close'

const get = (path: string) => `GET ${path} HTTP/1.1\r\n${rest}\r\n\r\n`
const withHost = (name: string) => `GET /public/gmail.svg HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`
const withHeader = (header: string) => `GET /v2/users/x/dashboard HTTP/1.1\r\n${rest}\r\n${header}\r\n\r\n`
const withBody = (headers: string, body: string) =>
  `POST /v2/login HTTP/1.1\r\n${rest}\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`
const withLength = (length: string) => withBody(`Content-Length: ${length}`, '{}')
const withCoding = (coding: string) => withBody(`Transfer-Encoding: ${coding}`, '2\r\n{}\r\n0\r\n\r\n')
const inChunks = (body: string) => withBody('Transfer-Encoding: chunked', body)

const requestLines = [
  'GARBAGE',
  '\r\n\r\n\0\0\0\0',
  'GET',
  'GET /',
  'GET / HTTP/1.0',
  'GET / HTTP/9.9',
  ' GET / HTTP/1.1',
  `GET / HTTP/1.1\n${rest}\n`,
  `get / HTTP/1.1\r\n${rest}`,
  `BREW / HTTP/1.1\r\n${rest}`,
  `GET  /  HTTP/1.1\r\n${rest}`,
  'GET /public/gmail.svg HTTP/1.0\r\nHost: localhost',
  'POST /v2/login HTTP/1.0',
  'PRI * HTTP/2.0\r\n\r\nSM',
  `OPTIONS * HTTP/1.1\r\n${rest}`,
  `M-SEARCH * HTTP/1.1\r\n${rest}`,
  `TRACE / HTTP/1.1\r\n${rest}`,
  `CONNECT / HTTP/1.1\r\n${rest}`,
  `CONNECT localhost:443 HTTP/1.1\r\n${rest}`,
  `${'X'.repeat(300)} / HTTP/1.1\r\n${rest}`,
  `GET / http/1.1\r\n${rest}`,
  `GET / HTTP/1.10\r\n${rest}`,
  `GET / HTTP/11\r\n${rest}`,
  `GET / HTTP/1.1 x\r\n${rest}`,
  `GET\t/\tHTTP/1.1\r\n${rest}`,
  `GET / HTTP/1.1\r${rest}`,
  `\xef\xbb\xbfGET / HTTP/1.1\r\n${rest}`,
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0',
  'SSH-2.0-OpenSSH_9.9',
  '{"jsonrpc":"2.0"}',
  '\0'.repeat(2000),
  '\xff'.repeat(20_000),
  '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
].map((line) => `${line}\r\n\r\n`)

const targets = [
  ...['*', '//', '//evil.example/v2/login', '/v2/../../etc/passwd', '/%', '/%00', '/v2\\login', '/#x', '?', 'v2/login'],
  ...['/\xff\xfe', '/\xc3\xa9', '/v2/users/\xe2\x80\xae/dashboard', '/\x7f', '/a b', '/\0', '/[', '/{}|^`<>"'],
  ...[
    '/v2/login;a=b',
    '/v2/login%20',
    '/v2/%2e%2e/%2e%2e/etc/passwd',
    '/v2/users/%c0%af/dashboard',
    '/v2/docs/..%2fpage.js',
  ],
  ...[
    '/v2/docs/%2e%2e%2f%2e%2e%2fpackage.json',
    '/public/%2e%2e/x.svg',
    '/public/gmail.svg%00',
    '/public/__proto__.svg',
  ],
  ...['http://', 'http://evil.example/v2/login', 'https://a@b:c/', 'ftp://x/', 'file:///etc/passwd', 'javascript:1'],
]

const hosts = [
  ...[
    'a b',
    '[',
    '[::1',
    ':',
    ':80',
    'a:b',
    'a/b',
    'x@y',
    '\xff',
    '%00',
    'a,b',
    '',
    'a:99999',
    '..',
    '1.2.3.4.5',
    'xn--',
  ],
]

const headers = [
  ...['Cookie: SWOB=%ff\xff', 'Cookie: \xff=\xfe', 'Origin: \xff', 'Origin: http://[', 'Accept-Language: \xff;q=\xff'],
  ...['Accept: \xff', 'X-Request-Id: \xff', 'X-Forwarded-For: \xff, [, 1', 'Referer: \xff', 'If-None-Match: \xff'],
  ...['No-Colon', ': no name', 'Bad Name: x', ' folded: x', 'X: a\r\n b', 'X: \0', 'X: \x7f', 'Expect: 200-ok'],
  ...['Upgrade: h2c', 'Upgrade: websocket', 'HTTP2-Settings: AA', 'Connection: \xff', 'TE: \xff', 'Range: bytes=-1'],
  ...['Host: another', 'Transfer-Encoding: chunked', 'Content-Length: 9', 'Trailer: \xff', 'Date: never', 'Via: \xff'],
  ...['Sec-Fetch-Site: \xff', 'Accept: application/problem+json;q=\xff', 'Accept-Encoding: \xff', 'If-None-Match: "'],
  ...[
    'Cookie: SWOB=a\r\nCookie: SWOB=b',
    'User-Agent: \xff',
    'Content-Type: \xff',
    'Forwarded: for="[',
    'X-HTTP-Method-Override: DELETE',
  ],
  ...[
    'Expect: 100-continue\r\nExpect: 100-continue',
    'Keep-Alive: timeout=-1',
    'Proxy-Connection: x',
    'Host : localhost',
    'X:\x0b1',
  ],
  Array.from({ length: 3000 }, (_, index) => `X${index}: 1`).join('\r\n'),
]

const lengths = ['-1', '+2', '0x2', '2.0', '1e1', '2, 2', 'two', '', '99999999999999999999999']
const codings = ['gzip, chunked', 'chunked, chunked', 'identity', 'chunked, gzip', 'CHUNKED', '\xff']
const chunks = [
  ...['zz\r\n', '-1\r\n', 'FFFFFFFFFFFFFFFFFFFF\r\n', '2\r\n{}x', '2;a=b\r\n{}\r\n0\r\nTrailer: \xff\r\n\r\n'],
  `2;${'x'.repeat(20_000)}`,
]

const bodies = [
  withBody('Content-Length: 2\r\nContent-Length: 3', '{}x'),
  withBody('Content-Length: 2\r\nContent-Length: 2', '{}'),
  withBody('Content-Length: 2\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
  withBody('Content-Length: 2\r\nExpect: 100-continue', '{}'),
  withBody('Content-Length: 2\r\nContent-Type: \xff', '{}'),
  withBody('Content-Length: 3\r\nContent-Encoding: gzip', '\x1f\x8b\x08'),
]

/** What no client should send: each is one connection's bytes, a character a byte. */
export const hostileBytes: readonly string[] = [
  ...requestLines,
  ...targets.map(get),
  ...hosts.map(withHost),
  ...headers.map(withHeader),
  ...lengths.map(withLength),
  ...codings.map(withCoding),
  ...chunks.map(inChunks),
  ...bodies,
]

const hidden = 'GET /public/gmail.svg HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Raw/1.0\r\n\r\n'
const around = (headers: string, body: string) =>
  `POST /v2/login HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Raw/1.0\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`
const length = `Content-Length: ${hidden.length}`
const lengthOfChunk = `Content-Length: ${hidden.length + 5}`
const lastChunk = `0\r\n\r\n${hidden}`

/** A second request in the body of a first, for a server that ends the body elsewhere than its proxy does. */
export const smuggledBytes: readonly string[] = [
  around(length, hidden),
  ...[
    ...[
      'Transfer-Encoding: chunked',
      'Transfer-Encoding:chunked',
      'Transfer-Encoding:\tchunked',
      'transfer-encoding: CHUNKED',
    ],
    ...['Transfer-Encoding: xchunked', 'Transfer-Encoding: chunked, identity', 'Transfer-Encoding: identity, chunked'],
    ...['Transfer-Encoding : chunked', ' Transfer-Encoding: chunked', 'X: x\nTransfer-Encoding: chunked'],
    ...[
      'Transfer-Encoding:\r\n chunked',
      'Transfer-Encoding: "chunked"',
      'Transfer-Encoding: chunked\r\nTransfer-Encoding: x',
    ],
    ...[
      'Transfer-Encoding: \x0bchunked',
      'Transfer-Encoding:\0chunked',
      'Transfer-Encoding: chunked;q=1',
      'Transfer_Encoding: chunked',
    ],
  ].map((coding) => around(`${lengthOfChunk}\r\n${coding}`, lastChunk)),
  ...[
    'Content-Length: 0',
    'content-length: 0',
    'Content-Length : 0',
    'Content-Length: +0',
    ' Content-Length: 0',
    'Content-Length: 00',
  ].map((other) => around(`${length}\r\n${other}`, hidden)),
  ...['1;\n', '0x1\r\n', '1 \r\n', '+1\r\n', '1\n', '1\r', '10000000000000001\r\n'].map((size) =>
    around('Transfer-Encoding: chunked', `${size} \r\n${lastChunk.replace('0\r\n\r\n', '')}`),
  ),
]
