import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { telegram } from '../../src/platforms/telegram.ts'
import { type OpenTelegram, openTelegram, pendingOf } from './telegram/open-telegram.ts'

const ada = '+12025550101'
const unavailable = { name: 'UnavailableError' }

describe('Telegram in trouble', () => {
  let world: OpenTelegram
  beforeAll(async () => {
    world = await openTelegram()
  })
  afterAll(() => world.sandbox.close())

  test('FLOOD_WAIT_30 refuses for 30 seconds', async () => {
    world.sandbox.next('auth.sendCode', { error: 'FLOOD_WAIT_30', code: 420 })
    await expect(world.askCode(ada)).rejects.toMatchObject({
      refusal: 'too_many_requests',
      details: { retryAfterSeconds: 30 },
    })
  })

  test('FLOOD_WAIT postpones a revocation', async () => {
    const grant = await world.connect(ada)
    world.sandbox.next('auth.logOut', { error: 'FLOOD_WAIT_30', code: 420 })
    await expect(world.driver.revoke(grant, world)).rejects.toMatchObject({ ...unavailable, retryAfterSeconds: 30 })
    expect(await world.driver.isLive?.(grant, world)).toBe(true)
  })

  test('a connection dropped after the code was sent never sends a second one', async () => {
    const phoneNumber = '+237670000010'
    world.sandbox.next('auth.sendCode', 'drop')
    await expect(world.askCode(phoneNumber)).rejects.toMatchObject(unavailable)
    expect(world.methodsFor(phoneNumber)).toEqual(['auth.sendCode at 2'])
  })

  test('an error 500 never sends a second code', async () => {
    const phoneNumber = '+237670000011'
    world.sandbox.next('auth.sendCode', { error: 'INTERNAL', code: 500 })
    await expect(world.askCode(phoneNumber)).rejects.toMatchObject(unavailable)
    expect(world.methodsFor(phoneNumber)).toEqual(['auth.sendCode at 2'])
  })

  test('a connection dropped in the key exchange asks for no code', async () => {
    const phoneNumber = '+237670000012'
    world.sandbox.next('reqDHParams', 'drop')
    await expect(world.askCode(phoneNumber)).rejects.toMatchObject(unavailable)
    expect(world.methodsFor(phoneNumber)).toEqual([])
  })

  test('a silent data centre is unavailable when the time of the call is over', async () => {
    world.sandbox.next('reqPqMulti', 'hang')
    await expect(world.askCode(ada, AbortSignal.timeout(300))).rejects.toMatchObject(unavailable)
  })

  test("the caller's signal ends a call, also before it began", async () => {
    const caller = new AbortController()
    world.sandbox.next('auth.sendCode', 'hang')
    const arrived = world.sandbox.done('auth.sendCode')
    const start = world.askCode(ada, caller.signal)
    await Promise.race([arrived, start])
    caller.abort()
    await expect(start).rejects.toMatchObject(unavailable)
    await expect(world.askCode(ada, caller.signal)).rejects.toMatchObject(unavailable)
  })

  /** A step that Telegram carries out, but whose answer comes after the caller has gone. */
  async function loseAnswer(method: string, step: (signal: AbortSignal) => Promise<unknown> | undefined) {
    const caller = new AbortController()
    world.sandbox.next(method, { delayMs: 60_000 })
    const carriedOut = world.sandbox.done(method)
    const lost = step(caller.signal)
    await Promise.race([carriedOut, lost])
    caller.abort()
    await expect(lost).rejects.toMatchObject(unavailable)
  }

  test('a sign-in whose answer was lost gives its grant at the next try', async () => {
    const pending = await world.askCode(ada)
    const finish = (signal: AbortSignal) => world.driver.finish({ pending, reply: { code: '12345' }, signal })
    await loseAnswer('auth.signIn', finish)
    expect(await finish(world.signal)).toMatchObject({ grant: { profile: { first_name: 'Ada' } } })
  })

  test('a sign-in that dropped gives its grant at the next try', async () => {
    const pending = await world.askCode(ada)
    const finish = () => world.driver.finish({ pending, reply: { code: '12345' }, signal: world.signal })
    world.sandbox.next('auth.signIn', 'drop')
    await expect(finish()).rejects.toMatchObject(unavailable)
    expect(await finish()).toHaveProperty('grant')
  })

  test('a two-step account whose answers were lost goes on where it was', async () => {
    const pending = await world.askCode('+12025550102')
    const finish = (signal: AbortSignal) => world.driver.finish({ pending, reply: { code: '12345' }, signal })
    await loseAnswer('auth.signIn', finish)
    const finished = await finish(world.signal)
    expect(finished).toMatchObject({ needs: 'password' })
    const reply = { password: 'correct horse battery staple' }
    const prove = (signal: AbortSignal) =>
      world.driver.actions?.password?.({ pending: pendingOf(finished), reply, signal })
    await loseAnswer('auth.checkPassword', prove)
    expect(await prove(world.signal)).toMatchObject({ grant: { profile: { first_name: 'Grace' } } })
  })

  test('a registration whose answer was lost gives its grant at the next try', async () => {
    const pending = await world.askCode('+237670000013')
    await world.driver.finish({ pending, reply: { code: '12345' }, signal: world.signal })
    const reply = { firstName: 'Ngozi' }
    const register = (signal: AbortSignal) => world.driver.actions?.register?.({ pending, reply, signal })
    await loseAnswer('auth.signUp', register)
    expect(await register(world.signal)).toMatchObject({ grant: { profile: { first_name: 'Ngozi' } } })
  })

  test('a forgotten authorization key starts the sign-in again, and is no longer a grant', async () => {
    const phoneNumber = '+12025550130'
    world.sandbox.addAccount({ phoneNumber, firstName: 'Joan' })
    const grant = await world.connect(phoneNumber)
    const pending = await world.askCode(phoneNumber)
    world.sandbox.forgetKeys(phoneNumber)
    const finish = world.driver.finish({ pending, reply: { code: '12345' }, signal: world.signal })
    await expect(finish).rejects.toMatchObject({
      refusal: 'forbidden',
      message: 'Telegram ended this sign-in; start again',
    })
    expect(await world.driver.isLive?.(grant, world)).toBe(false)
    await world.driver.revoke(grant, world)
  })

  test('an unreachable Telegram is unavailable, and revokes nothing', async () => {
    const grant = await world.connect(ada)
    const { apiId, apiHash, publicKey } = world.sandbox
    // Port 1 on this machine: nobody listens.
    const servers = [{ dc: 2, host: '127.0.0.1', port: 1 }]
    const unreachable = telegram({ apiId, apiHash, publicKey, servers })
    await expect(unreachable.revoke(grant, world)).rejects.toMatchObject(unavailable)
    await expect(unreachable.isLive?.(grant, world)).rejects.toMatchObject(unavailable)
    await expect(unreachable.start({ redirectUri: '', phoneNumber: ada, ...world })).rejects.toMatchObject(unavailable)
  })

  test('credentials that Telegram refuses are our trouble, not the caller’s', async () => {
    const { sandbox } = world
    const mistaken = telegram({ ...sandbox, apiHash: 'wrong' })
    await expect(mistaken.start({ redirectUri: '', phoneNumber: ada, signal: world.signal })).rejects.toMatchObject(
      unavailable,
    )
  })

  test('a data centre with another key is not believed', async () => {
    const impostor = await openTelegram()
    const { apiId, apiHash, servers } = impostor.sandbox
    const driver = telegram({ apiId, apiHash, servers, publicKey: world.sandbox.publicKey })
    const start = driver.start({ redirectUri: '', phoneNumber: ada, signal: world.signal })
    await expect(start).rejects.toMatchObject(unavailable)
    expect(impostor.sandbox.received).toEqual([])
    await impostor.sandbox.close()
  })
})
