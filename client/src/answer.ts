/** A `Response` whose JSON is known by its status. */
export interface Answer<Status extends number, Body> extends Omit<Response, 'status' | 'ok' | 'json'> {
  readonly status: Status
  readonly ok: `${Status}` extends `2${string}` ? true : false
  json(): Promise<Body>
}

/** What any operation may answer instead of succeeding. */
export type Refusal = { [Status in keyof Refusals]: Answer<Status, Problem<Refusals[Status]>> }[keyof Refusals]

export interface Refusals {
  400: 'bad_request'
  401: 'unauthorized'
  403: 'forbidden'
  404: 'not_found'
  409: 'conflict'
  413: 'too_large'
  415: 'unsupported_media_type'
  422: 'unprocessable'
  429: 'too_many_requests'
  500: 'internal_server_error'
  503: 'unavailable'
}

/** Why, in a stable word: for programs. */
export type ProblemCode = Refusals[keyof Refusals]

/** Problem details (RFC 9457), as they stand in a refusal's body. */
export interface Problem<Code extends ProblemCode = ProblemCode> {
  type: string
  title: string
  status: number
  code: Code
  /** For people. */
  detail?: string
  /** The body or path fields at fault. */
  fields?: string[]
  /** Whole seconds. */
  retry_after_seconds?: number
  /** Name it when you report a problem. */
  request_id: string
}

/** The body of a success; throws an `ApiError` for every other answer. */
export async function readBody(answer: Response): Promise<unknown> {
  const body = await readJson(answer)
  if (answer.ok && body !== undefined) return body
  throw new ApiError(answer, isProblem(body) ? body : undefined)
}

/** A failed read is the connection's and passes through; only what isn't JSON is `undefined`. */
async function readJson(answer: Response): Promise<unknown> {
  const text = await answer.text()
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && 'code' in body && 'request_id' in body

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
