import { describe, expect, onTestFinished, test } from 'vitest'
import { cloneDatabase } from '../support/clone-database.ts'
import { fetchAt } from '../support/fetch-at.ts'
import { openSurroundings } from '../support/open-surroundings.ts'
import { openTarget, runtimes } from '../support/open-target.ts'
import { Person, randomPhoneNumber } from '../support/person.ts'
import { openTcpProxy } from '../support/tcp-proxy.ts'

type Proxy = Awaited<ReturnType<typeof openTcpProxy>>

const faults: [string, (proxy: Proxy) => void][] = [
  [
    'refuses connections',
    (proxy) => {
      proxy.refuse()
      proxy.reset()
    },
  ],
  [
    'takes connections and says nothing',
    (proxy) => {
      proxy.fallSilent()
      proxy.hold()
    },
  ],
  [
    'takes connections and closes them',
    (proxy) => {
      proxy.reset()
      proxy.turnAway()
    },
  ],
]

describe.each(runtimes)('on %s', (runtime) => {
  test.each(faults)(
    'while the database %s it is said so, the server lives, and serves again when it is back',
    async (_, strike) => {
      const [url, around] = await Promise.all([cloneDatabase(), openSurroundings()])
      const direct = new URL(url)
      const proxy = await openTcpProxy({ host: direct.hostname, port: Number(direct.port) })
      const databaseUrl = Object.assign(new URL(url), { port: String(proxy.port) }).href
      const target = await openTarget(runtime, databaseUrl, around.settings)
      onTestFinished(async () => {
        await target.close()
        await Promise.all([around.close(), proxy.close()])
      })
      const person = new Person(
        { fetch: fetchAt(target.url), phone: around.phone },
        { phoneNumber: randomPhoneNumber() },
      )
      await person.signUp()
      expect((await person.logIn()).status).toBe(200)
      strike(proxy)
      const told = async () => {
        const ready = await fetch(`${target.url}/readyz`)
        const { checks } = (await ready.json()) as { checks: { database: string } }
        return [ready.status, checks.database, (await person.logIn()).status, (await person.dashboard()).status]
      }
      for (let round = 0; round < 3; round++) expect(await told()).toEqual([503, 'failing', 503, 503])
      expect((await fetch(`${target.url}/healthz`)).status).toBe(200)
      proxy.release()
      proxy.comeBack()
      await proxy.listen().catch(() => undefined)
      await expect.poll(async () => (await person.logIn()).status, { timeout: 60_000 }).toBe(200)
    },
  )
})
