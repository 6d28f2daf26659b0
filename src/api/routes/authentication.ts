import { Hono } from 'hono'
import * as z from 'zod'
import { finishSignup } from '../../accounts/finish-signup.ts'
import { logIn, logInByUserId } from '../../accounts/log-in.ts'
import { logOut } from '../../accounts/log-out.ts'
import { startSignup } from '../../accounts/start-signup.ts'
import { readCountryCode } from '../../input/country-code.ts'
import type { ApiEnv } from '../api-env.ts'
import { findRequestSession, requireSession } from '../middleware/require-session.ts'
import { examples } from '../openapi/examples.ts'
import { describeRoute } from '../openapi/operation.ts'
import { operations } from '../openapi/operations.ts'
import { checkCaptcha } from '../request/check-captcha.ts'
import { userAgentOf } from '../request/client-address.ts'
import { nothing, optionalText, refuseValue, validate } from '../request/validate.ts'
import { deleteSessionCookie, replaceSessionCookie } from '../session-cookie.ts'
import { captchaToken, password, phoneNumber, userPath } from './fields.ts'

const signup = z.object({
  phone_number: phoneNumber,
  country_code: optionalText(64, {
    description: "The country's calling code, if phone_number lacks it.",
    examples: [examples.countryCode],
  }).transform((typed, context) => typed && (readCountryCode(typed) ?? refuseValue(context))),
  name: optionalText(256, { examples: [examples.name] }),
  password,
  captcha_token: captchaToken,
})

export const authenticationRoutes = new Hono<ApiEnv>()
  .post('/signup', describeRoute(operations.startSignup), validate('json', signup), async (c) => {
    const body = c.req.valid('json')
    await checkCaptcha(c, body.captcha_token)
    const current = await findRequestSession(c)
    const { userId, token } = await startSignup(c.env.services, {
      phoneNumber: body.phone_number,
      password: body.password,
      userAgent: userAgentOf(c),
      ...(body.country_code && { countryCode: body.country_code }),
      ...(body.name && { name: body.name }),
      ...(current && { current }),
    })
    await replaceSessionCookie(c, token)
    return c.json({ uid: userId }, 200)
  })
  .put('/signup', describeRoute(operations.finishSignup), requireSession(), validate('json', nothing), async (c) => {
    await finishSignup(c.env.services, c.var.session)
    deleteSessionCookie(c)
    return c.json({}, 200)
  })
  .post(
    '/login',
    describeRoute(operations.logIn),
    validate('json', z.object({ phone_number: phoneNumber, password, captcha_token: captchaToken })),
    async (c) => {
      const body = c.req.valid('json')
      await checkCaptcha(c, body.captcha_token)
      const { userId, token } = await logIn(c.env.services, {
        phoneNumber: body.phone_number,
        isHuman: c.env.services.captcha !== undefined,
        password: body.password,
        userAgent: userAgentOf(c),
      })
      await replaceSessionCookie(c, token)
      return c.json({ uid: userId }, 200)
    },
  )
  .post(
    '/users/:user_id/verify',
    describeRoute(operations.verifyUser),
    validate('param', userPath),
    validate('json', z.object({ password })),
    async (c) => {
      const { userId, token } = await logInByUserId(c.env.services, {
        userId: c.req.valid('param').user_id,
        password: c.req.valid('json').password,
        userAgent: userAgentOf(c),
      })
      await replaceSessionCookie(c, token)
      return c.json({ uid: userId }, 200)
    },
  )
  .post(
    '/users/:user_id/logout',
    describeRoute(operations.logOut),
    requireSession(),
    validate('param', userPath),
    validate('json', nothing),
    async (c) => {
      await logOut(c.env.services, c.var.session)
      deleteSessionCookie(c)
      return c.json({}, 200)
    },
  )
