import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { withDatabaseBudget } from '../../src/postgres/client/deadline.ts'
import { createJobLoop } from '../../src/server/job-loop.ts'
import { connectTelegram, googlePaths, openWalletWorld } from './wallet-world.ts'

const world = await openWalletWorld()
const { google, telegram } = world.sandbox

async function revokedGmail() {
  const person = await world.signedUpPerson()
  await person.connectGmail()
  const grant = await world.grantOf(person, 'gmail')
  await person.revoke('gmail', 'oauth2')
  return grant
}

/** When Google is next asked to revoke something. */
async function asked(times: number): Promise<void> {
  while (world.timesAsked('google', googlePaths.revoke) < times) await new Promise(setImmediate)
}

describe('the job loop', () => {
  test('carries out at its start what an earlier process left', async () => {
    const grant = await revokedGmail()
    const loop = createJobLoop()
    loop.start(world.services)
    await loop.stop()
    expect([await world.isLive('gmail', grant), (await world.stored())?.revocations]).toEqual([false, 0])
  })

  test('runs at once when woken, and once more when woken meanwhile', async () => {
    const loop = createJobLoop()
    loop.start({ ...world.services, wakeJobs: loop.wake })
    google.failNext(googlePaths.revoke, { status: 500 })
    const before = world.timesAsked('google', googlePaths.revoke)
    await revokedGmail()
    loop.wake()
    await asked(before + 1)
    const person = await world.signedUpPerson()
    await connectTelegram(person)
    const loggedOut = telegram.done('auth.logOut')
    await person.revoke('telegram', 'twofactor')
    loop.wake()
    loop.wake()
    await loggedOut
    await loop.stop()
    // Google's job waits for its next turn; Telegram's didn't.
    expect((await world.stored())?.revocations).toBe(1)
  })

  test('purges every ten minutes, also when the clock is set back meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    const waits = () => world.sql`select from code_waits`
    const addExpired = () => world.sql`insert into code_waits values ('expired', 1, now() - interval '9 days')`
    await world.sql`truncate code_waits`
    const loop = createJobLoop()
    onTestFinished(loop.stop)
    await addExpired()
    loop.start(world.services)
    await expect.poll(waits).toHaveLength(0)
    await addExpired()
    vi.setSystemTime(Date.now() - 3_600_000)
    vi.advanceTimersByTime(601_000)
    loop.wake()
    await expect.poll(waits).toHaveLength(0)
  })

  test('never runs twice at once, and its end waits for what is under way', async () => {
    world.services.settings.platformTimeout = 0.3
    const before = world.timesAsked('google', googlePaths.revoke)
    google.failNext(googlePaths.revoke, 'hang')
    await revokedGmail()
    const loop = createJobLoop()
    loop.start(world.services)
    loop.wake()
    await asked(before + 1)
    loop.wake()
    await loop.stop()
    expect(world.timesAsked('google', googlePaths.revoke)).toBe(before + 1)
    expect(await world.sql`select last_error, attempts from revocations`).toEqual([
      { last_error: expect.stringContaining('unavailable'), attempts: 1 },
    ])
    loop.wake()
    expect(world.logged.filter((line) => line.includes('could not run jobs'))).toEqual([])
  })

  test('takes its own time, and not what is left to the request that woke it', async () => {
    const loop = createJobLoop()
    loop.start(world.services)
    const grant = await revokedGmail()
    world.logged.length = 0
    withDatabaseBudget(0, loop.wake)
    await loop.stop()
    expect(world.logged.filter((line) => line.includes('could not run jobs'))).toEqual([])
    expect([await world.isLive('gmail', grant), (await world.stored())?.revocations]).toEqual([false, 0])
  })

  test('says so when the database fails, and goes on', async () => {
    const loop = createJobLoop()
    await world.sql`alter table revocations rename to elsewhere`
    loop.start(world.services)
    await loop.stop()
    await world.sql`alter table elsewhere rename to revocations`
    expect(world.logged.filter((line) => line.includes('could not run jobs'))).toHaveLength(1)
    const grant = await revokedGmail()
    loop.start(world.services)
    await loop.stop()
    expect(await world.isLive('gmail', grant)).toBe(false)
  })
})
