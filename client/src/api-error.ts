import type { Problem, ProblemCode } from './answer.ts'

/** The server, or something between, answered with anything but success. `message` is for people, `code` for programs. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** `unexpected`: the answer isn't this API's, such as a proxy's error page or a captive portal's login page. */
  readonly code: ProblemCode | 'unexpected'
  /** The body or path fields at fault. */
  readonly fields: readonly string[]
  /** Whole seconds until the same request may succeed. */
  readonly retryAfterSeconds: number | undefined
  /** Name it when you report a problem. */
  readonly requestId: string | undefined

  constructor(answer: { readonly status: number; readonly headers: Headers }, problem?: Problem) {
    super(problem?.detail ?? problem?.title ?? `unexpected answer ${answer.status}`)
    this.status = answer.status
    this.code = problem?.code ?? 'unexpected'
    this.fields = problem?.fields ?? []
    this.retryAfterSeconds = problem?.retry_after_seconds ?? (Number(answer.headers.get('Retry-After')) || undefined)
    this.requestId = problem?.request_id ?? answer.headers.get('X-Request-Id') ?? undefined
  }
}
