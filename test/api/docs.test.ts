import { expect, test } from 'vitest'
import { api } from '../../src/api/app.ts'
import { openAssets } from '../../src/server/http/assets.ts'
import { buildDocs } from '../support/build-docs.ts'
import { openWorld } from '../support/world.ts'

const { services } = await openWorld()
const openAsset = await buildDocs()

const get = (
  path: string,
  headers: Record<string, string> = {},
  assets: { openAsset?: typeof openAsset } = { openAsset },
) => api.fetch(new Request(`http://api.test${path}`, { headers }), { services, ...assets })

const linked = async (kind: 'js' | 'css') => {
  const page = await (await get('/v2/docs')).text()
  return `/v2/${page.match(new RegExp(`docs/page\\.${kind}\\?v=\\w+`))?.[0]}`
}

test('the page has a policy of its own that lets in no inline code and no other host', async () => {
  const page = await get('/v2/docs')
  expect([page.status, page.headers.get('Content-Type')]).toEqual([200, 'text/html; charset=utf-8'])
  expect(page.headers.get('Cache-Control')).toBe('no-cache')
  const policy = page.headers.get('Content-Security-Policy') ?? ''
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ])
  expect(policy).not.toContain('unsafe')
  expect(page.headers.get('X-Frame-Options')).toBe('DENY')
  const text = await page.text()
  expect(text).not.toMatch(/https?:\/\/|<style|style=|<script>| on\w+=/)
})

test.each(['/v2/openapi.json', '/v2/docs/page.js', '/v2/users/x/dashboard', '/public/gmail.svg'])(
  'the policy of %s stays the strictest',
  async (path) => {
    const { headers } = await get(path, { 'User-Agent': 'Test/1.0' })
    expect(headers.get('Content-Security-Policy')).toBe("default-src 'none'; frame-ancestors 'none'")
  },
)

test.each([
  ['js', 'text/javascript; charset=utf-8'],
  ['css', 'text/css; charset=utf-8'],
] as const)('page.%s is %s, kept for a year under the name of its content', async (kind, type) => {
  const path = await linked(kind)
  const asset = await get(path)
  expect([asset.status, asset.headers.get('Content-Type')]).toEqual([200, type])
  expect(asset.headers.get('X-Content-Type-Options')).toBe('nosniff')
  expect(asset.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
  const length = (await asset.arrayBuffer()).byteLength
  expect(length).toBeGreaterThan(100_000)

  const packed = await get(path, { 'Accept-Encoding': 'br, gzip' })
  expect(packed.headers.get('Content-Encoding')).toBe('gzip')
  expect(packed.headers.get('Vary')).toContain('Accept-Encoding')
  expect((await packed.arrayBuffer()).byteLength).toBeLessThan(length / 2)
  expect((await get(path, { 'Accept-Encoding': 'br, gzip;q=0' })).headers.has('Content-Encoding')).toBe(false)

  const eTag = asset.headers.get('ETag') ?? ''
  const same = await get(path, { 'If-None-Match': eTag })
  expect([same.status, await same.text(), same.headers.get('ETag')]).toEqual([304, '', eTag])
  for (const other of ['', '?v=', '?v=0']) {
    expect((await get(`/v2/docs/page.${kind}${other}`)).headers.get('Cache-Control')).toBe('public, no-cache')
  }
})

test.each([
  '/v2/docs/../../package.json',
  '/v2/docs/..%2F..%2Fpackage.json',
  '/v2/docs/%2e%2e%2fpackage.json',
  '/v2/docs/..%5Cpackage.json',
  '/v2/docs/%2Fetc%2Fpasswd',
  '/v2/docs/page.js%00.css',
  '/v2/docs/page.js/',
  '/v2/docs/Page.js',
  '/v2/docs/page.js.map',
  '/v2/docs/constructor',
  '/v2/docs/__proto__',
  '/v2/docs/',
])('%s is no asset', async (path) => {
  let asked = 0
  const watching = { openAsset: (name: string) => Promise.resolve(void asked++).then(() => openAsset(name)) }
  const answer = await get(path, {}, watching)
  expect([answer.status, await answer.json(), asked]).toEqual([404, 'not found', 0])
})

test('without its files, or switched off, there is no page', async () => {
  const empty = openAssets('/nowhere')
  for (const assets of [{}, { openAsset: empty }]) {
    for (const path of ['/v2/docs', '/v2/docs/page.js', '/v2/docs/page.css']) {
      const answer = await get(path, {}, assets)
      expect([answer.status, await answer.json()]).toEqual([404, 'not found'])
    }
  }
})
