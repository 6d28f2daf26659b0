import type { Person } from '../support/person.ts'
import { ada, agreeAtTwitter, openWalletWorld, type WalletWorld } from './wallet-world.ts'

export type ProviderCall = {
  world: WalletWorld
  /** One person of each world makes every call: platforms don't get in each other's way. */
  person: Person
  platform: 'gmail' | 'twitter' | 'telegram'
  protocol: string
  /** Up to the reply that finishes the connection. */
  arrive: () => Promise<Parameters<Person['finish']>[2]>
  /** The path or method that fails. */
  what: string
}

/** The requests that platforms get from this server, by what they are for. Opens the worlds that they lead out of. */
export async function openProviderCalls() {
  const [world, world2] = [await openWalletWorld(), await openWalletWorld({ TWITTER_PROTOCOL: 'oauth2' })]
  const [one, two] = [await world.signedUpPerson(), await world2.signedUpPerson()]
  const gmail = {
    world,
    person: one,
    platform: 'gmail',
    protocol: 'oauth2',
    arrive: () => one.consentAtGoogle(),
  } as const
  const twitter = { platform: 'twitter' } as const
  const twitter1 = { ...twitter, world, person: one, protocol: 'oauth', arrive: () => agreeAtTwitter(one, 'oauth') }
  const twitter2 = {
    ...twitter,
    world: world2,
    person: two,
    protocol: 'oauth2',
    arrive: () => agreeAtTwitter(two, 'oauth2'),
  }
  const telegram = { world, person: one, platform: 'telegram', protocol: 'twofactor', arrive: sentCode } as const

  async function sentCode() {
    await one.start('telegram', 'twofactor', { phone_number: ada })
    return { code: '12345' }
  }

  const exchanges: readonly ProviderCall[] = [
    { ...gmail, what: '/oauth2/token' },
    { ...twitter1, what: '/oauth/access_token' },
    { ...twitter2, what: '/2/oauth2/token' },
    { ...telegram, what: 'auth.signIn' },
  ]
  /** What follows an exchange, whose code is spent by then. */
  const lookUps: readonly ProviderCall[] = [
    { ...gmail, what: '/oauth2/v2/userinfo' },
    { ...twitter1, what: '/2/users/me' },
  ]
  const starts: readonly ProviderCall[] = [
    { ...twitter1, what: '/oauth/request_token' },
    { ...telegram, what: 'auth.sendCode' },
  ]
  const ends: readonly ProviderCall[] = [
    { ...gmail, what: '/oauth2/revoke' },
    { ...twitter1, what: '/1.1/oauth/invalidate_token.json' },
    { ...twitter2, what: '/2/oauth2/revoke' },
    { ...telegram, what: 'auth.logOut' },
  ]
  // Libraries load on first use: not within a test's time limit.
  for (const { world, person, arrive, platform, protocol } of exchanges) {
    await person.finish(platform, protocol, await arrive())
    await person.revoke(platform, protocol)
    await world.runAllJobs()
  }
  return { worlds: [world, world2] as const, telegram, starts, exchanges, lookUps, ends }
}

const faults = {
  silence: { http: 'hang', telegram: 'hang' },
  late: { http: 'late', telegram: { delayMs: 60_000 } },
  500: { http: { status: 500 }, telegram: { error: 'INTERNAL', code: 500 } },
  // Telegram's stand-in carries the request out before it drops the connection.
  reset: { http: 'reset', telegram: 'drop' },
  garbage: { http: 'garbage', telegram: { error: 'NEVER_SEEN_BEFORE', code: 400 } },
  429: { http: { status: 429, headers: { 'retry-after': '30' } }, telegram: { error: 'FLOOD_WAIT_30', code: 420 } },
} as const
export type FaultName = `${keyof typeof faults}`

/** The next request there fails. */
export function fail({ world: { sandbox }, platform, what }: ProviderCall, name: FaultName): void {
  if (platform === 'telegram') sandbox.telegram.next(what, faults[name].telegram)
  else (platform === 'gmail' ? sandbox.google : sandbox.twitter).failNext(what, faults[name].http)
}

export const askedOf = ({ world, platform, what }: ProviderCall) =>
  world.timesAsked(platform === 'gmail' ? 'google' : platform, what)

/** PLATFORM_TIMEOUT=1 where a fault makes us wait; else long enough for a busy machine. */
export function limitFor(calls: readonly ProviderCall[], name?: FaultName): void {
  const seconds = name === 'silence' || name === 'late' ? 1 : 10
  for (const { world } of calls) world.services.settings.platformTimeout = seconds
}
