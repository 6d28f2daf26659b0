import * as z from 'zod'
import { ProviderError, UnavailableError } from '../errors.ts'

export type CaptchaOptions = {
  provider: 'recaptcha' | 'hcaptcha' | 'turnstile'
  secret: string
  /** In place of the provider's own, for proxies and tests. */
  endpoint?: { url: string; authorization?: string } | undefined
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined
  /** The whole exchange: 10 unless said otherwise. */
  timeoutSeconds?: number | undefined
}

/** All three providers speak the siteverify form. Fails closed: only `success: true` in a 2xx answer is true. */
export function openCaptcha({
  provider,
  secret,
  endpoint = { url: verifyUrls[provider] },
  fetch = globalThis.fetch,
  timeoutSeconds = 10,
}: CaptchaOptions): Captcha {
  const { url, authorization } = endpoint

  async function siteverify(form: Record<string, string>) {
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: authorization ? { authorization } : {},
        body: new URLSearchParams({ secret, ...form }),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutSeconds * 1000),
      })
      if (response.status >= 500) throw new ProviderError(`it answered ${response.status}`)
      return { ok: response.ok, ...verdict.parse(await response.json()) }
    } catch (cause) {
      throw new UnavailableError('the captcha provider', { cause })
    }
  }

  return {
    async check(token, remoteAddress) {
      if (token === '' || token.length > maxTokenLength) return false
      const {
        ok,
        success,
        'error-codes': errors,
      } = await siteverify({
        response: token,
        ...(remoteAddress && { remoteip: remoteAddress }),
      })
      if (success && ok) return true
      const blamesToken = errors.length === 0 ? ok : errors.every((error) => badTokenErrors.has(error))
      if (!success && blamesToken) return false
      throw new UnavailableError('the captcha provider', {
        cause: new ProviderError(
          ['siteverify answered', ...errors.filter((error) => operatorsErrors.has(error))].join(' '),
        ),
      })
    },
  }
}

/** Well above the longest token that a widget gives. */
const maxTokenLength = 8192

const verifyUrls = {
  recaptcha: 'https://www.google.com/recaptcha/api/siteverify',
  hcaptcha: 'https://api.hcaptcha.com/siteverify',
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
}

const verdict = z.object({
  success: z.boolean(),
  'error-codes': z
    .array(z.string())
    .nullish()
    .transform((codes) => codes ?? []),
})

/** Known errors that the operator can do something about. Others aren't told: they might repeat what was sent. */
const operatorsErrors: ReadonlySet<string> = new Set([
  ...['missing-input-secret', 'invalid-input-secret', 'sitekey-secret-mismatch', 'not-using-dummy-passcode'],
  ...['bad-request', 'internal-error', 'invalid-keys', 'missing-remoteip', 'invalid-remoteip'],
])

/** What the visitor's token can be blamed for. Any other error (a wrong secret, a fault within) tells nothing of the visitor. */
const badTokenErrors = new Set([
  'missing-input-response',
  'invalid-input-response',
  'timeout-or-duplicate',
  'expired-input-response',
  'already-seen-response',
  'invalid-or-already-seen-response',
])

/** Checks the token that a captcha widget gave the browser. Resolves to false for a bad token; throws `UnavailableError` when it can't tell. */
export type Captcha = { check(token: string, remoteAddress?: string): Promise<boolean> }
