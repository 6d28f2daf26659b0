import { Hono } from 'hono'
import { RefusedError } from '../../errors.ts'
import type { ApiEnv } from '../api-env.ts'
import { logos } from '../logos.ts'

/** Pages of other origins show these, so they are the one thing that any origin may embed. */
export const logoRoutes = new Hono<ApiEnv>().get('/public/:logo', (c) => {
  const name = c.req.param('logo').replace(/\.svg$/, '')
  const logo = c.req.param('logo').endsWith('.svg') ? logos.get(name) : undefined
  if (!logo) throw new RefusedError('not_found', 'no such logo')
  c.header('Cross-Origin-Resource-Policy', 'cross-origin')
  c.header('Cache-Control', 'public, max-age=86400')
  return c.body(logo, 200, { 'Content-Type': 'image/svg+xml' })
})
