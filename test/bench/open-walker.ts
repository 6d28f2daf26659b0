import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { api } from '../../src/api/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { startSandbox } from '../../src/sandbox/start-sandbox.ts'
import { openServices } from '../../src/server/open-services.ts'
import { noSendLimits } from '../support/no-send-limits.ts'
import { observeStatements } from '../support/observe-statements.ts'
import { Person, randomPhoneNumber } from '../support/person.ts'
import { createPhone } from '../support/phone.ts'

/** A server in process, with the sandbox's platforms, whose every SQL statement is seen; for walks through its operations. */
export async function openWalker(databaseUrl: string, onStatement: (text: string) => void) {
  const config = readConfig({
    // A large database remembers more codes than a day has by default.
    ...noSendLimits,
  })
  const redirectUris = (platform: string, protocol: string) =>
    config.settings.origins.map((origin) => `${origin}/platforms/${platform}/protocols/${protocol}/redirect_codes/`)
  const sandbox = await startSandbox({ redirectUris })
  const quiet = () => undefined
  const opened = openServices(config, {
    databaseUrl,
    pool: config.databasePool,
    keyRing: [{ id: 'walk', bytes: Uint8Array.from(randomBytes(32)) }],
    platforms: sandbox.credentials,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    write: quiet,
    wakeJobs: quiet,
    observer: observeStatements(onStatement),
  })
  const phone = createPhone()
  // Of a database that was filled by SQL nothing can be decrypted.
  const services = { ...opened.services, codeSender: phone, keyState: { fit: true, askedAt: performance.now() } }
  const fetch = async (input: string | URL | Request, init?: RequestInit) =>
    api.fetch(new Request(input, init), { services, remoteAddress: '192.0.2.1' })
  // Apart from the server's, whose statements are seen.
  const sql = postgres(databaseUrl, { max: 1 })
  const letWaitsPass = () => sql`delete from code_waits`
  return {
    services,
    person: () => new Person({ fetch, phone, letWaitsPass }, { phoneNumber: randomPhoneNumber() }),
    async close(): Promise<void> {
      await Promise.all([opened.close(), sandbox.close(), sql.end()])
    },
  }
}
