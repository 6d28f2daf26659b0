import type { Context } from 'hono'
import { RefusedError } from '../../errors.ts'
import type { ApiEnv } from '../api-env.ts'

/** A session is bound to it, so it must be there. */
export function userAgentOf(c: Context<ApiEnv>): string {
  const userAgent = c.req.header('User-Agent') ?? ''
  if (!userAgent && c.env.services.settings.sessions.bindUserAgent) {
    throw new RefusedError('bad_request', 'a User-Agent header is required', { fields: ['User-Agent'] })
  }
  return userAgent
}
