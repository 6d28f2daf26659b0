import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openOwnDatabase } from '../support/own-database.ts'
import type { Person } from '../support/person.ts'

/** With room for the data of 40 MB and for what counts as enough. Undefined: mounting isn't allowed here. */
function mountVolume(): string | undefined {
  const volume = mkdtempSync(join(tmpdir(), 'swob-disk-'))
  onTestFinished(() => rmdirSync(volume))
  try {
    const options = ['-t', 'tmpfs', '-o', 'size=192m,mode=0755', 'tmpfs']
    execFileSync('mount', [...options, volume], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', [volume]))
  return volume
}

const ballastOn = (volume: string) => join(volume, 'ballast')

/** To the last byte. */
async function fill(volume: string): Promise<void> {
  const file = await open(ballastOn(volume), 'w')
  try {
    for (let size = 1024 * 1024; size > 0; ) {
      const { bytesWritten } = await file.write(Buffer.alloc(size)).catch(() => ({ bytesWritten: 0 }))
      if (bytesWritten < size) size = Math.floor(size / 2)
    }
  } finally {
    await file.close()
  }
}

const timeout = 60_000
const patient = { timeout: 3 * timeout }
const isRoot = process.geteuid?.() === 0
const unless = isRoot ? '' : ' (skipped: only root mounts a small volume)'

test.skipIf(!isRoot)(
  `on a full disk the server refuses for a while what it can't keep, loses nothing, and serves again when there is room${unless}`,
  patient,
  async ({ skip }) => {
    const volume = mountVolume() ?? skip('mounting is not allowed here')
    const database = await openOwnDatabase(volume)
    const server = await database.start()
    const ready = async () => (await fetch(`${server.url}/readyz`)).json()
    const ada = database.person(server)
    await ada.signUp()
    await ada.logIn()
    expect(await ready()).toMatchObject({ status: 'ready', checks: { disk: 'ok' } })

    await fill(volume)
    expect(await ready()).toMatchObject({ status: 'not ready', checks: { database: 'ok', disk: 'failing' } })

    const signedUp: Person[] = []
    /** True: it was done. Otherwise it was refused as it must be. */
    const isDone = async (action: Promise<Pick<Response, 'status' | 'headers'>>) => {
      const { status, headers } = await action
      if (status < 300) return true
      expect([status, Number(headers.get('Retry-After'))]).toEqual([503, expect.toSatisfy((after) => after > 0)])
      return false
    }
    async function signUp(): Promise<boolean> {
      const bola = database.person(server)
      const done =
        (await isDone(bola.startSignUp())) &&
        (await isDone(bola.sendCode())) &&
        (await isDone(bola.enterCode())) &&
        (await isDone(bola.finishSignUp()))
      if (done) signedUp.push(bola)
      return done
    }
    // Free room within its files lasts for a while.
    await expect.poll(signUp, { timeout, interval: 0 }).toBe(false)
    await expect.poll(() => isDone(ada.elsewhere().logIn()), { timeout, interval: 0 }).toBe(false)
    expect((await ada.dashboard()).status).toBe(200)
    for (let more = 0; more < 20; more++) await signUp()

    // What must be written to go on at all can't: Postgres ends, and can't come back.
    const hasDied = () => server.output().split('the embedded Postgres died; restarting it').length - 1
    await expect
      .poll(
        async () => {
          await database.query('select pg_switch_wal(), txid_current()').catch(() => undefined)
          await isDone(ada.elsewhere().logIn())
          await isDone(ada.dashboard())
          return hasDied()
        },
        { timeout },
      )
      .toBeGreaterThanOrEqual(3)
    expect(server.output()).toContain('No space left on device')
    expect(await isDone(ada.dashboard())).toBe(false)
    expect(await isDone(ada.elsewhere().logIn())).toBe(false)

    await rm(ballastOn(volume))
    await expect.poll(() => isDone(ada.dashboard()), { timeout }).toBe(true)
    expect(await ready()).toMatchObject({ status: 'ready' })
    for (const bola of [ada, ...signedUp]) expect((await bola.logIn()).status).toBe(200)
    expect(await signUp()).toBe(true)
    expect(server.output()).not.toContain('internal server error')
    expect(await server.end('SIGTERM')).toBe(0)
    expect(await database.isStopped()).toBe(true)
  },
)

test.skipIf(!isRoot)(
  `on a full disk Ctrl-C ends the server orderly, whether Postgres serves or not${unless}`,
  patient,
  async ({ skip }) => {
    const volume = mountVolume() ?? skip('mounting is not allowed here')
    const database = await openOwnDatabase(volume)
    const server = await database.start()
    const other = await database.start()
    await fill(volume)
    expect(await other.end('SIGINT')).toBe(0)
    expect(await database.isStopped()).toBe(false)
    process.kill((await database.postmaster()).pid, 'SIGKILL')
    await expect.poll(server.output, { timeout }).toContain('the embedded Postgres died')
    expect(await server.end('SIGINT')).toBe(0)
    expect(await database.isStopped()).toBe(true)
  },
)
