import type { ClientRequestOptions, ClientResponse } from 'hono/client'
import type { Answer } from './answer.ts'
import { readBody } from './answer.ts'
import type { CallOptions } from './client-options.ts'
import type { Operation } from './operation.ts'

/** What a call of hono's client is as an operation. */
export type OperationOf<Call> = Call extends (args: infer Args, ...rest: never) => Promise<infer Response>
  ? Operation<Flat<Part<NonNullable<Args>, 'param'> & Part<NonNullable<Args>, 'json'>>, AnswerOf<Response>>
  : never

type Part<Args, Name extends string> = Args extends { [Key in Name]: infer Fields } ? Fields : unknown
/** Written out, so that the published types name nothing of the server's. */
type Flat<T> = T extends infer Fields
  ? { [Name in keyof Fields as string extends Name ? never : Name]: Fields[Name] }
  : never
type AnswerOf<R> = R extends ClientResponse<infer Body, infer Status, 'json'> ? Answer<Status, Flat<Body>> : never

type Send = (args: object, options: ClientRequestOptions) => Promise<Response>

/** A method of one of hono's nodes. The node knows its path, so the fields of path and body may be given as one. */
export function nameOperation<Node extends { $path: () => string }, Method extends keyof Node>(
  node: Node,
  method: Method,
): OperationOf<Node[Method]> {
  const pathNames = [...node.$path().matchAll(/:(\w+)/g)].map(([, name]) => name)
  const send = node[method] as Send
  async function response(fields: object = {}, { signal, headers }: CallOptions = {}) {
    const param: Record<string, string> = {}
    const json: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(fields)) {
      if (pathNames.includes(name)) param[name] = toSegment(name, value)
      else json[name] = value
    }
    return send(
      { param, ...(method !== '$get' && { json }) },
      { ...(signal && { init: { signal } }), ...(headers && { headers }) },
    )
  }
  const read = async (fields?: object, options?: CallOptions) => readBody(await response(fields, options))
  return Object.assign(read, { response }) as unknown as OperationOf<Node[Method]>
}

/** An empty or dotted segment would make another path of it. */
function toSegment(name: string, value: unknown): string {
  const segment = encodeURIComponent(String(value))
  if (/^\.*$/.test(segment)) throw new TypeError(`${name} is missing`)
  return segment
}
