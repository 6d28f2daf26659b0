import { Hono } from 'hono'
import * as z from 'zod'
import { readCode } from '../../input/code.ts'
import { checkCode } from '../../otp/check-code.ts'
import { sendCode } from '../../otp/send-code.ts'
import type { SmsLanguage } from '../../sms/code-sender.ts'
import type { ApiEnv } from '../api-env.ts'
import { requireSession } from '../middleware/require-session.ts'
import { examples } from '../openapi/examples.ts'
import { describeRoute } from '../openapi/operation.ts'
import { operations } from '../openapi/operations.ts'
import { preferredLanguage } from '../request/preferred-language.ts'
import { refuseValue, text, validate } from '../request/validate.ts'
import { setSessionCookie } from '../session-cookie.ts'
import { phoneNumber, userPath } from './fields.ts'

const smsLanguages: readonly SmsLanguage[] = ['en', 'fr', 'es', 'fa']

/** Some clients send the code as a number, which has lost its leading zeros. A text may be all of the SMS. */
const code = z
  .union([text(512), z.number().int().min(0).max(999_999)])
  .meta({ description: 'Six digits, in any script or spacing.', examples: [examples.code] })
  .transform((value, context) => {
    const typed = typeof value === 'number' ? String(value).padStart(6, '0') : value
    return readCode(typed, { shortest: 6, longest: 6 }) ?? refuseValue(context)
  })

export const otpRoutes = new Hono<ApiEnv>()
  .post(
    '/users/:user_id/OTP',
    describeRoute(operations.sendCode),
    requireSession('signup', 'recovery'),
    validate('param', userPath),
    validate('json', z.object({ phone_number: phoneNumber })),
    async (c) => {
      const expires = await sendCode(c.env.services, {
        session: c.var.session,
        phoneNumber: c.req.valid('json').phone_number,
        language: preferredLanguage(c, smsLanguages),
      })
      return c.json({ expires }, 201)
    },
  )
  .put(
    '/OTP',
    describeRoute(operations.checkCode),
    requireSession('signup', 'recovery'),
    validate('json', z.object({ code })),
    async (c) => {
      const { token, expiresAt } = await checkCode(c.env.services, c.var.session, c.req.valid('json').code)
      setSessionCookie(c, token)
      return c.json({ expires: expiresAt.toISOString() }, 200)
    },
  )
