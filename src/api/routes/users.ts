import { Hono } from 'hono'
import * as z from 'zod'
import { changePassword } from '../../accounts/change-password.ts'
import { deleteAccount } from '../../accounts/delete-account.ts'
import { finishRecovery } from '../../accounts/finish-recovery.ts'
import { startRecovery } from '../../accounts/start-recovery.ts'
import { RefusedError } from '../../errors.ts'
import type { ApiEnv } from '../api-env.ts'
import { requireSession } from '../middleware/require-session.ts'
import { describeRoute } from '../openapi/operation.ts'
import { operations } from '../openapi/operations.ts'
import { checkCaptcha } from '../request/check-captcha.ts'
import { userAgentOf } from '../request/client-address.ts'
import { validate } from '../request/validate.ts'
import { deleteSessionCookie, replaceSessionCookie } from '../session-cookie.ts'
import { captchaToken, newPassword, password, phoneNumber, userPath } from './fields.ts'

export const userRoutes = new Hono<ApiEnv>()
  .post(
    '/users/:user_id/password',
    describeRoute(operations.changePassword),
    requireSession('login'),
    validate('param', userPath),
    validate('json', z.object({ password, new_password: newPassword })),
    async (c) => {
      const body = c.req.valid('json')
      await changePassword(c.env.services, {
        session: c.var.session,
        password: body.password,
        newPassword: body.new_password,
      })
      return c.json({}, 200)
    },
  )
  .post(
    '/recovery',
    describeRoute(operations.startRecovery),
    validate('json', z.object({ phone_number: phoneNumber, captcha_token: captchaToken })),
    async (c) => {
      const body = c.req.valid('json')
      await checkCaptcha(c, body.captcha_token)
      const { userId, token } = await startRecovery(c.env.services, {
        phoneNumber: body.phone_number,
        userAgent: userAgentOf(c),
      })
      await replaceSessionCookie(c, token)
      return c.json({ uid: userId }, 200)
    },
  )
  .put(
    '/users/:user_id/recovery',
    describeRoute(operations.finishRecovery),
    requireSession(),
    validate('param', userPath),
    validate('json', z.object({ new_password: newPassword })),
    async (c) => {
      await finishRecovery(c.env.services, { session: c.var.session, newPassword: c.req.valid('json').new_password })
      deleteSessionCookie(c)
      return c.json({}, 200)
    },
  )
  .delete(
    '/users/:user_id',
    describeRoute(operations.deleteUser),
    requireSession('login'),
    validate('param', userPath),
    validate('json', z.object({ password })),
    async (c) => {
      await deleteAccount(c.env.services, { session: c.var.session, password: c.req.valid('json').password })
      deleteSessionCookie(c)
      return c.json({}, 200)
    },
  )
  .get(
    '/users/:user_id/dashboard',
    describeRoute(operations.readDashboard),
    requireSession('login'),
    validate('param', userPath),
    async (c) => {
      const { user } = c.var.session
      if (!user) throw new RefusedError('unauthorized', 'the account no longer exists')
      return c.json(
        { createdAt: user.createdAt.toISOString(), updatedAt: (user.previousLoginAt ?? user.createdAt).toISOString() },
        200,
      )
    },
  )
