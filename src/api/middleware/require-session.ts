import type { Context } from 'hono'
import { createMiddleware } from 'hono/factory'
import { RefusedError } from '../../errors.ts'
import { findSession } from '../../sessions/find-session.ts'
import type { Session, SessionPurpose } from '../../sessions/session.ts'
import type { ApiEnv } from '../api-env.ts'
import { withRouteMeta } from '../openapi/operation.ts'
import { userAgentOf } from '../request/client-address.ts'
import { readSessionCookie, setSessionCookie } from '../session-cookie.ts'

/** The live session that a request carries. */
export async function findRequestSession(c: Context<ApiEnv>): Promise<{ session: Session; token: string } | undefined> {
  const userAgent = userAgentOf(c)
  const token = readSessionCookie(c)
  const session = token === undefined ? undefined : await findSession(c.env.services, { token, userAgent })
  return session && token !== undefined ? { session, token } : undefined
}

/**
 * Lets a request through that carries a live session, of one of the purposes if any are named, and whose path names no other user. One answer to
 * every other request, before anything else of it is looked at.
 */
export function requireSession(...purposes: SessionPurpose[]) {
  const handler = createMiddleware<ApiEnv>(async (c, next) => {
    const { session, token } = (await findRequestSession(c)) ?? {}
    const userId = c.req.param('user_id')
    const isOwn = session && (userId === undefined || userId.toLowerCase() === session.userId)
    if (!token || !isOwn || (purposes.length > 0 && !purposes.includes(session.purpose))) {
      throw new RefusedError('unauthorized', 'no valid session for this request')
    }
    if (session.purpose === 'login' && !session.user)
      throw new RefusedError('unauthorized', 'no valid session for this request')
    c.set('session', session)
    if (session.renewed) setSessionCookie(c, token)
    await next()
  })
  return withRouteMeta(handler, { session: purposes })
}
