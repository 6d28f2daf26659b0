import { type Context, Hono } from 'hono'
import { checkReadiness } from '../../maintenance/check-readiness.ts'
import type { ApiEnv } from '../api-env.ts'

/** For supervisors and load balancers, beside the API: whether the process lives, and whether it should be sent requests. */
export const healthRoutes = new Hono<ApiEnv>()
  .get('/healthz', (c) => c.json({ status: 'ok' }, 200))
  .get('/readyz', async (c) => {
    const checks = await readChecks(c)
    const isReady = Object.values(checks).every((check) => check === 'ok')
    // Seconds.
    if (!isReady) c.header('Retry-After', '5')
    return c.json({ status: isReady ? 'ready' : 'not ready', checks }, isReady ? 200 : 503)
  })

async function readChecks(c: Context<ApiEnv>): Promise<Record<string, string>> {
  const { services, health } = c.env
  if (health?.isStopping()) return { process: 'stopping' }
  const disk = await health?.hasDisk?.().catch(() => false)
  return {
    ...(await checkReadiness(services)),
    ...(disk !== undefined && { disk: disk ? 'ok' : 'failing' }),
  }
}
