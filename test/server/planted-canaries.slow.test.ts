import { readdirSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settingNames } from '../../src/config/config.ts'
import { startTelegram, type TelegramSandbox } from '../../src/sandbox/telegram/start-telegram.ts'
import { findLeaks } from '../support/canaries.ts'
import { childProcesses, readProcess } from '../support/child-processes.ts'
import { fetchAt } from '../support/fetch-at.ts'
import { freePort } from '../support/free-port.ts'
import { failures, openParrot, type Parrot } from '../support/parrot.ts'
import { Person, randomPhoneNumber } from '../support/person.ts'
import { canary, plantSettings, takesText } from '../support/planted-settings.ts'
import { runCommand } from '../support/run-command.ts'
import { startServer } from '../support/start-server.ts'
import { openCollector } from '../telemetry/otlp-collector.ts'

const patient = { timeout: 600_000 }
const commandsFolder = new URL('../../src/main/commands/', import.meta.url)
/** What it prints is a secret, and none of the server's. */
const printsSecrets = new Set(['generate-key.ts'])

let folder: string
let parrot: Parrot
let telegram: TelegramSandbox
let collector: Awaited<ReturnType<typeof openCollector>>
let env: Record<string, string>
let server: Awaited<ReturnType<typeof startServer>>
let planted: ReturnType<typeof plantSettings>
let sql: postgres.Sql

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'swob-canaries-'))
  await chmod(folder, 0o755)
  ;[parrot, telegram, collector] = await Promise.all([
    openParrot(),
    startTelegram({ apiHash: canary('api hash') }),
    openCollector(),
  ])
  const servers = telegram.servers.map(({ dc, host, port }) => `${dc}=${host}:${port}`).join(',')
  planted = plantSettings({
    url: parrot.url,
    collector: collector.url,
    folder,
    metricsPort: await freePort(),
    telegram: { ...telegram, servers },
  })
  env = {
    PATH: process.env.PATH ?? '',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_EXPORTER_OTLP_HEADERS: `x-key=${canary('header of the collector')}`,
    ...Object.fromEntries(Object.entries(planted).flatMap(([name, { value }]) => (value ? [[name, value]] : []))),
  }
  server = await startServer(env)
  const [, , , port] = (await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')
  const password = await readFile(join(folder, 'postgres/password'), 'utf8')
  sql = postgres(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`, { max: 1, onnotice: () => undefined })
}, 300_000)
afterAll(async () => {
  await sql?.end({ timeout: 1 })
  await server?.end('SIGTERM')
  await Promise.all([parrot?.close(), telegram?.close()])
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}, 300_000)

/** Somebody whose every header holds a canary that nobody has asked for. */
function person(): Person {
  const at = fetchAt(server.url)
  const headers = {
    'X-Anything': canary('header'),
    Authorization: `Bearer ${canary('authorization')}`,
    Referer: `https://x/${canary('referer')}`,
  }
  return new Person(
    {
      fetch: (input, init) => {
        const request = new Request(input, init)
        for (const [name, value] of Object.entries(headers)) request.headers.set(name, value)
        return at(request)
      },
      phone: parrot,
      letWaitsPass: () => sql`truncate code_waits`,
    },
    { phoneNumber: randomPhoneNumber(), userAgent: canary('user agent') },
  )
}

const connections: Record<string, (ada: Person) => Promise<{ status: number }>> = {
  async gmail(ada) {
    await ada.start('gmail', 'oauth2')
    return ada.finish('gmail', 'oauth2', { code: canary('code of Google') })
  },
  async twitter(ada) {
    await ada.start('twitter', 'oauth')
    return ada.finish('twitter', 'oauth', { oauth_token: canary('request token'), oauth_verifier: canary('verifier') })
  },
  async mastodon(ada) {
    await ada.start('mastodon', 'oauth2')
    return ada.finish('mastodon', 'oauth2', { code: canary('code of Mastodon') })
  },
  async telegram(ada) {
    await ada.start('telegram', 'twofactor', { phone_number: '+12025550101' })
    return ada.finish('telegram', 'twofactor', { phone_number: '+12025550101', code: '12345' })
  },
}
/** Each as if nobody had begun one before. */
async function connect(platform: string, ada: Person): Promise<number | undefined> {
  await sql`truncate code_waits, limit_counts`
  return (await connections[platform]?.(ada))?.status
}

const protocols: Record<string, string> = {
  gmail: 'oauth2',
  twitter: 'oauth',
  mastodon: 'oauth2',
  telegram: 'twofactor',
}
const endpoints: Record<string, string[]> = {
  gmail: ['/oauth2/token', '/oauth2/v2/userinfo', '/oauth2/revoke'],
  twitter: ['/oauth/request_token', '/oauth/access_token', '/2/users/me', '/1.1/oauth/invalidate_token.json'],
  mastodon: ['/oauth/token', '/api/v1/accounts/verify_credentials', '/oauth/revoke'],
}

async function signUp(): Promise<Person> {
  const ada = person()
  ada.password = canary('password')
  const body = {
    phone_number: ada.phoneNumber,
    password: ada.password,
    name: canary('name'),
    captcha_token: canary('captcha'),
  }
  ada.uid = (await (await ada.send('POST', '/v2/signup', body)).json()).uid
  expect((await ada.sendCode()).status).toBe(201)
  expect((await ada.enterCode()).status).toBe(200)
  expect((await ada.finishSignUp()).status).toBe(200)
  return ada
}

async function logIn(ada: Person, password = ada.password): Promise<number> {
  const body = { phone_number: ada.phoneNumber, password, captcha_token: canary('captcha') }
  return (await ada.send('POST', '/v2/login', body)).status
}

test('whatever setting takes a text is planted, or said why it may be seen', () => {
  const names = settingNames.filter((name) => takesText(name) && !(name in planted))
  expect(names).toEqual([])
  for (const [name, { shown, value }] of Object.entries(planted) as [string, { shown?: string; value: string }][])
    expect([name, Boolean(shown) !== /canary-|planted:|whsec_/.test(value) || name === 'TELEGRAM_API_HASH']).toEqual([
      name,
      true,
    ])
})

describe.skipIf(process.platform !== 'linux')(
  'with a canary in every setting, header, body and answer of a provider',
  () => {
    test('people use it while everything fails in every way', patient, async () => {
      const ada = await signUp()
      expect(await logIn(ada, 'a wrong passphrase')).toBe(401)
      expect(await logIn(ada)).toBe(200)
      await ada.send('GET', `/v2/users/${ada.uid}/${canary('path')}?q=${canary('query')}`)
      await ada.send('PUT', '/v2/OTP', `{"code": ${canary('broken body')}`)

      for (const failure of failures) {
        for (const [platform, paths] of Object.entries(endpoints))
          for (const path of paths.slice(0, -1)) {
            parrot.let(path, failure)
            const status = await connect(platform, ada)
            parrot.let(path, 'works')
            expect([platform, path, failure, status]).not.toEqual([platform, path, failure, 500])
            // What an outage left pending may be finished although it can't be started anew.
            if (status === 200) await ada.revoke(platform, protocols[platform] ?? '')
          }
        for (const part of ['/siteverify', '/range/']) {
          parrot.let(part, failure)
          await logIn(person())
          await ada.changePassword(ada.password)
          parrot.let(part, 'works')
        }
        // The second provider refuses in any case.
        parrot.let('/sms/', failure)
        const other = person()
        const body = { phone_number: other.phoneNumber, password: canary('password'), captcha_token: canary('captcha') }
        other.uid = (await (await other.send('POST', '/v2/signup', body)).json()).uid
        await other.sendCode()
        parrot.let('/sms/', 'works')
      }
      for (const error of [`${canary('word of Telegram')} +12025550101`, 'FLOOD_WAIT_3', 'API_ID_INVALID']) {
        telegram.next('auth.signIn', { code: 400, error })
        expect([error, await connect('telegram', ada)]).not.toEqual([error, 200])
      }
      expect(parrot.timesAsked('/2010-04-01/')).toBeGreaterThan(0)
      expect(telegram.received.filter(({ method }) => method === 'auth.signIn')).toHaveLength(3)
    })

    test('grants are saved, and end at platforms that fail', patient, async () => {
      const ada = await signUp()
      expect(await logIn(ada)).toBe(200)
      for (const platform of Object.keys(connections)) {
        expect([platform, await connect(platform, ada)]).toEqual([platform, 200])
        const ending = endpoints[platform]?.at(-1)
        if (ending) parrot.let(ending, 'refuses')
        else telegram.next('auth.logOut', { code: 400, error: canary('word of Telegram') })
        expect((await ada.revoke(platform, protocols[platform] ?? '')).status).toBe(200)
      }
      const reasons: string[] = []
      for (const failure of failures) {
        for (const paths of Object.values(endpoints)) parrot.let(paths.at(-1) ?? '', failure)
        await sql`update revocations set last_error = null, next_attempt_at = now()`
        await expect.poll(() => sql`select platform from revocations where last_error is null`).toEqual([])
        reasons.push(
          ...(await sql`select last_error from revocations where last_error is not null`).map((row) =>
            String(row.last_error),
          ),
        )
      }
      expect(reasons).toContainEqual(expect.stringContaining('answered 400'))
      expect(findLeaks(reasons.join('\n'))).toEqual([])
      const recovering = await ada.recovering().catch(() => undefined)
      await recovering?.finishRecovery(canary('new password'))
    })

    test('commands print none, of the server that runs or of a database that is not theirs', patient, async () => {
      const DATABASE_URL = `postgres://swob:${canary('password of DATABASE_URL')}@127.0.0.1:9/swob?sslmode=disable`
      for (const file of readdirSync(commandsFolder).filter((name) => !printsSecrets.has(name))) {
        const path = `src/main/commands/${file}`
        for (const given of [{ ...env }, { ...env, DATABASE_URL }]) {
          const { output, complaints } = await runCommand(
            path,
            ['--user', '00000000-0000-4000-8000-000000000000'],
            given,
          )
          expect([file, findLeaks(`${output}\n${complaints}`)]).toEqual([file, []])
        }
      }
    })

    test('a start that fails tells none', patient, async () => {
      const wrong = Object.fromEntries(
        settingNames.map((name) => [
          name,
          `https://${canary(`${name} user`)}:${canary(`${name} password`)}@ /?${canary(name)}`,
        ]),
      )
      const DATABASE_URL = `postgres://swob:${canary('password of DATABASE_URL')}@127.0.0.1:9/swob?sslmode=disable`
      for (const given of [wrong, { ...env, DATABASE_URL }]) {
        const { output, complaints, code } = await runCommand('src/main/node.ts', [], {
          ...given,
          PATH: env.PATH ?? '',
        })
        expect([code, findLeaks(`${output}\n${complaints}`)]).toEqual([1, []])
      }
    })

    test(
      'none stands in the log, the metrics, the traces, the database, nor in any process that was started',
      patient,
      async () => {
        const metrics = await (await fetch(`http://127.0.0.1:${planted.METRICS_PORT.value}/metrics`)).text()
        expect(metrics).toContain('swob_')
        expect(collector.spans().length).toBeGreaterThan(100)
        expect(server.output()).toContain('"level":"debug"')
        const tables = await sql<{ name: string }[]>`
      select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
      where relkind in ('r', 'p', 'm') and nspname !~ '^pg_' and nspname <> 'information_schema'`
        const rows = await Promise.all(tables.map(({ name }) => sql.unsafe(`select t::text as row from ${name} t`)))
        const dump = rows
          .flat()
          .map(({ row }) => row)
          .join('\n')
        expect(dump).toContain('1.planted.')

        const postmaster = (await readFile(join(folder, 'postgres/data/postmaster.pid'), 'utf8')).split('\n')[0] ?? ''
        const processes = [
          ...(await childProcesses(server.pid)),
          ...(await childProcesses(Number(postmaster))),
          ...[await readProcess(postmaster)].filter((process) => process !== undefined),
        ]
        expect(processes.length).toBeGreaterThan(3)
        const places = {
          log: server.output(),
          "Postgres's log": await readFile(join(folder, 'postgres/postgres.log'), 'utf8'),
          metrics,
          traces: collector.text(),
          database: dump,
          processes: processes.map(({ command, environment }) => `${command}\n${environment}`).join('\n'),
        }
        for (const [place, text] of Object.entries(places)) expect([place, findLeaks(text)]).toEqual([place, []])
      },
    )
  },
)
