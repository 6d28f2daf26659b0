import { Hono } from 'hono'
import { requestId } from 'hono/request-id'
import type { ApiEnv } from './api-env.ts'
import { checkOrigin } from './middleware/check-origin.ts'
import { refuseUnknown } from './middleware/refuse-unknown.ts'
import { requestContext } from './middleware/request-context.ts'
import { requestLogger } from './middleware/request-logger.ts'
import { requireKeys } from './middleware/require-keys.ts'
import { setSecurityHeaders } from './middleware/security-headers.ts'
import { respondToError } from './respond-to-error.ts'
import { authenticationRoutes } from './routes/authentication.ts'
import { healthRoutes } from './routes/health.ts'
import { logoRoutes } from './routes/logos.ts'
import { openapiRoutes } from './routes/openapi.ts'
import { otpRoutes } from './routes/otp.ts'
import { platformRoutes } from './routes/platforms.ts'
import { consentReturnRoutes, referencePageRoutes } from './routes/reference-page.ts'
import { userRoutes } from './routes/users.ts'
import { walletRoutes } from './routes/wallets.ts'

const operations = new Hono<ApiEnv>()
  .route('/', authenticationRoutes)
  .route('/', otpRoutes)
  .route('/', userRoutes)
  .route('/', platformRoutes)
  .route('/', walletRoutes)

/** The whole server as a value: the same in every runtime and test, which hand it `services` with each request. */
export const api = new Hono<ApiEnv>()
  // Our own: the audit trail and the log keep it, so no caller may choose it.
  .use(requestId({ limitLength: 0 }))
  .use(requestLogger)
  .use(requestContext)
  .use(setSecurityHeaders)
  .use(checkOrigin)
  .use('/v2/*', requireKeys)
  .route('/v2', operations)
  .route('/v2', openapiRoutes(operations.routes))
  .route('/v2', referencePageRoutes)
  .route('/', consentReturnRoutes)
  .route('/', logoRoutes)
  .route('/', healthRoutes)

// A route and not `notFound`, whose errors pass by the middleware's headers.
api.all('*', refuseUnknown(api))
api.onError(respondToError)
