import { createMiddleware } from 'hono/factory'
import { RefusingWritesError } from '../../errors.ts'
import { canDecryptStoredData } from '../../maintenance/keys-fit.ts'
import type { ApiEnv } from '../api-env.ts'

/** Lets nothing be changed while SECRET_KEYS doesn't fit what is stored. */
export const requireKeys = createMiddleware<ApiEnv>(async (c, next) => {
  if (!['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)) {
    const fit = canDecryptStoredData(c.env.services)
    if (fit !== true && !(await fit)) throw new RefusingWritesError()
  }
  await next()
})
