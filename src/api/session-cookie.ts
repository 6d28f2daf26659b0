import type { Context } from 'hono'
import { parseCookies, serializeCookie } from 'oslo/cookie'
import type { ApiEnv } from './api-env.ts'

const name = 'SWOB'

/** The session token that a request carries. The Android app sends whole Set-Cookie values back: what isn't SWOB doesn't count. */
export const readSessionCookie = (c: Context<ApiEnv>): string | undefined =>
  parseCookies(c.req.header('Cookie') ?? '').get(name)

export function setSessionCookie(c: Context<ApiEnv>, token: string): void {
  const { secureCookies, sessions } = c.env.services.settings
  c.header('Set-Cookie', serializeCookie(name, token, { ...attributes(secureCookies), maxAge: sessions.maxAge }))
}

export function deleteSessionCookie(c: Context<ApiEnv>): void {
  c.header('Set-Cookie', serializeCookie(name, '', { ...attributes(c.env.services.settings.secureCookies), maxAge: 0 }))
}

const attributes = (secure: boolean) => ({ httpOnly: true, sameSite: 'lax', secure, path: '/' }) as const
