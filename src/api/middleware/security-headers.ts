import { createMiddleware } from 'hono/factory'
import type { ApiEnv } from '../api-env.ts'

/** Stand on every answer, of whatever status, unless its route says otherwise. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Origin-Agent-Cluster': '?1',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'X-Permitted-Cross-Domain-Policies': 'none',
}

/** A year and subdomains, as ASVS 3.4.1 wants it. */
const strictTransport = 'max-age=31536000; includeSubDomains'

const headerEntries = Object.entries(securityHeaders)

/** Before the answer is made, which then is made with them; to add them afterwards costs twice as much. */
export const setSecurityHeaders = createMiddleware<ApiEnv>(async (c, next) => {
  for (const [name, value] of headerEntries) c.header(name, value)
  // Secure cookies say that people come by https; over plain http the header is forbidden (RFC 6797, 7.2).
  if (c.env.services.settings.secureCookies) c.header('Strict-Transport-Security', strictTransport)
  await next()
})
