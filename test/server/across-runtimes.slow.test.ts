import { describe, expect, test } from 'vitest'
import { openRuntimeWorld } from '../support/runtime-world.ts'

const runtimes = ['node', 'bun', 'workerd'] as const

describe.skipIf(process.env.TARGET)('on three runtimes at once', async () => {
  if (process.env.TARGET) return
  const world = await openRuntimeWorld(runtimes)

  test('one account lives', async () => {
    const onNode = world.person('node')
    await onNode.startSignUp()
    await onNode.sendCode()
    const onBun = world.at('bun', onNode)
    expect((await onBun.enterCode()).status).toBe(200)
    const onWorkerd = world.at('workerd', onBun)
    expect((await onWorkerd.finishSignUp()).status).toBe(200)

    expect((await onBun.logIn()).status).toBe(200)
    const { code, state } = await world.at('workerd', onBun).consentAtGoogle()
    const finished = await world.at('node', onBun).finish('gmail', 'oauth2', { code, state })
    expect(finished.status).toBe(200)
    expect(await world.at('workerd', onBun).savedPlatforms()).toEqual(['gmail'])

    for (const runtime of runtimes) {
      const elsewhere = world.person(runtime, onNode.phoneNumber)
      await elsewhere.logIn()
      const changed = `a passphrase hashed on ${runtime}`
      expect((await elsewhere.changePassword(changed)).status).toBe(200)
      for (const other of runtimes)
        expect((await world.person(other, onNode.phoneNumber).logIn(changed)).status).toBe(200)
      await elsewhere.changePassword(elsewhere.password, changed)
    }
  })
})
