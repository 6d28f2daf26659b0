import { expect, test } from 'vitest'
import { countStatuses } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ sandbox: true })

test('a recovery sets the password and ends every session, its own too', async () => {
  const ada = await world.signedUpPerson()
  const phone = ada.elsewhere({ userAgent: 'Phone/1.0' })
  await phone.logIn()
  const thief = await ada.recovering()
  const browser = await ada.recovering()
  const cookie = browser.cookie

  const answer = await browser.finishRecovery('the new passphrase')
  expect(answer.status).toBe(200)
  expect(await answer.json()).toEqual({})
  expect(browser.cookie).toBe('')
  expect((await ada.dashboard()).status).toBe(401)
  expect((await phone.dashboard()).status).toBe(401)
  expect((await thief.finishRecovery('what a thief would set')).status).toBe(401)
  expect(
    (
      await browser.send(
        'PUT',
        `/v2/users/${ada.uid}/recovery`,
        { new_password: 'what a thief would set' },
        { Cookie: cookie },
      )
    ).status,
  ).toBe(401)
  expect((await ada.elsewhere().logIn()).status).toBe(401)
  expect((await ada.elsewhere().logIn('the new passphrase')).status).toBe(200)
})

test('a recovery takes every grant out of the wallet and ends it at its platform', async () => {
  const ada = await world.signedUpPerson()
  const bola = await world.signedUpPerson()
  expect((await ada.connectGmail()).status).toBe(200)
  expect((await bola.connectGmail({ account: 'bola@example.com' })).status).toBe(200)
  const tokensOf = async ({ uid }: Person) => {
    const [row] = await world.sql<
      { id: string; grant_sealed: string }[]
    >`select id, grant_sealed from grants where user_id = ${uid}`
    const place = { table: 'grants', column: 'grant', row: row?.id ?? '', user: uid }
    const { tokens } = JSON.parse(await world.services.seal.open(row?.grant_sealed ?? '', place))
    return [tokens.access_token, tokens.refresh_token]
  }
  const { google } = world.sandbox
  const [adas, bolas] = [await tokensOf(ada), await tokensOf(bola)]
  expect([...adas, ...bolas].every(google.isLive)).toBe(true)

  const browser = await ada.recovering()
  expect((await browser.finishRecovery('the new passphrase')).status).toBe(200)
  expect(await world.sql`select user_id from grants`).toEqual([{ user_id: bola.uid }])
  expect(await world.sql`select user_id, platform from revocations`).toEqual([{ user_id: ada.uid, platform: 'gmail' }])

  expect(await world.runJobs()).toBe(1)
  expect(adas.some(google.isLive)).toBe(false)
  expect(bolas.every(google.isLive)).toBe(true)
  expect(await world.sql`select 1 from revocations`).toEqual([])
  await ada.logIn('the new passphrase')
  expect(await ada.savedPlatforms()).toEqual([])
})

test('a recovery finished many times at once is finished once', async () => {
  const ada = world.person()
  await ada.signUp()
  const browser = await ada.recovering()
  const { cookie } = browser
  const finish = (attempt: number) =>
    browser.send(
      'PUT',
      `/v2/users/${ada.uid}/recovery`,
      { new_password: `new passphrase ${attempt}` },
      { Cookie: cookie },
    )
  const answers = await Promise.all([0, 1, 2, 3].map(finish))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401])
  const winner = answers.findIndex(({ status }) => status === 200)
  expect((await ada.logIn(`new passphrase ${winner}`)).status).toBe(200)
})

test('of two recoveries of one account finished at once one wins', async () => {
  const ada = world.person()
  await ada.signUp()
  const browsers = [await ada.recovering(), await ada.recovering()]
  expect(await countStatuses(browsers.map((browser) => browser.finishRecovery('the new passphrase')))).toEqual({
    200: 1,
    401: 1,
  })
})
