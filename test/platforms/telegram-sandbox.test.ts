import { TelegramClient } from 'telegram/client/TelegramClient.js'
import { Logger, LogLevel } from 'telegram/extensions/Logger.js'
import { StringSession } from 'telegram/sessions/StringSession.js'
import { Api } from 'telegram/tl/index.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type OpenTelegram, openTelegram } from './telegram/open-telegram.ts'

describe('the Telegram sandbox, for any client of the library', () => {
  let world: OpenTelegram
  const clients: TelegramClient[] = []
  beforeAll(async () => {
    world = await openTelegram()
    // Makes the library trust the sandbox's key.
    await world.askCode('+12025550101')
  })
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.destroy()))
    await world.sandbox.close()
  })

  async function openClient(session: string) {
    const { apiId, apiHash, servers } = world.sandbox
    const stored = new StringSession(session)
    await stored.load()
    const server = servers.find(({ dc }) => dc === (stored.dcId || 2))
    if (!server) throw new Error('no such data centre')
    stored.setDC(server.dc, server.host, server.port)
    const client = new TelegramClient(stored, apiId, apiHash, {
      baseLogger: new Logger(LogLevel.NONE),
      securityChecks: true,
      floodSleepThreshold: 0,
    })
    // Its own dump of the session can't hold a port above 32767.
    stored.save = () => ''
    clients.push(client)
    await client.connect()
    return client
  }

  const refusal = (errorMessage: string) => expect.objectContaining({ errorMessage })

  test('a grant works in a client of its own', async () => {
    const grant = await world.connect('+12025550103')
    const client = await openClient(String(grant.tokens.session))
    const me = await client.getMe()
    expect(me).toMatchObject({ firstName: 'Mary', username: 'mary_sandbox', self: true })
    expect(await client.isUserAuthorized()).toBe(true)
    expect(await client.invoke(new Api.help.GetConfig())).toMatchObject({
      thisDc: 1,
      dcOptions: [{ id: 1 }, { id: 2 }],
    })
  })

  test('sends a code anew and forgets the one before', async () => {
    const { apiId, apiHash } = world.sandbox
    const phoneNumber = '+12025550101'
    const client = await openClient('')
    const settings = new Api.CodeSettings({})
    const first = await client.invoke(new Api.auth.SendCode({ phoneNumber, apiId, apiHash, settings }))
    if (!(first instanceof Api.auth.SentCode)) throw new Error('no code')
    const again = await client.invoke(new Api.auth.ResendCode({ phoneNumber, phoneCodeHash: first.phoneCodeHash }))
    if (!(again instanceof Api.auth.SentCode)) throw new Error('no code')
    const enter = (phoneCodeHash: string, phoneCode: string) =>
      client.invoke(new Api.auth.SignIn({ phoneNumber, phoneCodeHash, phoneCode }))
    await expect(enter(first.phoneCodeHash, '12345')).rejects.toEqual(refusal('PHONE_CODE_EXPIRED'))
    await expect(enter(again.phoneCodeHash, '')).rejects.toEqual(refusal('PHONE_CODE_EMPTY'))
    await expect(enter(again.phoneCodeHash, '11111')).rejects.toEqual(refusal('PHONE_CODE_INVALID'))
    expect(await enter(again.phoneCodeHash, '12345')).toBeInstanceOf(Api.auth.Authorization)
  })

  test('refuses who is not signed in, and what it does not know', async () => {
    const client = await openClient('')
    const self = [new Api.InputUserSelf()]
    await expect(client.invoke(new Api.users.GetUsers({ id: self }))).rejects.toEqual(refusal('AUTH_KEY_UNREGISTERED'))
    await expect(client.invoke(new Api.auth.LogOut())).rejects.toEqual(refusal('AUTH_KEY_UNREGISTERED'))
    await expect(client.invoke(new Api.help.GetSupport())).rejects.toEqual(refusal('INPUT_METHOD_INVALID'))
  })
})
