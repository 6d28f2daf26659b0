import type { Context, ErrorHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { UnopenableError } from '../crypto/seal.ts'
import { type RefusalDetails, RefusedError, RefusingWritesError, UnavailableError } from '../errors.ts'
import { isUnreachable } from '../postgres/errors.ts'
import type { ApiEnv } from './api-env.ts'
import { describeCause, describeError } from './describe-error.ts'

const statuses = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  too_many_requests: 429,
  internal_server_error: 500,
  unavailable: 503,
} as const satisfies Record<string, ContentfulStatusCode>

type Answer = { code: keyof typeof statuses; detail?: string; details?: RefusalDetails }

/** The one place that turns an error into an answer: the document's string, problem details where asked for, or the legacy bare text. */
export const respondToError: ErrorHandler<ApiEnv> = (error, c) => {
  const answer = toAnswer(error, c)
  const { code, detail, details = {} } = answer
  const status = statuses[code]
  const title = code.replaceAll('_', ' ')
  if (details.retryAfterSeconds) c.header('Retry-After', String(details.retryAfterSeconds))
  if (details.allow) c.header('Allow', details.allow.join(', '))
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'Accept', { append: true })
  if (c.req.header('Accept')?.includes('application/problem+json')) {
    c.header('Content-Type', 'application/problem+json')
    return c.body(JSON.stringify(problem(c, { status, title, code, detail, details })), status)
  }
  return c.env.services.settings.legacyClients ? c.text(title, status) : c.json(title, status)
}

/** RFC 9457. `code` is stable; `detail` is for people. */
function problem(
  c: Context<ApiEnv>,
  {
    status,
    title,
    code,
    detail,
    details,
  }: { status: number; title: string; code: string; detail: string | undefined; details: RefusalDetails },
) {
  return {
    type: 'about:blank',
    title,
    status,
    code,
    ...(detail && { detail }),
    ...(details.fields && { fields: details.fields }),
    ...(details.retryAfterSeconds && { retry_after_seconds: details.retryAfterSeconds }),
    request_id: c.var.requestId,
  }
}

function toAnswer(error: Error, c: Context<ApiEnv>): Answer {
  const { log } = c.env.services
  const about = { requestId: c.var.requestId, method: c.req.method, path: c.req.routePath }
  if (error instanceof RefusedError) return { code: error.refusal, detail: error.message, details: error.details }
  if (error instanceof HTTPException && error.status < 500) return { code: 'bad_request' }
  if (error instanceof UnavailableError) {
    if (!(error instanceof RefusingWritesError)) log.warn(error.message, { ...about, error: describeCause(error) })
    return { code: 'unavailable', details: { retryAfterSeconds: error.retryAfterSeconds } }
  }
  if (error instanceof UnopenableError && error.missingKeyId !== undefined) {
    // The operator can give the key back, and the caller then do the same again.
    log.error('a key is missing from SECRET_KEYS', { ...about, keyId: error.missingKeyId })
    return { code: 'unavailable', details: { retryAfterSeconds: 300 } }
  }
  if (isUnreachable(error)) {
    log.error('the database is unavailable', { ...about, error: describeError(error) })
    return { code: 'unavailable', details: { retryAfterSeconds: 2 } }
  }
  log.error('internal server error', { ...about, error: describeError(error) })
  return { code: 'internal_server_error' }
}
