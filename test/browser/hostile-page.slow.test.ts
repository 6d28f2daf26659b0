import { expect, test } from 'vitest'
import { plainPasswords } from '../support/plain-passwords.ts'
import { serveWorld } from '../support/serve-world.ts'
import { openWorld } from '../support/world.ts'
import { attacks } from './attacks.ts'
import { startHostileServer } from './hostile-server.ts'
import { describeInBrowser, useBrowser } from './open-browser.ts'

const world = await openWorld({ sandbox: true, services: { passwords: plainPasswords } })
const api = await serveWorld(world)
const port = await startHostileServer()

/** Ports don't make sites: to a browser the first is same-site, so that its requests do carry the SameSite cookie. */
const hostileOrigins = [`http://127.0.0.1:${port}`, `http://localhost:${port}`]

/** All that a request could change. When sessions were last used is no matter of the victim's. */
const stored = async () =>
  JSON.stringify(
    await world.sql`select (select json_agg(u order by id) from users u) as users,
      (select json_agg(s order by id_hash) from (select id_hash, user_id, purpose, verified_at from sessions) s) as sessions,
      (select json_agg(g order by id) from grants g) as grants, (select count(*) from pending_authorizations) as pending,
      (select count(*) from signups) as signups, (select count(*) from revocations) as revocations`,
  )

describeInBrowser('a hostile page', () => {
  const browser = useBrowser()

  /** A page of `origin`, in the browser in which a victim is signed in. */
  async function visit(origin: string) {
    const { page } = await browser.openPage()
    await page.goto(origin)
    const victim = await world.signedUpPerson({ userAgent: await page.evaluate(() => navigator.userAgent) })
    expect((await victim.connectGmail()).status).toBe(200)
    await page
      .context()
      .addCookies([
        { name: 'SWOB', value: victim.cookie.slice('SWOB='.length), url: api, httpOnly: true, sameSite: 'Lax' },
      ])
    return { page, victim, target: { api, uid: victim.uid, password: victim.password } }
  }

  test.each(hostileOrigins)('of %s changes nothing and reads nothing, whatever it tries', async (origin) => {
    const { page, victim, target } = await visit(origin)
    const before = await stored()
    for (const [name, attack] of Object.entries(attacks)) {
      await page.goto(origin)
      expect([name, await page.evaluate(attack, target)]).toEqual([name, ''])
      expect([name, await stored()]).toEqual([name, before])
    }
    expect((await victim.dashboard()).status).toBe(200)
    expect((await victim.elsewhere().logIn()).status).toBe(200)
    await victim.revoke('gmail', 'oauth2')
    await page.close()
  })

  test('would succeed if its origin were listed: the cookie is there, and the attacks are real', async () => {
    const [origin = ''] = hostileOrigins
    world.services.settings.origins = [...world.services.settings.origins, origin]
    const { page, victim, target } = await visit(origin)
    expect(await page.evaluate(attacks['reads by fetch with credentials'] ?? expect.fail(), target)).toContain(
      'createdAt',
    )
    await page.evaluate(attacks['signs out by fetch without a body'] ?? expect.fail(), target)
    expect((await victim.dashboard()).status).toBe(401)
    await page.close()
  })
})
