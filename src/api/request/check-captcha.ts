import type { Context } from 'hono'
import { RefusedError } from '../../errors.ts'
import type { ApiEnv } from '../api-env.ts'
import { remoteAddressOf, unreadable } from './client-address.ts'

/** Where a captcha provider is set, a body must carry its widget's token. */
export async function checkCaptcha(c: Context<ApiEnv>, token: string | undefined): Promise<void> {
  const { captcha } = c.env.services
  if (!captcha) return
  const address = remoteAddressOf(c)
  if (token && (await captcha.check(token, address === unreadable ? undefined : address))) return
  throw new RefusedError('bad_request', 'the captcha was not solved', { fields: ['captcha_token'] })
}
