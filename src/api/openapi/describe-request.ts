import { exampleRequests, type ObjectSchema } from './example-requests.ts'
import type { SampleRequest } from './samples/sample-request.ts'
import { writeSamples } from './samples/write-samples.ts'

/** Where the samples say that the API is. The page puts its own address in its place. */
export const sampleServer = 'http://localhost:9000/v2'

type DocumentedRequest = {
  id: string
  method: string
  /** With its parameters in braces. */
  path: string
  needsSession: boolean
  param?: ObjectSchema | undefined
  json?: ObjectSchema | undefined
}

/** What an operation takes, and how it is called in each language: all from the schemas and the one example. */
export function describeRequest({ id, method, path, needsSession, param, json }: DocumentedRequest) {
  const requests = exampleRequests(id, { param, json })
  const [usual] = requests
  const names = Object.keys(param?.properties ?? {})
  const params = Object.fromEntries(names.map((name) => [name, usual.path[name] ?? `{${name}}`]))
  const sample: SampleRequest = {
    id,
    method: method as SampleRequest['method'],
    server: sampleServer,
    path: path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? ''),
    params,
    ...(Object.keys(usual.body).length > 0 && { body: usual.body }),
    needsSession,
  }
  return {
    ...(param && { parameters: toParameters(param, usual.path) }),
    ...(json && { requestBody: toRequestBody(json, requests) }),
    'x-codeSamples': writeSamples(sample),
  }
}

const toParameters = ({ properties = {} }: ObjectSchema, path: Readonly<Record<string, string>>) =>
  Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'path',
    required: true,
    ...(description && { description }),
    ...(path[name] && { example: path[name] }),
    schema,
  }))

function toRequestBody(schema: ObjectSchema, requests: ReturnType<typeof exampleRequests>) {
  const [usual, ...others] = requests
  const named = requests.map(({ title, body }) => [title, { summary: title, value: body }])
  const shown = others.length > 0 ? { examples: Object.fromEntries(named) } : { example: usual.body }
  return { required: (schema.required ?? []).length > 0, content: { 'application/json': { schema, ...shown } } }
}
