import type { Problem } from './answer.ts'
import { ApiError } from './api-error.ts'

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
