import { execFile, execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { api } from '../../src/api/app.ts'
import { buildDocument } from '../../src/api/openapi/build-document.ts'
import type { Sample, SampleRequest } from '../../src/api/openapi/samples/sample-request.ts'
import { writeSamples } from '../../src/api/openapi/samples/write-samples.ts'

const run = promisify(execFile)
const everyQuote = 'it\'s "so" \\ \\n $x $(x) `a` #{b} """ {id} %s é 😀\n\ttwo'
const body = { text: everyQuote, 'odd name': [1, true, null, { deep: everyQuote }], none: {}, empty: [] }

let folder = ''
const received: string[] = []
const server = createServer(async (request, response) => {
  received.push(await text(request))
  response.setHeader('Content-Type', 'application/json')
  response.end('{}')
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swob-texts-'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

function sampleIn(lang: string): string {
  const { port } = server.address() as { port: number }
  const request: SampleRequest = {
    id: 'logIn',
    method: 'PUT',
    server: `http://127.0.0.1:${port}/v2`,
    path: '/login',
    params: {},
    body,
    needsSession: true,
  }
  return writeSamples(request).find((sample) => sample.lang === lang)?.source ?? ''
}

/** By language: its program, and the file that a reader would save the sample in. */
const programs = [
  ['shell', 'bash', 'sample.sh'],
  ['javascript', 'node', 'sample.mjs'],
  ['python', 'python3', 'sample.py'],
  ['ruby', 'ruby', 'sample.rb'],
  ['php', 'php', 'sample.php'],
  ['java', 'java', 'Sample.java'],
  ['go', 'go', 'sample.go'],
] as const

test.for(programs)('%s: whatever stands in a body arrives as it is', async ([lang, program, file], { skip }) => {
  skip(!isInstalled(program), `no ${program} on this machine`)
  await mkdir(join(folder, lang))
  await prepare(join(folder, lang), lang)
  await writeFile(join(folder, lang, file), sampleIn(lang))
  const args = lang === 'go' ? ['run', file] : [file]
  await run(program, args, { cwd: join(folder, lang), env: { ...process.env, PYTHONPATH: '.' } })
  expect(JSON.parse(received.pop() ?? '')).toEqual(body)
})

test('http: the message is whole', async () => {
  const { port } = server.address() as { port: number }
  const socket = connect(port, '127.0.0.1')
  const [head = '', ...rest] = sampleIn('http').split('\n\n')
  // On the wire lines end in CR LF; a text has LF.
  socket.end([`${head}\nConnection: close`.replaceAll('\n', '\r\n'), rest.join('\n\n')].join('\r\n\r\n'))
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200/)
  expect(JSON.parse(received.pop() ?? '')).toEqual(body)
})

test('typescript: every sample is right by the types of our client', async () => {
  const { paths } = buildDocument(api.routes, { server: '/v2' })
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods)) as {
    operationId: string
    'x-codeSamples': Sample[]
  }[]
  const types = join('dist', `sample-types-${process.pid}`)
  await mkdir(types, { recursive: true })
  const sources = operations.map(({ operationId, 'x-codeSamples': samples }) => ({
    file: join(types, `${operationId}.ts`),
    source: samples.find(({ lang }) => lang === 'typescript')?.source ?? '',
  }))
  // One that must be refused, so that a check that sees nothing can't pass.
  sources.push({ file: join(types, 'wrong.ts'), source: (sources[0]?.source ?? '').replace('phone_number', 'phone') })
  for (const { file, source } of sources) await writeFile(file, source)
  await writeFile(join(types, 'tsconfig.json'), JSON.stringify(typesConfig))
  const { stdout } = await run('npx', ['--no-install', 'tsc', '-p', types, '--pretty', 'false']).catch(
    (error: { stdout: string }) => error,
  )
  await rm(types, { recursive: true })
  const complaints = stdout.split('\n').filter((line) => /error TS/.test(line))
  expect(complaints).toEqual([expect.stringContaining('wrong.ts')])
  expect(sources).toHaveLength(18)
})

const typesConfig = {
  extends: '../../tsconfig.json',
  compilerOptions: { paths: { '@smswithoutborders/api-client': ['../../client/src/index.ts'] } },
  include: ['*.ts'],
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program])
    return true
  } catch {
    return false
  }
}

/** The libraries that a reader would have installed. */
async function prepare(at: string, lang: string): Promise<void> {
  if (lang === 'python') {
    const { stdout } = await run('python3', ['-c', 'import importlib.util as i; print(i.find_spec("requests"))'])
    if (stdout.startsWith('None')) await run('cp', ['test/api/requests-stand-in.py', join(at, 'requests.py')])
  }
  if (lang !== 'php') return
  await mkdir(join(at, 'vendor'))
  await writeFile(join(at, 'vendor/autoload.php'), guzzle)
}

/** As much of Guzzle as the sample uses. */
const guzzle = String.raw`<?php
namespace GuzzleHttp\Cookie { class FileCookieJar { function __construct($file, $storeSessionCookies) {} } }
namespace GuzzleHttp {
  class Client {
    function __construct($options) {}
    function request($method, $url, $options = []) {
      $http = ['method' => $method, 'header' => 'Content-Type: application/json', 'content' => json_encode($options['json'])];
      $this->body = file_get_contents($url, false, stream_context_create(['http' => $http]));
      return $this;
    }
    public $body;
    function getStatusCode() { return 200; }
    function getBody() { return $this->body; }
  }
}
`
