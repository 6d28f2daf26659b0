import type { CookieJar } from './cookie-jar.ts'

export interface ClientOptions {
  /** Where the API is, such as `https://api.example.com/v2`. In a browser it may be a path, such as `/v2`. */
  baseUrl: string
  /** In place of the runtime's own. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>
  /** Browsers keep the session themselves; elsewhere give a `cookieJar()`. */
  cookies?: CookieJar
  /** Sent with every request, for example `Accept-Language`. */
  headers?: Record<string, string>
  /** Off unless given. */
  retry?: RetryOptions
}

/**
 * What is safe to repeat is repeated: any operation after 429, for nothing was done; those that only read also after
 * 502, 503, 504 and a lost connection.
 */
export interface RetryOptions {
  /** Beside the first try. */
  times: number
  /** Before another try where no Retry-After says so, as after a lost connection. Default 1. */
  waitSeconds?: number
  /** A longer Retry-After isn't waited for: the refusal is handed over at once. Default 10. */
  longestWaitSeconds?: number
}

/** For one call. */
export interface CallOptions {
  /** Ends the call, waits between tries included. */
  signal?: AbortSignal
  headers?: Record<string, string>
}
