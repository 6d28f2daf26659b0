import { randomBytes } from 'node:crypto'
import { api } from '../../src/api/api.ts'
import { readConfig } from '../../src/config.ts'
import { openServices } from '../../src/runtime/open-services.ts'
import { startSandbox } from '../../src/sandbox/start-sandbox.ts'
import { observeStatements } from '../support/observe-statements.ts'
import { Person, randomPhoneNumber } from '../support/person.ts'
import { createPhone } from '../support/phone.ts'

/** A server in process, with the sandbox's platforms, whose every SQL statement is seen; for walks through its operations. */
export async function openWalker(databaseUrl: string, onStatement: (text: string) => void) {
  const { secretKeys = [], ...config } = readConfig({
    SECRET_KEYS: `walk:${randomBytes(32).toString('base64')}`,
    // A large database remembers more codes than a day has by default.
    SMS_DAILY: '999999',
    SMS_COUNTRY_DAILY_FLOOR: '999999',
  })
  const [key] = secretKeys
  if (!key) throw new Error('there is no key')
  const redirectUris = (platform: string, protocol: string) =>
    config.settings.origins.map((origin) => `${origin}/platforms/${platform}/protocols/${protocol}/redirect_codes/`)
  const sandbox = await startSandbox({ redirectUris })
  const quiet = () => undefined
  const opened = openServices(
    { ...config, secretKeys },
    {
      databaseUrl,
      pool: config.databasePool,
      keyRing: [key],
      platforms: sandbox.credentials,
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      write: quiet,
      wakeJobs: quiet,
      observer: observeStatements(onStatement),
    },
  )
  const phone = createPhone()
  const services = { ...opened.services, codeSender: phone }
  const fetch = async (input: string | URL | Request, init?: RequestInit) =>
    api.fetch(new Request(input, init), { services, remoteAddress: '192.0.2.1' })
  return {
    services,
    person: () => new Person({ fetch, phone }, { phoneNumber: randomPhoneNumber() }),
    async close(): Promise<void> {
      await Promise.all([opened.close(), sandbox.close()])
    },
  }
}
