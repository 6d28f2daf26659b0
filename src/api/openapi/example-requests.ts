import { type ExampleRequest, requestsOf } from './examples.ts'

export type ObjectSchema = {
  properties?: Record<string, { description?: string; examples?: readonly unknown[] }>
  required?: string[]
}

/** What a caller of an operation may send, the usual first. Where nothing else is said: every field that has an example. */
export function exampleRequests(
  id: string,
  { param, json }: { param?: ObjectSchema | undefined; json?: ObjectSchema | undefined },
): readonly [ExampleRequest, ...ExampleRequest[]] {
  const [first, ...others] = requestsOf[id] ?? []
  if (first) return [first, ...others]
  return [{ title: 'Usual', path: examplesOf(param) as Record<string, string>, body: examplesOf(json) }]
}

function examplesOf({ properties = {} }: ObjectSchema = {}): Record<string, unknown> {
  const withExamples = Object.entries(properties).filter(([, { examples }]) => examples?.length)
  return Object.fromEntries(withExamples.map(([name, { examples }]) => [name, examples?.[0]]))
}
