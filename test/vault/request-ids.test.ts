import { expect, test } from 'vitest'
import { connectTelegram, googlePaths, openWalletWorld } from './wallet-world.ts'

const world = await openWalletWorld()
const { google } = world.sandbox

const lines = (message: string) =>
  world.logged.map((line) => JSON.parse(line)).filter((line) => line.message === message)

test("a grant's end tells of the request that asked for it, however much later", async () => {
  const ada = await world.signedUpPerson()
  await ada.connectGmail()
  world.logged.length = 0
  await ada.revoke('gmail', 'oauth2')
  const requestId = lines('request').find(({ operation }) => operation === 'revokeGrant')?.requestId
  expect(requestId).toMatch(/^[\da-f-]{36}$/)

  google.failNext(googlePaths.revoke, { status: 500 })
  await world.runJobs()
  expect(lines('platform call')).toEqual([
    expect.objectContaining({ level: 'warn', requestId, platform: 'gmail', call: 'revoke', outcome: 'unavailable' }),
  ])
  expect(lines('revocation failed, will retry')).toEqual([expect.objectContaining({ requestId, attempt: 1 })])
  await world.runAllJobs()
  expect(lines('grant revoked at its platform')).toEqual([expect.objectContaining({ requestId, attempt: 2 })])
})

test('so it does for what goes with an account, and for what can not be kept', async () => {
  const ada = await world.signedUpPerson()
  await connectTelegram(ada)
  const grace = await world.signedUpPerson()
  world.logged.length = 0
  expect((await connectTelegram(grace)).status).toBe(409)
  await ada.deleteAccount()
  const ids = lines('request')
    .filter(({ operation, status }) => operation === 'deleteUser' || status === 409)
    .map(({ requestId }) => requestId)
  expect(await world.sql`select request_id from revocations order by created_at`).toEqual(
    ids.map((id) => ({ request_id: id })),
  )
  expect(ids).toHaveLength(2)
  await world.runAllJobs()
})

test('what an earlier version stored is carried out without one', async () => {
  const ada = await world.signedUpPerson()
  await ada.connectGmail()
  const grant = await world.grantOf(ada, 'gmail')
  await ada.revoke('gmail', 'oauth2')
  await world.sql`update revocations set request_id = null`
  await world.runAllJobs()
  expect(await world.isLive('gmail', grant)).toBe(false)
})

test('each call to a platform is a line, and a failed one a warning, with its request, its time and no secret', async () => {
  const ada = await world.signedUpPerson()
  const { code, state } = await ada.consentAtGoogle()
  world.logged.length = 0
  google.failNext(googlePaths.token, { status: 503 })
  expect((await ada.finish('gmail', 'oauth2', { code, state })).status).toBe(503)
  expect((await ada.finish('gmail', 'oauth2', { code: 'a code of nobody', state })).status).toBe(403)
  const [outage, refusal] = lines('request').map(({ requestId }) => requestId)
  const about = { message: 'platform call', platform: 'gmail', call: 'finish', milliseconds: expect.any(Number) }
  expect(lines('platform call')).toEqual([
    { level: 'warn', requestId: outage, outcome: 'unavailable', ...about },
    { level: 'debug', requestId: refusal, outcome: 'refused', ...about },
  ])
})
