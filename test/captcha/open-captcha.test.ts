import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type CaptchaOptions, openCaptcha } from '../../src/captcha/open-captcha.ts'
import { UnavailableError } from '../../src/errors.ts'
import { type SiteverifyServer, siteverifyServer } from '../support/siteverify-server.ts'

let siteverify: SiteverifyServer
beforeAll(async () => {
  siteverify = await siteverifyServer()
})
beforeEach(() => {
  siteverify.fault = undefined
  siteverify.errors = undefined
  siteverify.status = 200
})
afterAll(() => siteverify.close())

const captcha = (options: Partial<CaptchaOptions> = {}) =>
  openCaptcha({
    provider: 'turnstile',
    secret: siteverify.secret,
    endpoint: { url: `${siteverify.url}/siteverify` },
    ...options,
  })

describe('a captcha', () => {
  test.each(['recaptcha', 'hcaptcha', 'turnstile'] as const)(
    'lets a solved challenge of %s through, once',
    async (provider) => {
      const token = siteverify.solve()
      expect(await captcha({ provider }).check(token)).toBe(true)
      expect(await captcha({ provider }).check(token)).toBe(false)
    },
  )

  test('sends the secret, the token and the address as a form', async () => {
    const token = siteverify.solve()
    expect(await captcha().check(token, '203.0.113.7')).toBe(true)
    expect(Object.fromEntries(new URLSearchParams(siteverify.received.at(-1)?.body))).toEqual({
      secret: siteverify.secret,
      response: token,
      remoteip: '203.0.113.7',
    })
    await captcha().check(siteverify.solve())
    expect(siteverify.received.at(-1)?.body).not.toContain('remoteip')
  })

  test.each([
    ['recaptcha', 'https://www.google.com/recaptcha/api/siteverify'],
    ['hcaptcha', 'https://api.hcaptcha.com/siteverify'],
    ['turnstile', 'https://challenges.cloudflare.com/turnstile/v0/siteverify'],
  ] as const)('of %s is asked about at %s', async (provider, documentedUrl) => {
    const urls: string[] = []
    const { check } = openCaptcha({
      provider,
      secret: siteverify.secret,
      fetch(url, init) {
        urls.push(url)
        return globalThis.fetch(`${siteverify.url}/siteverify`, init)
      },
    })
    expect(await check(siteverify.solve())).toBe(true)
    expect(urls).toEqual([documentedUrl])
  })

  test('refuses a made-up token', async () => {
    expect(await captcha().check('made up')).toBe(false)
  })

  test.each(['', 'x'.repeat(8193)])('refuses an empty or endless token without asking', async (token) => {
    const requestsBefore = siteverify.received.length
    expect(await captcha().check(token)).toBe(false)
    expect(siteverify.received.length).toBe(requestsBefore)
  })

  test('asks about the longest token', async () => {
    const requestsBefore = siteverify.received.length
    expect(await captcha().check('x'.repeat(8192))).toBe(false)
    expect(siteverify.received.length).toBe(requestsBefore + 1)
  })

  test.each([
    [['missing-input-response']],
    [['invalid-input-response']],
    [['timeout-or-duplicate']],
    [['expired-input-response']],
    [['already-seen-response']],
    [['invalid-or-already-seen-response']],
    [['invalid-input-response', 'timeout-or-duplicate']],
  ])('refuses the visitor on %j, whatever the status', async (errors) => {
    siteverify.errors = errors
    expect(await captcha().check('token')).toBe(false)
    siteverify.status = 400
    expect(await captcha().check('token')).toBe(false)
  })

  test('refuses the visitor on a plain no', async () => {
    siteverify.errors = []
    expect(await captcha().check('token')).toBe(false)
  })

  test.each([
    [['missing-input-secret']],
    [['invalid-input-secret']],
    [['bad-request']],
    [['sitekey-secret-mismatch']],
    [['internal-error']],
    [['invalid-remoteip']],
    [['something-new']],
    [['invalid-input-response', 'invalid-input-secret']],
  ])("doesn't blame the visitor on %j", async (errors) => {
    siteverify.errors = errors
    await expect(captcha().check('token')).rejects.toBeInstanceOf(UnavailableError)
  })

  test('is unavailable with a wrong secret', async () => {
    await expect(captcha({ secret: 'wrong' }).check(siteverify.solve())).rejects.toBeInstanceOf(UnavailableError)
  })

  test.each([429, 500, 503])('believes no yes that comes with status %d', async (status) => {
    siteverify.status = status
    await expect(captcha().check(siteverify.solve())).rejects.toBeInstanceOf(UnavailableError)
  })

  test('believes no 5xx answer, whatever it says', async () => {
    siteverify.status = 502
    siteverify.errors = ['invalid-input-response']
    await expect(captcha().check('token')).rejects.toBeInstanceOf(UnavailableError)
  })

  test.each([429, 500])('believes no bare no that comes with status %d', async (status) => {
    siteverify.status = status
    siteverify.errors = []
    await expect(captcha().check('token')).rejects.toBeInstanceOf(UnavailableError)
  })

  test.each(['status 500', 'hang', 'hang midway', 'reset', 'cut midway', 'garbage', 'redirect'] as const)(
    'is unavailable on %s',
    async (fault) => {
      siteverify.fault = fault
      const requestsBefore = siteverify.received.length
      // Long enough for a busy machine to ask at all.
      const timeoutSeconds = fault.startsWith('hang') ? 1 : 10
      await expect(captcha({ timeoutSeconds }).check(siteverify.solve())).rejects.toBeInstanceOf(UnavailableError)
      expect(siteverify.received.slice(requestsBefore).map(({ path }) => path)).toEqual(['/siteverify'])
    },
  )

  test('is unavailable where nobody listens', async () => {
    const gone = await siteverifyServer()
    await gone.close()
    await expect(captcha({ endpoint: { url: `${gone.url}/siteverify` } }).check('token')).rejects.toBeInstanceOf(
      UnavailableError,
    )
  })
})
