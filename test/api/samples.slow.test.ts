import { afterAll, describe, expect, test } from 'vitest'
import { sampleServer } from '../../src/api/openapi/describe-request.ts'
import { examples } from '../../src/api/openapi/examples.ts'
import type { Sample } from '../../src/api/openapi/samples/sample-request.ts'
import { consent } from '../support/google-consent.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { serveWorld } from '../support/serve-world.ts'
import { openWorld } from '../support/world.ts'
import { openSampleFolder } from './run-sample.ts'

type Documented = { operationId: string; responses: Record<string, unknown>; 'x-codeSamples': Sample[] }

const world = await openWorld({ sandbox: true, services: { passwords: plainPasswords } })
const url = await serveWorld(world)
const document: { paths: Record<string, Record<string, Documented>> } = await (
  await fetch(`${url}/v2/openapi.json`)
).json()
const operations = new Map(
  Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .map((operation) => [operation.operationId, operation]),
)

describe.each(['shell', 'python'] as const)('%s', async (lang) => {
  const folder = await openSampleFolder()
  const phoneNumber = randomPhoneNumber()
  const tried = new Set<string>()
  /** What the reader fills in, by what stands in the sample. */
  const filled = new Map<string, string>([
    [sampleServer, `${url}/v2`],
    [examples.phoneNumber, phoneNumber],
  ])

  async function tryOut(id: string): Promise<{ status: number; body: string }> {
    tried.add(id)
    const operation = operations.get(id)
    const sample = operation?.['x-codeSamples'].find((each) => each.lang === lang)
    if (!operation || !sample) throw new Error(`no ${lang} sample of ${id}`)
    let source = sample.source
    for (const [placeholder, value] of filled) source = source.replaceAll(placeholder, value)
    const printed = await folder[lang](source)
    expect(Object.keys(operation.responses)).toContain(String(printed.status))
    return printed
  }

  async function expectStatus(id: string, status: number): Promise<void> {
    expect([id, (await tryOut(id)).status]).toEqual([id, status])
  }
  const fillCode = () => filled.set(examples.code, world.phone.lastCodeTo(phoneNumber))
  const fillUid = (body: string) => filled.set('{user_id}', body.match(/[\da-f-]{36}/)?.[0] ?? '')

  test('signs up', async () => {
    const { status, body } = await tryOut('startSignup')
    expect(status).toBe(200)
    fillUid(body)
    await expectStatus('sendCode', 201)
    await expectStatus('sendCode', 429)
    await expectStatus('checkCode', 403)
    fillCode()
    await expectStatus('checkCode', 200)
    await expectStatus('finishSignup', 200)
    await expectStatus('startSignup', 409)
  })

  test('signs in, by number and by id', async () => {
    await expectStatus('readDashboard', 401)
    await expectStatus('logIn', 200)
    await expectStatus('verifyUser', 200)
    const { status, body } = await tryOut('readDashboard')
    expect([status, body.includes('createdAt')]).toEqual([200, true])
  })

  test('saves Gmail and takes it back', async () => {
    await expectStatus('finishGrant', 403)
    const { body } = await tryOut('startGrant')
    const { code } = await consent(body.match(/http[^"']+/)?.[0] ?? '')
    filled.set(examples.gmailCode, code)
    await expectStatus('finishGrant', 200)
    expect((await tryOut('listPlatforms')).body).toMatch(/saved_platforms["']: ?\[\{["']id["']: ?["']gmail/)
    await expectStatus('revokeGrant', 200)
    await expectStatus('revokeGrant', 404)
  })

  test('a step that Telegram does not wait for is refused', () => expectStatus('takeGrantStep', 403))

  test('changes the password and signs out', async () => {
    await expectStatus('changePassword', 200)
    await expectStatus('changePassword', 403)
    await expectStatus('logOut', 200)
    await expectStatus('logOut', 401)
    await expectStatus('logIn', 401)
  })

  test('recovers the account and deletes it', async () => {
    await expectStatus('startRecovery', 200)
    await expectStatus('finishRecovery', 403)
    await world.person({ phoneNumber }).letWaitsPass()
    await expectStatus('sendCode', 201)
    filled.delete(examples.code)
    fillCode()
    await expectStatus('checkCode', 200)
    await expectStatus('finishRecovery', 200)
    filled.set(examples.password, examples.newPassword)
    await expectStatus('logIn', 200)
    await expectStatus('deleteUser', 200)
    await expectStatus('logIn', 401)
  })

  afterAll(() => expect([...tried].sort()).toEqual([...operations.keys()].sort()))
})
