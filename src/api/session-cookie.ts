import type { Context } from 'hono'
import { serializeCookie } from 'oslo/cookie'
import { closeSessionOf } from '../sessions/end-sessions.ts'
import type { ApiEnv } from './api-env.ts'

const name = 'SWOB'

/**
 * The session token that a request carries. The Android app sends whole Set-Cookie values back: what isn't SWOB doesn't count, nor does how
 * it's written (oslo's parser throws where a foreign cookie has a bare %). No decoding: a token has no letter that needs it.
 */
export function readSessionCookie(c: Context<ApiEnv>): string | undefined {
  let token: string | undefined
  for (const pair of (c.req.header('Cookie') ?? '').split(';')) {
    const end = pair.indexOf('=')
    if (end < 0 || pair.slice(0, end).trim() !== name) continue
    const value = pair
      .slice(end + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1')
    // Two of them: one was planted, from a subdomain or for a longer path, so that its victim works in the planter's account.
    if (token !== undefined && token !== value) return undefined
    token = value
  }
  return token
}

export function setSessionCookie(c: Context<ApiEnv>, token: string): void {
  const { secureCookies, sessions } = c.env.services.settings
  c.header('Set-Cookie', serializeCookie(name, token, { ...attributes(secureCookies), maxAge: sessions.maxAge }))
}

/** Sets the cookie of a session that was just opened, or goes on. Another that it replaces would live on with nobody to end it, so it ends. */
export async function replaceSessionCookie(c: Context<ApiEnv>, token: string): Promise<void> {
  const replaced = readSessionCookie(c)
  if (replaced && replaced !== token) await closeSessionOf(c.env.services, replaced)
  setSessionCookie(c, token)
}

export function deleteSessionCookie(c: Context<ApiEnv>): void {
  c.header('Set-Cookie', serializeCookie(name, '', { ...attributes(c.env.services.settings.secureCookies), maxAge: 0 }))
}

const attributes = (secure: boolean) => ({ httpOnly: true, sameSite: 'lax', secure, path: '/' }) as const
