import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { transform } from 'esbuild'
import { afterAll, expect, test } from 'vitest'
import { createClient } from '../../client/src/index.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'api-client-'))
afterAll(() => rm(folder, { recursive: true }))
const consumer = join(folder, 'consumer')

const env = { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}` }
const run = (cwd: string, command: string, ...options: string[]) =>
  promisify(execFile)(command, options, { cwd, env }).then(
    ({ stdout }) => ({ failed: false, output: stdout }),
    ({ stdout, stderr }) => ({ failed: true, output: `${stdout}${stderr}` }),
  )

await run(join(root, 'client'), 'npm', 'pack', '--pack-destination', folder)
const tarball = join(folder, (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? 'none')
await cp(join(root, 'test/client/consumer'), consumer, { recursive: true })
const installed = await run(consumer, 'npm', 'install', '--offline', '--no-audit', '--no-fund', tarball)
const home = join(consumer, 'node_modules/@smswithoutborders/api-client')

const readme = await readFile(join(root, 'client/README.md'), 'utf8')
const program = [...readme.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, block]) => block).join('\n')

/** What the compiler says of a consumer's program; it looks into the declarations too. */
async function compile(source: string, ...options: string[]) {
  await writeFile(join(consumer, 'program.ts'), source)
  return run(consumer, 'tsc', '-p', '.', ...options)
}

test('the packed client installs offline, alone', async () => {
  expect(installed).toMatchObject({ failed: false, output: expect.stringContaining('added 1 package') })
  expect((await readdir(home)).sort()).toEqual(['README.md', 'dist', 'package.json'])
})

test('its declarations stand alone', async () => {
  const declarations = await readFile(join(home, 'dist/index.d.ts'), 'utf8')
  expect(declarations).not.toMatch(/import|from ['"]|<reference|: any[;,)[]|hono/)
})

test('it has under 5 KB, minified and gzipped, with all that it needs', async () => {
  const script = await readFile(join(home, 'dist/index.js'), 'utf8')
  expect(script).not.toMatch(/^import\b/m)
  const { code } = await transform(script, { minify: true, format: 'esm' })
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(5000)
})

test('the program of the README compiles against it', async () => {
  expect(await compile(program)).toEqual({ failed: false, output: '' })
})

test('it asks little of the compiler', async ({ annotate }) => {
  const { output } = await compile(program, '--skipLibCheck', '--extendedDiagnostics')
  const figure = (name: string) => output.match(new RegExp(`${name}:\\s+([\\d.]+)`))?.[1]
  expect(Number(figure('Instantiations'))).toBeLessThan(5000)
  await annotate(`type check: ${figure('Total time')} s`)
})

test.each([
  ['a wrong field', "api.logIn({ phone_number: '+237', password: 'p', phone: '' })", 'TS2353'],
  ['a missing field', "api.logIn({ phone_number: '+237' })", 'TS2741'],
  [
    'an unhandled status',
    'api.finishSignup.response().then((answer) => { if (!answer.ok) answer.status satisfies 409 })',
    'TS1360',
  ],
  ['a field that is not answered', 'api.finishSignup().then(({ uid }) => uid)', 'TS2339'],
])('%s does not compile against it', async (_, mistake, code) => {
  const { failed, output } = await compile(
    `import { createClient } from '@smswithoutborders/api-client'\nconst api = createClient({ baseUrl: '/v2' })\n${mistake}\n`,
  )
  expect(failed).toBe(true)
  expect(output.match(/error TS\d+/g)).toEqual([`error ${code}`])
})

test('the README names every operation', () => {
  for (const name of Object.keys(createClient({ baseUrl: '/v2' }))) expect(readme).toContain(`\`${name}\``)
})

test('publint and arethetypeswrong find nothing', async () => {
  expect(await run(root, 'publint', tarball, '--strict')).toMatchObject({ failed: false })
  expect(await run(root, 'attw', tarball, '--profile', 'esm-only')).toMatchObject({ failed: false })
})
