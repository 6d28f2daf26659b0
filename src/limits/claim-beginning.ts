import { RefusedError } from '../errors.ts'
import type { Limits, Quota, Services } from '../services.ts'
import { claimCount, returnCount } from './claim-count.ts'
import { hashNetwork } from './networks.ts'

type Needed = Pick<Services, 'db' | 'settings' | 'blindIndex' | 'request' | 'observer'> & { captcha?: unknown }

/**
 * Counts a sign-up or recovery that somebody begins, before anything is looked up or hashed for it: for the client's network alone, so that beyond its
 * limit a request causes nothing else, then for everybody. Past either the answer is the same, whoever is asked about. Where each takes a solved
 * captcha there may be more.
 */
export async function claimBeginning(services: Needed, name: keyof Limits): Promise<void> {
  const { network, everybody } = services.settings.limits[name]
  const key = await hashNetwork(services)
  const own = { name, key }
  if (key) await claim(services, own, network, 'network')
  try {
    await claim(services, { name, key: '' }, everybody, 'everybody')
  } catch (error) {
    if (key) await returnCount(services, own)
    throw error
  }
}

async function claim(
  { db, observer, captcha, settings }: Needed,
  count: { name: keyof Limits; key: string },
  { hourly, daily }: Quota,
  per: 'network' | 'everybody',
): Promise<void> {
  const times = captcha ? settings.captchaFactor : 1
  const retryAfterSeconds = await claimCount({ db }, count, { hourly: hourly * times, daily: daily * times })
  if (retryAfterSeconds === 0) return
  observer.limited({ limit: count.name, per })
  throw new RefusedError('too_many_requests', `too many ${count.name} were started`, { retryAfterSeconds })
}
