import type { Context } from 'hono'
import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import { RefusedError } from '../errors.ts'
import type { ApiEnv } from './api-env.ts'

const crossOrigin = cors({
  origin: (origin) => origin,
  credentials: true,
  allowMethods: ['GET', 'POST', 'PUT', 'DELETE'],
  allowHeaders: ['Content-Type', 'Accept', 'Accept-Language'],
  exposeHeaders: ['Retry-After', 'X-Request-Id'],
  maxAge: 7200,
})

/** CORS headers for the listed origins and for no other; a change asked for by any other page is refused. */
export const checkOrigin = createMiddleware<ApiEnv>(async (c, next) => {
  const origin = c.req.header('Origin')
  if (origin && c.env.services.settings.origins.includes(origin)) return crossOrigin(c, next)
  c.header('Vary', 'Origin', { append: true })
  const isChange = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
  if (isChange && !mayChange(c, origin)) throw new RefusedError('forbidden', 'this web origin may not call')
  await next()
})

/** A browser tells where a request comes from by one of these headers or both; other programs send neither. */
function mayChange(c: Context, origin: string | undefined): boolean {
  const site = c.req.header('Sec-Fetch-Site')
  // `none`: the person's own doing, such as a reload.
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false
  return !origin || isOwnOrigin(c, origin)
}

/** The origin to send people back to after a platform asked for their consent. */
export function webOrigin(c: Context<ApiEnv>): string {
  const { origins } = c.env.services.settings
  const origin = c.req.header('Origin')
  return origin && origins.includes(origin) ? origin : (origins[0] ?? '')
}

/** A page that this server itself serves. Behind a proxy that ends TLS the scheme differs, so only the host counts. */
const isOwnOrigin = (c: Context, origin: string) => URL.parse(origin)?.host === new URL(c.req.url).host
