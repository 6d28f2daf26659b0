import { afterAll, beforeAll, expect, test } from 'vitest'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Instances } from '../support/open-instances.ts'
import type { Person } from '../support/person.ts'

const wrongPassword = 'a wrong passphrase'

/** What two instances must do as one server does it. */
export function actAsOne(open: () => Promise<Instances>): void {
  let world: Instances
  beforeAll(async () => {
    world = await open()
  })
  afterAll(() => world?.close())

  /** Somebody who was sent a code. */
  async function waiting(): Promise<Person> {
    const ada = world.person()
    await ada.startSignUp()
    await ada.sendCode()
    return ada
  }

  /** With the cookie of this moment, whatever other answers bring. */
  const enter = (person: Person, code: string) =>
    person.elsewhere().send('PUT', '/v2/OTP', { code }, { Cookie: person.cookie })

  test.each([0, 1])('an account lives, each request on the next instance, the first on instance %i', async (first) => {
    const { google } = world.around.sandbox
    const revoking = () => world.sql`select from revocations`
    const revoked = () => google.received.filter(({ path }) => path === '/oauth2/revoke').length
    const [revokedBefore, servedBefore] = [revoked(), [...world.proxy.served]]
    world.proxy.next = first

    const ada = world.person()
    await ada.signUp()
    expect((await ada.logIn()).status).toBe(200)
    expect((await ada.dashboard()).status).toBe(200)
    const reply = await ada.consentAtGoogle()
    expect((await ada.finish('gmail', 'oauth2', reply)).status).toBe(200)
    expect(await ada.savedPlatforms()).toEqual(['gmail'])
    const changed = 'another passphrase of mine'
    expect((await ada.changePassword(changed)).status).toBe(200)
    expect((await ada.revoke('gmail', 'oauth2', changed)).status).toBe(200)
    expect(await ada.savedPlatforms()).toEqual([])

    // While the old grant is being ended, a new one would be told to come again.
    await expect.poll(revoking).toHaveLength(0)
    expect((await ada.connectGmail()).status).toBe(200)
    const recovering = await ada.recovering()
    const recovered = 'a passphrase after the recovery'
    expect((await recovering.finishRecovery(recovered)).status).toBe(200)
    expect((await ada.dashboard()).status).toBe(401)
    expect((await ada.logIn(changed)).status).toBe(401)
    expect((await ada.logIn(recovered)).status).toBe(200)
    expect(await ada.savedPlatforms()).toEqual([])
    const { cookie } = ada
    expect((await ada.logOut()).status).toBe(200)
    for (const _ of world.proxy.served)
      expect((await ada.send('GET', `/v2/users/${ada.uid}/dashboard`, undefined, { Cookie: cookie })).status).toBe(401)
    expect((await ada.logIn(recovered)).status).toBe(200)
    expect((await ada.deleteAccount(recovered)).status).toBe(200)
    expect((await ada.logIn(recovered)).status).toBe(401)

    for (const [instance, before] of servedBefore.entries())
      expect((world.proxy.served[instance] ?? 0) - before).toBeGreaterThan(10)
    // Both instances look for jobs; each is done once.
    await expect.poll(revoking).toHaveLength(0)
    expect(revoked() - revokedBefore).toBe(2)
  })

  test('of 200 parallel right codes exactly one is taken', async () => {
    const ada = await waiting()
    const counts = await countStatuses(times(200, () => enter(ada, ada.lastCode)))
    expect(counts[200]).toBe(1)
    expect((counts[401] ?? 0) + (counts[403] ?? 0)).toBe(199)
  })

  test('of 500 parallel wrong codes exactly five are counted, and then the right one is refused too', async () => {
    const ada = await waiting()
    const wrong = ada.lastCode === '000000' ? '000001' : '000000'
    expect(await countStatuses(times(500, () => enter(ada, wrong)))).toEqual({ 403: 500 })
    const rows = await world.sql`
      select codes.tries from codes join sessions on id_hash = session_id_hash where user_id = ${ada.uid}`
    expect(rows).toEqual([{ tries: 5 }])
    expect((await enter(ada, ada.lastCode)).status).toBe(403)
  })

  test('20 parallel sends are one SMS', async () => {
    const ada = world.person()
    await ada.startSignUp()
    const { cookie } = ada
    const send = () =>
      ada.elsewhere().send('POST', `/v2/users/${ada.uid}/OTP`, { phone_number: ada.phoneNumber }, { Cookie: cookie })
    expect(await countStatuses(times(20, send))).toEqual({ 201: 1, 429: 19 })
    expect(world.around.sms.messages.filter(({ to }) => to === ada.phoneNumber)).toHaveLength(1)
    expect((await ada.enterCode()).status).toBe(200)
  })

  test('of six sign-ups of one number that are finished at once one becomes the account', async () => {
    const { phoneNumber } = world.person()
    const browsers = times(6, () => world.person({ phoneNumber }))
    await Promise.all(browsers.map((browser) => browser.startSignUp()))
    for (const browser of browsers) {
      await world.letWaitsPass()
      expect((await browser.sendCode()).status).toBe(201)
      expect((await browser.enterCode()).status).toBe(200)
    }
    expect(await countStatuses(browsers.map((browser) => browser.finishSignUp()))).toEqual({ 200: 1, 409: 5 })
    const uids = browsers.map(({ uid }) => uid)
    expect(await world.sql`select from users where id in ${world.sql(uids)}`).toHaveLength(1)
    expect((await world.person({ phoneNumber }).logIn()).status).toBe(200)
  })

  test('of 20 parallel wrong passwords five are looked at', async () => {
    const ada = world.person()
    await ada.signUp()
    const answers = times(20, () => ada.elsewhere().logIn(wrongPassword))
    expect(await countStatuses(answers)).toEqual({ 401: 5, 429: 15 })
    expect((await ada.logIn()).status).toBe(429)
  })
}
