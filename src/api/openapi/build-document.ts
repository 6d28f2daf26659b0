import type { RouterRoute } from 'hono/types'
import * as z from 'zod'
import { describeRequest } from './describe-request.ts'
import type { ObjectSchema } from './example-requests.ts'
import { type Operation, routeMetaOf } from './operation.ts'
import { sessionRefusal } from './operations.ts'

/** OpenAPI 3.1 of the routes, from the schemas that validate them. `version`: of the API. */
export function buildDocument(routes: readonly RouterRoute[], { server }: { server: string }) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const [key, handlers] of byOperation(routes)) {
    const [method = '', path = ''] = key.split(' ')
    const described = describeHandlers(handlers)
    if (!described.operation) continue
    const template = path.replace(/^\/v2/, '').replace(/:(\w+)/g, '{$1}')
    paths[template] = {
      ...paths[template],
      [method.toLowerCase()]: toOperation(described, described.operation, { method, path: template }),
    }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'SMSWithoutBorders API',
      version: '2.0.0',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: introduction,
    },
    servers: [{ url: server, description: 'This server' }],
    tags: tags.map(([name, description]) => ({ name, description })),
    paths,
    components,
  }
}

const introduction = `During internet shutdowns people send SMS; a gateway turns them into emails, posts and messages on their behalf, with the permission
that they granted this server beforehand.

**Sessions** use a cookie named SWOB and are bound to the User-Agent, which is required.
**Errors** are JSON strings such as "unauthorized"; with \`Accept: application/problem+json\` they are RFC 9457 problem details.
**Bodies** are JSON of at most 64 KiB. Optional fields may be null or empty; unknown ones are ignored.`

const tags = [
  ['Authentication', 'Sign up, sign in, sign out.'],
  ['OTP', 'One-time codes by SMS that verify a phone number.'],
  ['Users', 'The account.'],
  ['Platforms', 'Platforms that can be saved.'],
  ['Wallets', 'Saving and removing platforms.'],
] as const

const components = {
  securitySchemes: {
    session: {
      type: 'apiKey',
      in: 'cookie',
      name: 'SWOB',
      description: 'Opened by POST /signup, /login, /recovery and /users/{user_id}/verify.',
    },
  },
  headers: {
    RequestId: { description: 'Include it when you report a problem.', required: true, schema: { type: 'string' } },
    RetryAfter: {
      description: 'Whole seconds until the same request may succeed.',
      required: true,
      schema: { type: 'integer', minimum: 1 },
    },
    Session: {
      description: 'The session cookie: HttpOnly, SameSite=Lax; set, renewed or deleted.',
      schema: { type: 'string' },
    },
  },
  schemas: {
    Problem: {
      type: 'object',
      description: 'RFC 9457 problem details.',
      required: ['type', 'title', 'status', 'code', 'request_id'],
      additionalProperties: false,
      properties: {
        type: { type: 'string', const: 'about:blank' },
        title: { type: 'string', examples: ['bad request'] },
        status: { type: 'integer' },
        code: { type: 'string', description: 'Stable; for programs.', examples: ['bad_request'] },
        detail: { type: 'string', description: 'For people.' },
        fields: { type: 'array', items: { type: 'string' }, description: 'The invalid fields.' },
        retry_after_seconds: { type: 'integer', minimum: 1 },
        request_id: { type: 'string' },
      },
    },
  },
}

type Described = {
  operation?: Operation
  schemas: Partial<Record<'json' | 'param', z.ZodType>>
  needsSession: boolean
}

function byOperation(routes: readonly RouterRoute[]): Map<string, object[]> {
  const found = new Map<string, object[]>()
  for (const { method, path, handler } of routes) {
    if (method === 'ALL') continue
    const key = `${method} ${path}`
    found.set(key, [...(found.get(key) ?? []), handler])
  }
  return found
}

function describeHandlers(handlers: readonly object[]): Described {
  const described: Described = { schemas: {}, needsSession: false }
  for (const meta of handlers.map(routeMetaOf)) {
    if (!meta) continue
    if ('operation' in meta) described.operation = meta.operation
    else if ('session' in meta) described.needsSession = true
    else described.schemas[meta.target] = meta.schema
  }
  return described
}

function toOperation(
  { schemas, needsSession }: Described,
  { id, tag, summary, description, success, refusals = {} }: Operation,
  { method, path }: { method: string; path: string },
) {
  const param = schemas.param && toSchema(schemas.param, 'input')
  const json = schemas.json && toSchema(schemas.json, 'input')
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: needsSession ? [{ session: [] }] : [],
    ...describeRequest({ id, method, path, needsSession, param, json }),
    responses: {
      [success.status]: toSuccess(success),
      ...Object.fromEntries(
        Object.entries(refusalsOf(needsSession, json !== undefined, method, refusals)).map(toRefusal),
      ),
    },
  }
}

function toSchema(schema: z.ZodType, io: 'input' | 'output'): ObjectSchema {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' })
  return rest as ObjectSchema
}

const requestId = { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } }

const toSuccess = ({ description, body, cookie }: Operation['success']) => ({
  description,
  headers: { ...requestId, 'Set-Cookie': { $ref: '#/components/headers/Session' } },
  content: { 'application/json': { schema: toSchema(body, 'output') } },
  ...(cookie && { 'x-session-cookie': cookie }),
})

const inOriginalDocument = 'Listed in the original document; this server does not return it here.'

function refusalsOf(
  needsSession: boolean,
  hasBody: boolean,
  method: string,
  own: NonNullable<Operation['refusals']>,
): Record<string, string> {
  const isChange = method !== 'GET'
  return {
    400: 'Malformed JSON, missing or invalid fields, or no User-Agent.',
    401: own[401] ?? (needsSession ? sessionRefusal : inOriginalDocument),
    ...(isChange && { 403: [own[403], 'A web origin that is not allowed.'].filter(Boolean).join(' Or: ') }),
    404: own[404] ?? inOriginalDocument,
    409: own[409] ?? inOriginalDocument,
    ...(hasBody && { 413: 'The body is larger than 64 KiB.', 415: 'The body is not JSON in UTF-8.' }),
    ...(own[422] && { 422: own[422] }),
    ...(own[429] && { 429: own[429] }),
    500: 'An error in this server.',
    503: 'The database, a platform or a provider (SMS, captcha) is unavailable, or too many passwords are waiting to be checked.',
  }
}

function toRefusal([status, description]: [string, string]) {
  const headers = ['429', '503'].includes(status)
    ? { ...requestId, 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }
    : requestId
  return [
    status,
    {
      description,
      headers: { ...headers, 'Set-Cookie': { $ref: '#/components/headers/Session' } },
      content: {
        'application/json': { schema: { type: 'string' } },
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      },
    },
  ] as const
}
