import { beforeEach } from 'vitest'
import { openPlatforms } from '../../src/platforms/open-platforms.ts'
import type { Grant } from '../../src/platforms/platform.ts'
import { readAccount } from '../../src/platforms/twitter/answers.ts'
import { openClient } from '../../src/platforms/twitter/open-client.ts'
import { twitterPeople } from '../../src/sandbox/twitter.ts'
import type { Services } from '../../src/services.ts'
import { openGrant } from '../../src/vault/grant-row.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { consentAtTwitter } from '../support/twitter-consent.ts'
import { openWorld } from '../support/world.ts'

export const googlePaths = { token: '/oauth2/token', user: '/oauth2/v2/userinfo', revoke: '/oauth2/revoke' }
export const ada = '+12025550101'
export const grace = '+12025550102'

/** A world with every platform, whose wallets are emptied before each test, so that the sandbox's few people serve all. */
export async function openWalletWorld(
  env: Record<string, string> = {},
  replaced: Partial<Services> = { passwords: plainPasswords },
) {
  const world = await openWorld({ sandbox: true, env, services: replaced })
  const { sql, sandbox, services } = world
  const { signal } = new AbortController()
  const limit = services.settings.platformTimeout

  beforeEach(async () => {
    await sql`truncate grants, revocations, pending_authorizations`
    services.settings.platformTimeout = limit
  })

  return {
    ...world,
    /** As TWITTER_PROTOCOL does. */
    chooseTwitter(twitterProtocol: 'oauth' | 'oauth2'): void {
      services.platforms = openPlatforms(sandbox.credentials, { twitterProtocol })
    },
    /** What there is in the database, by table. */
    async stored() {
      const [row] = await sql<{ pending: number; grants: number; revocations: number }[]>`
        select (select count(*)::int from pending_authorizations) as pending, (select count(*)::int from grants) as grants,
          (select count(*)::int from revocations) as revocations`
      return row
    },
    /** Runs what is due and lets no backoff stand in the way. */
    async runAllJobs(): Promise<void> {
      const makeDue = () => sql`update revocations set next_attempt_at = now() where dead_at is null returning id`
      while ((await makeDue()).length > 0) await world.runJobs()
    },
    /** What the gateway would read. */
    async grantOf({ uid }: Person, platform: string): Promise<Grant> {
      const [row] = await sql<{ id: string; userId: string; grantSealed: string }[]>`
        select id, user_id as "userId", grant_sealed as "grantSealed" from grants
        where user_id = ${uid} and platform = ${platform}`
      if (!row) throw new Error(`${platform} is not saved`)
      return openGrant(services, row)
    },
    /** Whether the platform still takes it. */
    async isLive(platform: string, { tokens }: Grant): Promise<boolean> {
      if (platform === 'gmail') return sandbox.google.isLive(String(tokens.refresh_token))
      if (platform === 'telegram') {
        return (
          (await services.platforms.get('telegram')?.isLive?.({ accountId: '', tokens, profile: {} }, { signal })) ??
          false
        )
      }
      const { url: baseUrl, apiKey, apiKeySecret } = sandbox.twitter
      if (tokens.accessSecret === undefined) {
        const headers = { Authorization: `Bearer ${tokens.accessToken}` }
        return (await fetch(`${baseUrl}/2/users/me`, { headers })).ok
      }
      const user = { accessToken: String(tokens.accessToken), accessSecret: String(tokens.accessSecret) }
      const client = await openClient({ appKey: apiKey, appSecret: apiKeySecret, ...user }, { baseUrl }, signal)
      return readAccount(client).then(
        () => true,
        () => false,
      )
    },
    /** How often the platform was asked this, faults included. */
    timesAsked(platform: 'google' | 'twitter' | 'telegram', what: string): number {
      if (platform === 'telegram') return sandbox.telegram.received.filter(({ method }) => method === what).length
      return sandbox[platform].received.filter(({ path }) => path === what).length
    },
  }
}

export type WalletWorld = Awaited<ReturnType<typeof openWalletWorld>>

type TwitterReply = { code: string; state: string } | { oauth_token: string; oauth_verifier: string }

/** Begins with Twitter, agrees in a browser and comes back with what Twitter gives. */
export async function agreeAtTwitter(
  person: Person,
  protocol: 'oauth' | 'oauth2',
  personId: string = twitterPeople[0].id,
): Promise<TwitterReply> {
  const { url } = await (await person.start('twitter', protocol)).json()
  const back = await consentAtTwitter(url, { personId })
  const of = (name: string) => back.get(name) ?? ''
  if (protocol === 'oauth2') return { code: of('code'), state: of('state') }
  return { oauth_token: of('oauth_token'), oauth_verifier: of('oauth_verifier') }
}

export async function connectTwitter(person: Person, protocol: 'oauth' | 'oauth2', personId?: string) {
  return person.finish('twitter', protocol, await agreeAtTwitter(person, protocol, personId))
}

export async function connectTelegram(person: Person, phoneNumber = ada) {
  await person.start('telegram', 'twofactor', { phone_number: phoneNumber })
  return person.finish('telegram', 'twofactor', { phone_number: phoneNumber, code: '12345' })
}

/** A platform by its connection. Twitter's protocol is the world's. */
export const connectors = {
  gmail: { protocol: 'oauth2', connect: (person: Person) => person.connectGmail() },
  twitter: { protocol: 'oauth', connect: (person: Person) => connectTwitter(person, 'oauth') },
  telegram: { protocol: 'twofactor', connect: (person: Person) => connectTelegram(person) },
} as const
