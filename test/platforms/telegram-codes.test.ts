import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CodeWay } from '../../src/sandbox/telegram/well-known-accounts.ts'
import { type OpenTelegram, openTelegram, pendingOf } from './telegram/open-telegram.ts'

describe("the way that Telegram's code takes", () => {
  let world: OpenTelegram
  beforeAll(async () => {
    world = await openTelegram()
  })
  afterAll(() => world.sandbox.close())

  let people = 0
  /** Somebody to whom Telegram would send its codes in these ways. */
  function someone(ways: readonly CodeWay[], more: { password?: string } = {}) {
    const phoneNumber = `+1202555${String(200 + people++).padStart(4, '0')}`
    world.sandbox.addAccount({ phoneNumber, firstName: 'Joan', ways, ...more })
    const start = () => world.driver.start({ redirectUri: '', phoneNumber, signal: world.signal })
    return { phoneNumber, start }
  }

  test.each([
    ['app', 'app'],
    ['sms', 'sms'],
    ['smsWord', 'sms'],
    ['call', 'call'],
    ['fragment', 'fragment'],
    ['email', 'email'],
  ] as const)('%s is told as %s, and its code gives a grant', async (way, sentTo) => {
    const started = await someone([way]).start()
    expect(started).toMatchObject({ codeSent: true, sentTo })
    const finish = (code: string) =>
      world.driver.finish({ pending: started.pending, reply: { code }, signal: world.signal })
    await expect(finish('54321')).rejects.toMatchObject({ refusal: 'forbidden', details: { fields: ['code'] } })
    expect(await finish('12345')).toHaveProperty('grant')
  })

  test('an e-mailed code leads on to the two-step password', async () => {
    const { start } = someone(['email'], { password: 'correct horse battery staple' })
    const { pending } = await start()
    const finished = await world.driver.finish({ pending, reply: { code: '12345' }, signal: world.signal })
    expect(finished).toMatchObject({ needs: 'password' })
    const reply = { password: 'correct horse battery staple' }
    expect(
      await world.driver.actions?.password?.({ pending: pendingOf(finished), reply, signal: world.signal }),
    ).toHaveProperty('grant')
  })

  test.each(['flashCall', 'missedCall', 'firebase'] as const)(
    'what nobody could type (%s) is asked for in another way, where Telegram has one',
    async (way) => {
      const { phoneNumber, start } = someone([way, 'call'])
      expect(await start()).toMatchObject({ sentTo: 'call' })
      expect(world.methodsFor(phoneNumber)).toEqual(['auth.sendCode at 2', 'auth.resendCode at 2'])
      const alone = someone([way])
      await expect(alone.start()).rejects.toMatchObject({ refusal: 'forbidden', details: { fields: ['phone_number'] } })
    },
  )

  test('ways that never come to one that can be typed end', async () => {
    const { phoneNumber, start } = someone(Array(9).fill('flashCall'))
    await expect(start()).rejects.toMatchObject({ refusal: 'forbidden' })
    expect(world.methodsFor(phoneNumber)).toHaveLength(4)
  })

  test.each([
    ['setUpEmail', /login email/],
    ['payment', /payment/],
  ] as const)('%s is refused, with the reason', async (way, message) => {
    await expect(someone([way]).start()).rejects.toMatchObject({
      refusal: 'forbidden',
      message: expect.stringMatching(message),
    })
  })

  test('AUTH_RESTART is followed once', async () => {
    const { phoneNumber, start } = someone(['sms'])
    world.sandbox.next('auth.sendCode', { error: 'AUTH_RESTART', code: 500 })
    expect(await start()).toMatchObject({ sentTo: 'sms' })
    expect(world.methodsFor(phoneNumber)).toHaveLength(2)
    world.sandbox.next('auth.sendCode', { error: 'AUTH_RESTART', code: 500 })
    world.sandbox.next('auth.sendCode', { error: 'AUTH_RESTART', code: 500 })
    await expect(start()).rejects.toMatchObject({ refusal: 'forbidden' })
    expect(world.methodsFor(phoneNumber)).toHaveLength(4)
  })

  test.each([
    ['PHONE_CODE_EXPIRED', 400, { refusal: 'forbidden', message: 'the code has expired; start again' }],
    ['EMAIL_VERIFY_EXPIRED', 400, { refusal: 'forbidden', message: 'the code has expired; start again' }],
    ['EMAIL_CODE_INVALID', 400, { refusal: 'forbidden', message: 'wrong code' }],
    ['PHONE_NUMBER_INVALID', 400, { refusal: 'bad_request' }],
    ['PHONE_NUMBER_BANNED', 400, { refusal: 'forbidden', details: { fields: ['phone_number'] } }],
    ['PHONE_NUMBER_FLOOD', 400, { refusal: 'too_many_requests', details: { retryAfterSeconds: 86_400 } }],
    ['PHONE_PASSWORD_FLOOD', 406, { refusal: 'too_many_requests', details: { retryAfterSeconds: 86_400 } }],
    ['FLOOD_WAIT_17', 420, { refusal: 'too_many_requests', details: { retryAfterSeconds: 17 } }],
    ['AUTH_RESTART', 500, { refusal: 'forbidden' }],
    ['USER_MIGRATE_1', 303, { refusal: 'forbidden', message: 'Telegram ended this sign-in; start again' }],
    ['UPDATE_APP_TO_LOGIN', 406, { name: 'UnavailableError' }],
    ['SIGN_IN_FAILED', 500, { name: 'UnavailableError' }],
    ['Timeout', -503, { name: 'UnavailableError' }],
  ] as const)('signing in to %s', async (error, code, expected) => {
    const { pending } = await someone(['sms']).start()
    world.sandbox.next('auth.signIn', { error, code })
    const finish = world.driver.finish({ pending, reply: { code: '12345' }, signal: world.signal })
    await expect(finish).rejects.toMatchObject(expected)
  })

  test.each([
    ['SMS_CODE_CREATE_FAILED', 400],
    ['UPDATE_APP_TO_LOGIN', 406],
    ['API_ID_PUBLISHED_FLOOD', 400],
    ['Timeout', -503],
  ])('asking for a code to %s is not the person’s fault', async (error, code) => {
    const { start } = someone(['sms'])
    world.sandbox.next('auth.sendCode', { error, code })
    await expect(start()).rejects.toMatchObject({ name: 'UnavailableError' })
  })
})
