import fc from 'fast-check'
import { document } from '../support/check-document.ts'
import { bodyOf, type Schema } from './bodies.ts'
import { hostileHeaderValue, hostileText } from './hostile-values.ts'

type Described = {
  operationId: string
  parameters?: { name: string }[]
  requestBody?: { content: { 'application/json': { schema: Schema } } }
  responses: Record<string, { 'x-session-cookie'?: 'set' | 'deleted' }>
}
export type Operation = { id: string; method: string; path: string; described: Described }

/** Who asks: by a session that one of the actors has, or by none. */
export const askers = ['signedIn', 'signingUp', 'proved', 'recovering', 'nobody'] as const

export type HostileRequest = {
  asker: (typeof askers)[number]
  path: string
  headers: Readonly<Record<string, string>>
  body: string | undefined
}

export const operations: readonly Operation[] = Object.entries(
  document.paths as Record<string, Record<string, Described>>,
).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => ({
    id: described.operationId,
    method: method.toUpperCase(),
    path,
    described,
  })),
)

/** Requests for one operation: from right to outrageous, as its own schema suggests. */
export function requestsFor({ method, path, described }: Operation): fc.Arbitrary<HostileRequest> {
  const names = described.parameters?.map(({ name }) => name) ?? []
  const schema = described.requestBody?.content['application/json'].schema
  return fc.record({
    asker: fc.oneof(
      { weight: 3, arbitrary: fc.constant(usualAsker(described.operationId)) },
      { weight: 2, arbitrary: fc.constantFrom(...askers) },
    ),
    path: fc
      .tuple(segmentsOf(names), query)
      .map(
        ([segments, query]) => `/v2${path.replace(/\{(\w+)\}/g, (_, name: string) => segments[name] ?? '')}${query}`,
      ),
    headers: headersWith(names.length + (schema ? 1 : 0)),
    body: method === 'GET' ? fc.constant(undefined) : bodyOf(schema ?? {}),
  })
}

function usualAsker(id: string): HostileRequest['asker'] {
  if (/sendCode|checkCode/.test(id)) return 'signingUp'
  if (/^(finishSignup)$/.test(id)) return 'proved'
  if (/Recovery$/.test(id)) return 'recovering'
  return /^(startSignup|logIn|verifyUser)$/.test(id) ? 'nobody' : 'signedIn'
}

const platforms = [
  ['gmail', 'oauth2'],
  ['gmail', 'oauth2'],
  ['twitter', 'oauth2'],
  ['mastodon', 'oauth2'],
  ['telegram', 'twofactor'],
] as const

/** A value for each parameter of a path. */
const segmentsOf = (names: readonly string[]): fc.Arbitrary<Record<string, string>> =>
  fc
    .record({
      user_id: segment('$uid'),
      pair: fc.constantFrom(...platforms),
      action: segment('register', 'password', 'password'),
    })
    .chain(({ user_id, pair: [platform, protocol], action }) =>
      fc.record({
        user_id: fc.constant(user_id),
        platform: segment(platform),
        protocol: segment(protocol),
        action: fc.constant(action),
      }),
    )
    .map((all) => Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))))

const segment = (...usual: string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...usual) },
    { weight: 2, arbitrary: hostileText.map((text) => encodeURIComponent(text.toWellFormed())) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '%',
        '%zz',
        '%ff',
        '%2e%2e',
        '..',
        ';a=b',
        ':user_id',
        '*',
        '$otherUid',
        '%00',
        '%F0%9F%94%91',
      ),
    },
  )

const query: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: hostileText.map((text) => `?${encodeURIComponent(text.toWellFormed())}=1`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('?', '?&&', '?%', '?user_id=$otherUid', '?__proto__[a]=1', `?${'a=1&'.repeat(1000)}`),
  },
)

/** `parts`: the more there is of a request, the more often its headers are plain. */
const headersWith = (parts: number): fc.Arbitrary<Record<string, string>> =>
  fc.oneof(
    { weight: 2 + parts, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...headerNames), hostileHeaderValue, { maxKeys: 3 }) },
    { weight: 1, arbitrary: fc.constantFrom(...oddHeaders) },
  )

const headerNames = [
  ...[
    'Content-Type',
    'Content-Encoding',
    'Accept',
    'Accept-Language',
    'Cookie',
    'User-Agent',
    'X-Request-Id',
    'X-Forwarded-For',
  ],
  ...[
    'Origin',
    'Sec-Fetch-Site',
    'Authorization',
    'If-None-Match',
    'Range',
    'Referer',
    'X-HTTP-Method-Override',
    'Forwarded',
  ],
]

const oddHeaders: readonly Record<string, string>[] = [
  { Accept: 'application/problem+json' },
  { Accept: 'text/html' },
  { 'Accept-Language': 'fa;q=0.1, xx;q=9, *' },
  { 'Content-Type': 'text/plain' },
  { 'Content-Type': 'application/json; charset=utf-16' },
  { 'Content-Type': 'application/x-www-form-urlencoded' },
  { 'Content-Type': 'APPLICATION/VND.API+JSON' },
  { Cookie: 'SWOB=; SWOB=%; SWOB' },
  { Cookie: `SWOB=${'a'.repeat(43)}` },
  { Origin: 'null' },
  { Origin: 'http://localhost:18000' },
  { 'X-Forwarded-For': '::1, [, 256.1.1.1' },
]
