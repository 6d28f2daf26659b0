import type { Finished, Grant, Pending } from '../../../src/platforms/platform.ts'
import { telegram } from '../../../src/platforms/telegram.ts'
import { startTelegram } from '../../../src/sandbox/telegram/start-telegram.ts'

const noLimit = new AbortController().signal

/** A sandbox, a driver for it, and what a person does who connects an account. */
export async function openTelegram() {
  const sandbox = await startTelegram()
  const { apiId, apiHash, servers, publicKey } = sandbox
  const driver = telegram({ apiId, apiHash, servers, publicKey })
  async function askCode(phoneNumber: string, signal = noLimit): Promise<Pending> {
    return (await driver.start({ redirectUri: '', phoneNumber, signal })).pending
  }
  async function connect(phoneNumber: string): Promise<Grant> {
    return grantOf(
      await driver.finish({ pending: await askCode(phoneNumber), reply: { code: '12345' }, signal: noLimit }),
    )
  }
  const methodsFor = (phoneNumber: string) =>
    sandbox.received
      .filter((request) => request.phoneNumber === phoneNumber)
      .map(({ dc, method }) => `${method} at ${dc}`)
  return { sandbox, driver, askCode, connect, methodsFor, signal: noLimit }
}

export type OpenTelegram = Awaited<ReturnType<typeof openTelegram>>

export function grantOf(finished: Finished): Grant {
  if (!('grant' in finished)) throw new Error(`needs ${finished.needs}`)
  return finished.grant
}

export function pendingOf(finished: Finished): Pending {
  if (!('needs' in finished)) throw new Error('needs nothing more')
  return finished.pending
}
