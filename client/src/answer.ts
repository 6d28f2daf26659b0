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
