import type { Answer, Refusal } from './answer.ts'
import type { CallOptions } from './client-options.ts'

/** One operation of the API. `Fields` are those of its path and its body together. */
export interface Operation<Fields, Success extends Answer<number, unknown>> {
  /** The body of the answer. Throws an `ApiError` for every answer that isn't a success; a lost connection is `fetch`'s own error. */
  (...args: Arguments<Fields>): Promise<Awaited<ReturnType<Success['json']>>>
  /** The answer itself, whatever it is: throws for a lost connection only. */
  response(...args: Arguments<Fields>): Promise<Success | Refusal>
}

/** Where every field may be left out, so may all of them. */
export type Arguments<Fields> =
  Partial<Fields> extends Fields ? [fields?: Fields, options?: CallOptions] : [fields: Fields, options?: CallOptions]
