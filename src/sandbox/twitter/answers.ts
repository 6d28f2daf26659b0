import type { Context } from 'hono'

/** What X says to a signed request that it refuses; the numbers are those of its error table. */
export const refusals = {
  badAuthentication: { status: 400, code: 215, message: 'Bad Authentication data.' },
  notAuthenticated: { status: 401, code: 32, message: 'Could not authenticate you.' },
  invalidToken: { status: 401, code: 89, message: 'Invalid or expired token.' },
  outOfTime: { status: 401, code: 135, message: 'Timestamp out of bounds.' },
  callback: {
    status: 403,
    code: 415,
    message:
      'Callback URL not approved for this client application. Approved callback URLs can be adjusted in your application settings',
  },
} as const

export type RefusalName = keyof typeof refusals

/** An error of the 1.1 API and of the OAuth 1.0a endpoints. */
export function refuse(c: Context, name: RefusalName) {
  const { status, code, message } = refusals[name]
  return c.json({ errors: [{ code, message }] }, status)
}

/** An error of the v2 API. */
export function problem(c: Context, status: 400 | 401 | 403, detail: string, type = 'about:blank') {
  const title = { 400: 'Invalid Request', 401: 'Unauthorized', 403: 'Forbidden' }[status]
  return c.body(JSON.stringify({ title, type, status, detail }), status, { 'content-type': 'application/problem+json' })
}

/** An error of the OAuth 2 endpoints. */
export function oauth2Error(c: Context, status: 400 | 401, error: string, description: string) {
  return c.json({ error, error_description: description }, status)
}
