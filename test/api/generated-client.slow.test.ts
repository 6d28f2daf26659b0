import { execFile } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { consent } from '../support/google-consent.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { serveWorld } from '../support/serve-world.ts'
import { openWorld } from '../support/world.ts'

const run = promisify(execFile)
const world = await openWorld({ sandbox: true, services: { passwords: plainPasswords } })
const url = await serveWorld(world)
/** Inside the project, so that what is generated finds its packages. */
const folder = join('dist', `generated-client-${process.pid}`)

const npx = (...args: string[]) => run('npx', ['--no-install', ...args])

beforeAll(async () => {
  await mkdir(folder, { recursive: true })
  await npx('oazapfts', `${url}/v2/openapi.json`, join(folder, 'api.ts'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A stranger's program: sign up, sign in, save Gmail. Asks whoever started it for what comes by SMS and from Google. */
const program = `
import { createInterface } from 'node:readline/promises'
import * as api from './api.ts'

const [, , baseUrl = '', phone_number = ''] = process.argv
const terminal = createInterface(process.stdin, process.stdout)
const lines = terminal[Symbol.asyncIterator]()
async function ask(question: string): Promise<string> {
  console.log(question)
  return String((await lines.next()).value)
}

let cookie = ''
api.defaults.baseUrl = baseUrl
api.defaults.fetch = async (input, init) => {
  const headers = new Headers(init?.headers)
  headers.set('Cookie', cookie)
  const answer = await fetch(input, { ...init, headers })
  cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
  return answer
}

const password = 'a passphrase of my own'
const signup = await api.startSignup({ phone_number, password })
if (signup.status !== 200) throw new Error(signup.data)
const user: string = signup.data.uid
const sent = await api.sendCode(user, { phone_number })
if (sent.status !== 201) throw new Error(sent.data)
const nextSend: number = sent.data.expires
const proved = await api.checkCode({ code: await ask('code') })
if (proved.status !== 200) throw new Error(proved.data)
await api.finishSignup()

const refused = await api.logIn({ phone_number, password: 'not the passphrase' })
if (refused.status !== 401) throw new Error('it let a wrong password in')
const why: string = refused.data
const login = await api.logIn({ phone_number, password })
if (login.status !== 200) throw new Error(login.data)

const started = await api.startGrant(user, 'gmail', 'oauth2')
if (started.status !== 200) throw new Error(started.data)
const finished = await api.finishGrant(user, 'gmail', 'oauth2', { code: await ask(started.data.url) })
if (finished.status !== 200) throw new Error(finished.data)
const listed = await api.listPlatforms(user)
if (listed.status !== 200) throw new Error(listed.data)
console.log(JSON.stringify({ why, early: nextSend > Date.now(), saved: listed.data.saved_platforms.map(({ name }) => name) }))
terminal.close()
`

test('a client made by a public generator does the main job', async () => {
  await writeFile(join(folder, 'main-job.ts'), program)
  const phoneNumber = randomPhoneNumber()
  const child = execFile('node', [join(folder, 'main-job.ts'), `${url}/v2`, phoneNumber], { timeout: 60_000 })
  let said = ''
  child.stdout?.on('data', async (text: string) => {
    said += text
    if (text.trim() === 'code') child.stdin?.write(`${world.phone.lastCodeTo(phoneNumber)}\n`)
    if (text.startsWith('http')) child.stdin?.write(`${(await consent(text.trim())).code}\n`)
  })
  let complaint = ''
  child.stderr?.on('data', (text: string) => {
    complaint += text
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  expect([code, complaint]).toEqual([0, ''])
  expect(JSON.parse(said.trim().split('\n').at(-1) ?? '')).toEqual({
    why: 'unauthorized',
    early: true,
    saved: ['gmail'],
  })
})

test('its types know the fields and the statuses', async () => {
  await writeFile(join(folder, 'main-job.ts'), program)
  await writeFile(
    join(folder, 'wrong.ts'),
    `import * as api from './api.ts'
api.logIn({ phone_number: 1, password: '' })
api.startSignup({ password: '' })
const login = await api.logIn({ phone_number: '', password: '' })
if (login.status === 418) throw new Error()
`,
  )
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../tsconfig.json',
      // The generator's own code doesn't go that far.
      compilerOptions: { exactOptionalPropertyTypes: false },
      include: ['main-job.ts', 'wrong.ts'],
    }),
  )
  const { stdout } = await npx('tsc', '-p', folder, '--pretty', 'false').catch((error: { stdout: string }) => error)
  const complaints = stdout.split('\n').filter((line) => line.includes('error TS'))
  expect(
    complaints.map((line) =>
      line
        .match(/([\w.-]+)\((\d+),/)
        ?.slice(1)
        .join(' '),
    ),
  ).toEqual(['wrong.ts 2', 'wrong.ts 3', 'wrong.ts 5'])
})
