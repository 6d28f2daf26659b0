import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'
import { type Count, claimCount } from './claim-count.ts'
import { hashNetwork } from './networks.ts'

/** A password try, counted for its network before anything else is done about it. */
export type NetworkTry = {
  count: Count
  /** The network has used up its tries, and this one isn't counted: what it is answered, whomever it is about. */
  refusal?: RefusedError
}

/**
 * Counts a password try for the network that it comes from, whomever it is about: one password may be tried on many numbers, and hashing is what
 * costs this server most. Whoever has solved a captcha has more tries. Where no network is known, all such clients share a count.
 */
export async function claimNetworkTry(
  services: Pick<Services, 'db' | 'settings' | 'blindIndex' | 'request'>,
  { isHuman }: { isHuman: boolean },
): Promise<NetworkTry> {
  const { block, networkTries, networkDaily, hourly, daily } = services.settings.logins
  const { captchaFactor } = services.settings
  const key = await hashNetwork(services)
  const quota = key ? { windowSeconds: block, hourly: networkTries, daily: networkDaily } : { hourly, daily }

  const count = { name: 'passwords', key }
  const seconds = await claimCount(services, count, quota)
  if (seconds === 0) return { count }
  if (isHuman) {
    const afterCaptcha = { name: 'passwords after a captcha', key }
    const more = { ...quota, hourly: quota.hourly * captchaFactor, daily: quota.daily * captchaFactor }
    if ((await claimCount(services, afterCaptcha, more)) === 0) return { count: afterCaptcha }
  }
  const refusal = new RefusedError('too_many_requests', 'too many passwords from this network', {
    retryAfterSeconds: seconds,
  })
  return { count, refusal }
}
