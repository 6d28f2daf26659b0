import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createDocumentCheck, document } from '../support/check-document.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()

type Original = {
  operations: {
    method: string
    path: string
    tag: string
    pathParameters: { name: string }[]
    requestBody: Record<string, { type: string }>
    success: { status: string; body: Record<string, { type: string }> }
    responses: Record<string, unknown>
  }[]
}

const original: Original = JSON.parse(await readFile(new URL('../support/api-document.json', import.meta.url), 'utf8'))

type Schema = { type?: string; properties?: Record<string, Schema>; anyOf?: Schema[]; items?: Schema }
type Served = {
  operationId: string
  parameters?: { name: string }[]
  requestBody?: { content: { 'application/json': { schema: Schema } } }
  responses: Record<string, { content: { 'application/json': { schema: Schema } } }>
}

const servedDocument = async (): Promise<{ paths: Record<string, Record<string, Served>> }> =>
  (await world.fetch('http://api.test/v2/openapi.json')).json()

const typesOf = ({ type, anyOf = [] }: Schema): (string | undefined)[] => [type, ...anyOf.flatMap(typesOf)]

test.each(original.operations)("the document has all that the original's $method $path has", async (operation) => {
  const served = (await servedDocument()).paths[operation.path]?.[operation.method.toLowerCase()]
  if (!served) throw new Error('it is missing')
  expect(served.parameters?.map(({ name }) => name) ?? []).toEqual(operation.pathParameters.map(({ name }) => name))
  const fields = served.requestBody?.content['application/json'].schema.properties ?? {}
  for (const [name, { type }] of Object.entries(operation.requestBody ?? {}))
    expect(typesOf(fields[name] ?? {})).toContain(type)
  expect(Object.keys(served.responses)).toEqual(expect.arrayContaining(Object.keys(operation.responses)))
  const body = served.responses[operation.success.status]?.content['application/json'].schema
  const shown = body?.properties ?? {}
  for (const [name, { type }] of Object.entries(operation.success.body)) {
    expect(shown[name]?.type).toBe(type === '[object]' ? 'array' : type)
  }
})

test('every operation has an id of its own, and there are as many as in the original', async () => {
  const served = Object.values((await servedDocument()).paths).flatMap((methods) => Object.values(methods))
  expect(new Set(served.map(({ operationId }) => operationId)).size).toBe(original.operations.length)
})

test('a linter finds nothing wrong with the document', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'swob-openapi-'))
  const file = join(folder, 'openapi.json')
  await writeFile(file, JSON.stringify(await servedDocument()))
  const redocly = promisify(execFile)('npx', ['--no-install', 'redocly', 'lint', '--format=summary', file], {
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  })
  const { stderr } = await redocly
  expect(stderr).toContain('Your API description is valid')
  await rm(folder, { recursive: true })
})

type Lie = (answers: Record<string, { headers?: object; content: Record<string, { schema: object }> }>) => void
const lies: [string, Lie][] = [
  ['a status left out', (answers) => delete answers[400]],
  ['a media type left out', (answers) => delete answers[400]?.content['application/json']],
  ['a header left out', (answers) => delete answers[400]?.headers],
  [
    'a body of another type',
    (answers) => Object.assign(answers[400]?.content['application/json'] ?? {}, { schema: { type: 'object' } }),
  ],
]

test.each(lies)('the check that runs on every answer catches %s', async (_, lie) => {
  const paths = JSON.parse(JSON.stringify(document.paths))
  const request = new Request('http://api.test/v2/signup', { method: 'POST' })
  const response = await world.fetch(request)
  await createDocumentCheck(paths).check(request, response.clone())
  lie(paths['/signup'].post.responses)
  await expect(createDocumentCheck(paths).check(request, response)).rejects.toThrow('POST /signup 400')
})
