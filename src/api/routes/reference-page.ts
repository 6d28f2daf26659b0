import { type Context, Hono } from 'hono'
import { RefusedError } from '../../errors.ts'
import type { ApiEnv, Asset } from '../api-env.ts'

/** Only these are ever asked of the runtime, so that no path leads elsewhere. */
const types: Readonly<Record<string, string>> = {
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'consent-return.js': 'text/javascript; charset=utf-8',
}

/** Styles are set through the DOM only, which `style-src` leaves alone. The library's icons are `data:` images. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The reference as a page, where the runtime has its files. Without a schema: it's no matter of the client's. */
export const referencePageRoutes: Hono<ApiEnv> = new Hono<ApiEnv>()
  .get('/docs', async (c) => {
    const [script, style] = await Promise.all([openAsset(c, 'page.js'), openAsset(c, 'page.css')])
    return c.body(page({ script: script.tag, style: style.tag }), 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-cache',
    })
  })
  .get('/docs/:name', async (c) => {
    const name = c.req.param('name')
    const type = Object.hasOwn(types, name) ? types[name] : undefined
    if (!type) throw new RefusedError('not_found', 'no such path')
    return answer(c, await openAsset(c, name), type)
  })

/** Where the sandbox's platforms send people back to in development: the page that a frontend would have there. */
export const consentReturnRoutes: Hono<ApiEnv> = new Hono<ApiEnv>().get(
  '/platforms/:platform/protocols/:protocol/redirect_codes/',
  async (c) => {
    if (!c.env.returnOrigin) throw new RefusedError('not_found', 'no such path')
    const script = await openAsset(c, 'consent-return.js')
    return c.body(consentReturn(script.tag), 200, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy,
    })
  },
)

async function openAsset(c: Context<ApiEnv>, name: string): Promise<Asset> {
  const asset = await c.env.openAsset?.(name)
  if (!asset) throw new RefusedError('not_found', 'no such path')
  return asset
}

function answer(c: Context<ApiEnv>, { body, gzip, tag }: Asset, type: string) {
  // A weak tag: it's of the content, however that is packed.
  const eTag = `W/"${tag}"`
  c.header('ETag', eTag)
  c.header('Cache-Control', c.req.query('v') === tag ? 'public, max-age=31536000, immutable' : 'public, no-cache')
  c.header('Vary', 'Accept-Encoding', { append: true })
  if (c.req.header('If-None-Match')?.includes(eTag)) return c.body(null, 304)
  const takesGzip = /(^|,)\s*gzip\s*(,|;(?!\s*q=0(\.0*)?\s*(,|$))|$)/i.test(c.req.header('Accept-Encoding') ?? '')
  if (!gzip || !takesGzip) return c.body(body, 200, { 'Content-Type': type })
  return c.body(gzip, 200, { 'Content-Type': type, 'Content-Encoding': 'gzip' })
}

const consentReturn = (tag: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Back from the platform</title>
    <link rel="icon" href="data:,">
    <script src="/v2/docs/consent-return.js?v=${tag}" defer></script>
  </head>
  <body>
    <h1>SMSWithoutBorders API</h1>
    <pre id="result"></pre>
    <noscript>This page needs JavaScript.</noscript>
  </body>
</html>
`

const page = (tags: { script: string; style: string }) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>SMSWithoutBorders API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="docs/page.css?v=${tags.style}">
    <script src="docs/page.js?v=${tags.script}" defer></script>
  </head>
  <body>
    <div id="reference"></div>
    <noscript>This page needs JavaScript. The same as data: <a href="openapi.json">openapi.json</a>.</noscript>
  </body>
</html>
`
