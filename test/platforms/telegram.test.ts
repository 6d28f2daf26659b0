import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { grantOf, type OpenTelegram, openTelegram, pendingOf } from './telegram/open-telegram.ts'

describe('Telegram', () => {
  let world: OpenTelegram
  beforeAll(async () => {
    world = await openTelegram()
  })
  afterAll(() => world.sandbox.close())

  test('sends a code and gives a grant for it', async () => {
    const { askCode, driver, signal, methodsFor } = world
    const pending = await askCode('+12025550101')
    const finished = await driver.finish({ pending, reply: { phoneNumber: '+12025550101', code: '12345' }, signal })
    expect(finished).toEqual({
      grant: {
        accountId: '7000000001',
        tokens: { session: pending.session },
        profile: { first_name: 'Ada', last_name: 'Sandbox', username: 'ada_sandbox', phone_number: '+12025550101' },
      },
    })
    expect(methodsFor('+12025550101')).toEqual(['auth.sendCode at 2', 'auth.signIn at 2'])
  })

  test('refuses a wrong code and then takes the right one', async () => {
    const { askCode, driver, signal } = world
    const pending = await askCode('+12025550101')
    const wrong = driver.finish({ pending, reply: { code: '54321' }, signal })
    await expect(wrong).rejects.toMatchObject({ refusal: 'forbidden', details: { fields: ['code'] } })
    expect(await driver.finish({ pending, reply: { code: '12345' }, signal })).toHaveProperty('grant')
  })

  test('refuses the right code after five wrong ones', async () => {
    const { askCode, driver, signal } = world
    const pending = await askCode('+12025550101')
    for (const code of ['1', '2', '3', '4', '5']) {
      await expect(driver.finish({ pending, reply: { code }, signal })).rejects.toMatchObject({ refusal: 'forbidden' })
    }
    const late = driver.finish({ pending, reply: { code: '12345' }, signal })
    await expect(late).rejects.toMatchObject({ refusal: 'forbidden', message: 'the code has expired; start again' })
  })

  test('refuses a code for another number than it was sent to, without asking Telegram', async () => {
    const { askCode, driver, signal, sandbox } = world
    const pending = await askCode('+12025550101')
    const requestsBefore = sandbox.received.length
    const other = async () => driver.finish({ pending, reply: { phoneNumber: '+12025550102', code: '12345' }, signal })
    await expect(other()).rejects.toMatchObject({ refusal: 'forbidden' })
    expect(sandbox.received.length).toBe(requestsBefore)
  })

  test('refuses a phone_code_hash that another authorization key asked for', async () => {
    const { askCode, driver, signal } = world
    const [mine, theirs] = [await askCode('+12025550101'), await askCode('+12025550101')]
    const mixed = { ...mine, phoneCodeHash: String(theirs.phoneCodeHash) }
    await expect(driver.finish({ pending: mixed, reply: { code: '12345' }, signal })).rejects.toMatchObject({
      refusal: 'forbidden',
    })
  })

  test('registers a number that has no account', async () => {
    const { askCode, driver, signal, methodsFor } = world
    const finished = await driver.finish({ pending: await askCode('+237670000001'), reply: { code: '12345' }, signal })
    expect(finished).toMatchObject({ needs: 'register' })
    const reply = { phoneNumber: '+237670000001', firstName: 'Ngozi', lastName: 'New' }
    const registered = await driver.actions?.register?.({ pending: pendingOf(finished), reply, signal })
    expect(registered).toMatchObject({
      grant: { profile: { first_name: 'Ngozi', last_name: 'New', phone_number: '+237670000001' } },
    })
    expect(methodsFor('+237670000001')).toEqual(['auth.sendCode at 2', 'auth.signIn at 2', 'auth.signUp at 2'])
    expect((await world.connect('+237670000001')).profile).toMatchObject({ first_name: 'Ngozi' })
  })

  test('needs the first name to register', async () => {
    const { askCode, driver, signal } = world
    const register = driver.actions?.register?.({ pending: await askCode('+237670000002'), reply: {}, signal })
    await expect(register).rejects.toMatchObject({ refusal: 'bad_request', details: { fields: ['first_name'] } })
  })

  test('refuses to register before the code was right', async () => {
    const { askCode, driver, signal } = world
    const register = driver.actions?.register?.({
      pending: await askCode('+237670000003'),
      reply: { firstName: 'Eve' },
      signal,
    })
    await expect(register).rejects.toMatchObject({ refusal: 'forbidden' })
  })

  test('asks a two-step account for its password, as often as it takes', async () => {
    const { askCode, driver, signal } = world
    const finished = await driver.finish({ pending: await askCode('+12025550102'), reply: { code: '12345' }, signal })
    expect(finished).toMatchObject({ needs: 'password' })
    const enter = async (password: string) =>
      driver.actions?.password?.({ pending: pendingOf(finished), reply: { password }, signal })
    await expect(enter('correct horse')).rejects.toMatchObject({ refusal: 'forbidden', message: 'wrong password' })
    await expect(enter('')).rejects.toMatchObject({ refusal: 'bad_request', details: { fields: ['password'] } })
    expect(await enter('correct horse battery staple')).toMatchObject({
      grant: { profile: { username: 'grace_sandbox' } },
    })
  })

  test('follows a number to its data centre and stays there', async () => {
    const { connect, methodsFor, driver, signal } = world
    const grant = await connect('+12025550103')
    expect(grant.profile).toMatchObject({ first_name: 'Mary' })
    expect(methodsFor('+12025550103')).toEqual(['auth.sendCode at 2', 'auth.sendCode at 1', 'auth.signIn at 1'])
    expect(await driver.isLive?.(grant, { signal })).toBe(true)
  })

  test('needs a phone number that Telegram takes', async () => {
    const { driver, askCode, signal } = world
    const badNumber = { refusal: 'bad_request', details: { fields: ['phone_number'] } }
    await expect(driver.start({ redirectUri: '', signal })).rejects.toMatchObject(badNumber)
    await expect(askCode('+12')).rejects.toMatchObject(badNumber)
    await expect(askCode('+12025550104')).rejects.toMatchObject({ refusal: 'forbidden' })
  })

  test('knows that a grant is live until it is revoked, and revokes it twice without complaint', async () => {
    const { connect, driver, signal } = world
    const [grant, other] = [await connect('+12025550101'), await connect('+12025550101')]
    await driver.revoke(grant, { signal })
    await driver.revoke(grant, { signal })
    expect(await driver.isLive?.(grant, { signal })).toBe(false)
    expect(await driver.isLive?.(other, { signal })).toBe(true)
  })

  test('knows that a grant ended from another device is dead', async () => {
    const { connect, driver, signal, sandbox } = world
    sandbox.addAccount({ phoneNumber: '+12025550110', firstName: 'Joan' })
    const grant = await connect('+12025550110')
    sandbox.endSessions('+12025550110')
    expect(await driver.isLive?.(grant, { signal })).toBe(false)
    await driver.revoke(grant, { signal })
  })

  test('signs several people in at once', async () => {
    const { sandbox, connect } = world
    const numbers = ['+12025550120', '+12025550121', '+12025550122', '+12025550123']
    for (const [at, phoneNumber] of numbers.entries())
      sandbox.addAccount({ phoneNumber, firstName: `Person ${at}`, dc: 1 + (at % 2) })
    const grants = await Promise.all(numbers.map(connect))
    expect(grants.map(({ profile }) => profile.phone_number)).toEqual(numbers)
  })

  test('describes itself in every language', () => {
    const { driver } = world
    expect(driver).toMatchObject({ name: 'telegram', protocol: 'twofactor', type: 'messaging', letter: 'T' })
    expect(new Set(Object.values(driver.descriptions)).size).toBe(4)
  })

  test('names its grant by the account, whatever the session', async () => {
    const { connect } = world
    const [first, second] = [await connect('+12025550101'), await connect('+12025550101')]
    expect(first.accountId).toBe(second.accountId)
    expect(first.tokens.session).not.toBe(second.tokens.session)
    expect(grantOf({ grant: first })).toBe(first)
  })
})
