import * as z from 'zod'
import { count, text } from '../kinds.ts'
import type { SettingGroup } from '../setting.ts'
import { endpointUrl } from '../urls.ts'

export const captcha = {
  title: 'Captcha: required at sign-up, sign-in and recovery when set',
  settings: {
    CAPTCHA_PROVIDER: {
      schema: z.enum(['recaptcha', 'hcaptcha', 'turnstile'], 'must be recaptcha, hcaptcha or turnstile'),
      help: 'Provider: recaptcha, hcaptcha or turnstile.',
    },
    CAPTCHA_SECRET: { schema: text, secret: true, help: 'Secret key of the provider.' },
    CAPTCHA_VERIFY_URL: {
      schema: endpointUrl,
      help: "Another siteverify endpoint instead of the provider's, for proxies and tests.",
    },
    CAPTCHA_FACTOR: {
      schema: count,
      default: '10',
      help: 'How many times its limits a network may use when it solves a captcha each time.',
    },
  },
} as const satisfies SettingGroup
