import { randomBytes } from 'node:crypto'
import { afterAll } from 'vitest'
import { startSandbox } from '../../src/sandbox/start-sandbox.ts'
import { cloneDatabase } from './clone-database.ts'
import { openTarget, type Runtime } from './open-target.ts'
import { Person, randomPhoneNumber } from './person.ts'
import { smsWebhookServer } from './sms-webhook-server.ts'

type Settings = Record<string, string>

const origin = 'http://localhost:18000'

/** One server in each of the given runtimes, all on one database and one sandbox; reached over HTTP only. */
export async function openRuntimeWorld(runtimes: readonly Runtime[], settings: Settings = {}) {
  const [databaseUrl, sms, sandbox] = await Promise.all([
    cloneDatabase(),
    smsWebhookServer(),
    startSandbox({
      redirectUris: (platform, protocol) => [`${origin}/platforms/${platform}/protocols/${protocol}/redirect_codes/`],
    }),
  ])
  const { google, twitterOAuth1: twitter, telegram, mastodon } = sandbox.credentials
  const shared: Settings = {
    SECRET_KEYS: `shared:${randomBytes(32).toString('base64')}`,
    SMS_PROVIDER: 'webhook',
    SMS_WEBHOOK_URL: sms.url,
    SMS_WEBHOOK_SECRET: sms.secret,
    GOOGLE_CLIENT_ID: google.clientId,
    GOOGLE_CLIENT_SECRET: google.clientSecret,
    GOOGLE_BASE_URL: google.baseUrl,
    TWITTER_API_KEY: twitter.apiKey,
    TWITTER_API_KEY_SECRET: twitter.apiKeySecret,
    TWITTER_BASE_URL: twitter.baseUrl,
    TELEGRAM_API_ID: String(telegram.apiId),
    TELEGRAM_API_HASH: telegram.apiHash,
    TELEGRAM_SERVERS: telegram.servers.map(({ dc, host, port }) => `${dc}=${host}:${port}`).join(','),
    TELEGRAM_PUBLIC_KEY: telegram.publicKey,
    MASTODON_BASE_URL: mastodon.baseUrl,
    MASTODON_CLIENT_ID: mastodon.clientId,
    MASTODON_CLIENT_SECRET: mastodon.clientSecret,
    ...settings,
  }
  // One after the other: starting three servers at once on two cores only makes each slower.
  const targets = new Map<Runtime, Awaited<ReturnType<typeof openTarget>>>()
  for (const runtime of runtimes) targets.set(runtime, await openTarget(runtime, databaseUrl, shared))

  const fetchAt = (runtime: Runtime) => (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    const { pathname, search } = new URL(request.url)
    return fetch(new Request(`${targets.get(runtime)?.url}${pathname}${search}`, request))
  }
  const phone = {
    lastCodeTo(number: string): string {
      const code = sms.codeFor(number)
      if (!code) throw new Error('this phone received no code')
      return code
    },
  }

  const world = {
    sms,
    sandbox,
    databaseUrl,
    fetchAt,
    person: (runtime: Runtime, phoneNumber = randomPhoneNumber()) =>
      new Person({ fetch: fetchAt(runtime), phone }, { phoneNumber }),
    async signedUpPerson(runtime: Runtime) {
      const person = world.person(runtime)
      await person.signUp()
      await person.logIn()
      return person
    },
    /** The same person, with the same cookie, before the server of another runtime. */
    at(runtime: Runtime, person: Person) {
      const moved = world.person(runtime, person.phoneNumber)
      return Object.assign(moved, { uid: person.uid, cookie: person.cookie, password: person.password })
    },
  }
  afterAll(async () => {
    await Promise.all([...targets.values()].map((target) => target.close()))
    await Promise.all([sandbox.close(), sms.close()])
  })
  return world
}
