import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, onTestFinished } from 'vitest'
import { api } from '../../src/api/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { recheckKeys } from '../../src/maintenance/keys-fit.ts'
import { runHiddenSends } from '../../src/otp/hidden-sends.ts'
import type { Sandbox } from '../../src/sandbox/start-sandbox.ts'
import { openServices } from '../../src/server/open-services.ts'
import type { Services } from '../../src/services.ts'
import { observeSender } from '../../src/telemetry/observe-services.ts'
import type { Observer } from '../../src/telemetry/observer.ts'
import { runRevocations } from '../../src/vault/run-revocations.ts'
import { noteSecretsSealed, refuseLeaks } from './canaries.ts'
import { documentCheck } from './check-document.ts'
import { cloneDatabase } from './clone-database.ts'
import { noBeginningLimits } from './no-beginning-limits.ts'
import { noConnectionLimits } from './no-connection-limits.ts'
import { observeStatements } from './observe-statements.ts'
import { passTime } from './pass-time.ts'
import { Person, randomPhoneNumber } from './person.ts'
import { createPhone } from './phone.ts'

type Options = {
  /** Settings, as an operator would set them. */
  env?: Record<string, string>
  /** In place of what the settings open. */
  services?: Partial<Services>
  /** Local stand-ins of the platforms. */
  sandbox?: boolean
  /** Another world's, as a second instance on it; then SECRET_KEYS must be that world's too. */
  databaseUrl?: string
  /** Opened within a test, and closed with it. */
  isOfOneTest?: boolean
  /** False: the test sends the codes of hidden recoveries, by `runHiddenSends`; else they are sent when an answer is there. */
  runsHiddenSends?: boolean
  /** Told of every SQL statement that the server sends. */
  onStatement?: (text: string) => void
  /** Opens whoever watches, given the URL of the database. */
  observe?: (databaseUrl: string) => Observer
}

export type World = Awaited<ReturnType<typeof openWorld>>

/** A server of a test file's own, in process, on a database of its own; closed after the file's tests. */
export async function openWorld(options: Options = {}) {
  const { env = {}, services: replaced = {}, sandbox: withSandbox = false, runsHiddenSends = true } = options
  const databaseUrl = options.databaseUrl ?? (await cloneDatabase())
  const config = readConfig({
    SECRET_KEYS: `test:${randomBytes(32).toString('base64')}`,
    DATABASE_POOL: '20',
    // Everybody in a world comes from one network.
    LOGIN_NETWORK_TRIES: '100000',
    ...noBeginningLimits,
    SMS_NETWORK_DAILY_TOTAL: '100000',
    SMS_SHARE: '100',
    LOGIN_NETWORK_DAILY: '100000',
    LOGIN_HOURLY: '100000',
    LOGIN_DAILY: '100000',
    ...noConnectionLimits,
    ...env,
  })
  if (env.TELEGRAM_RESEND_WAITS === undefined) config.settings.connections.codes.waits = [0]
  const sandbox = withSandbox ? await openSandbox(config.settings.origins) : undefined
  const phone = createPhone()
  const logged: string[] = []
  /** All of it: tests may empty `logged`. */
  const written: string[] = []
  const write = (line: string) => {
    logged.push(line)
    written.push(line)
  }
  const log =
    (level: string) =>
    (message: string, fields = {}) =>
      write(JSON.stringify({ level, message, ...fields }))
  const observer = options.observe?.(databaseUrl) ?? observeStatements(options.onStatement ?? (() => undefined))
  const opened = openServices(config, {
    databaseUrl,
    observer,
    pool: config.databasePool,
    keyRing: [config.secretKeys?.[0] ?? fail(), ...(config.secretKeys?.slice(1) ?? [])],
    platforms: sandbox?.credentials ?? config.platforms,
    log: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    write,
    wakeJobs: () => undefined,
  })
  const afterwards: Promise<void>[] = []
  const background: Services['background'] = (work, requestId) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    afterwards.push(promise)
    opened.services.background(() => work().finally(resolve), requestId)
  }
  const seal: Services['seal'] = {
    ...opened.services.seal,
    seal(plain, place) {
      // What is sealed for a uid that is nobody's, to take its time, is that uid.
      if (place.column !== 'phone_number' || /^\+\d+$/.test(plain)) noteSecretsSealed(plain, place.column)
      return opened.services.seal.seal(plain, place)
    },
  }
  const services: Services = {
    ...opened.services,
    seal,
    codeSender: observeSender(phone, 'phone', observer),
    background,
    ...replaced,
  }
  // As a server does before it takes requests.
  await recheckKeys(services)
  const sql = postgres(databaseUrl, { max: 2, onnotice: () => undefined })

  const fetchApi = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const response = await api.fetch(request, { services, remoteAddress: '192.0.2.1' })
    if (!services.settings.legacyClients) await documentCheck.check(request, response)
    await Promise.all(afterwards.splice(0))
    if (runsHiddenSends && services.settings.hideAccounts) await runHiddenSends(services)
    return response
  }

  const world = {
    services,
    sql,
    phone,
    logged,
    databaseUrl,
    fetch: fetchApi,
    /** Fails unless the world was opened with it. */
    get sandbox(): Sandbox {
      return sandbox ?? fail()
    },
    /** Somebody with a phone and a web browser, not signed up yet. */
    person: (options: { phoneNumber?: string; userAgent?: string } = {}): Person =>
      new Person(
        { fetch: fetchApi, phone, letWaitsPass: world.letWaitsPass },
        { phoneNumber: options.phoneNumber ?? randomPhoneNumber(), userAgent: options.userAgent },
      ),
    async signedUpPerson(options: { phoneNumber?: string; userAgent?: string } = {}): Promise<Person> {
      const person = world.person(options)
      await person.signUp()
      await person.logIn()
      return person
    },
    /** Makes everything in the database that much older. */
    passTime: (seconds: number) => passTime(sql, seconds),
    /** Enough for one number's next code, and for nothing else. */
    letWaitsPass: async (phoneNumber: string) => {
      const hashes = await services.blindIndex.all('phone number', phoneNumber)
      await sql`delete from code_waits where phone_number_index in ${sql(hashes)}`
    },
    runJobs: () => runRevocations(services),
    close: async () => {
      await Promise.all([opened.close(), sql.end(), sandbox?.close()])
      refuseLeaks(written.splice(0).join('\n'))
    },
  }
  // After a long fuzz run there is much to look through.
  const whenDone = options.isOfOneTest ? onTestFinished : afterAll
  whenDone(world.close, 1_200_000)
  return world
}

/** Loaded only where it's wanted: it takes longer than most test files. */
async function openSandbox(origins: readonly string[]): Promise<Sandbox> {
  const { startSandbox } = await import('../../src/sandbox/start-sandbox.ts')
  return startSandbox({ redirectUris: redirectUrisOf(origins) })
}

const redirectUrisOf = (origins: readonly string[]) => (platform: string, protocol: string) =>
  origins.map((origin) => `${origin}/platforms/${platform}/protocols/${protocol}/redirect_codes/`)

function fail(): never {
  throw new Error('the world was opened without it')
}
