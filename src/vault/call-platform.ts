import { outcomeOf, ProviderError, UnavailableError } from '../errors.ts'
import type { Call } from '../platforms/platform.ts'
import type { Services } from '../services.ts'
import type { Step } from '../telemetry/observer.ts'

type PlatformCall = Omit<Extract<Step, { kind: 'platform' }>, 'kind'>

/**
 * Calls a platform within PLATFORM_TIMEOUT, whatever its library does about the signal. Past it: `UnavailableError`. Logs every
 * call with its request id; the caller logs why it failed.
 */
export async function callPlatform<Answer>(
  services: Pick<Services, 'settings' | 'log' | 'observer' | 'request'>,
  target: PlatformCall,
  work: (call: Call) => Promise<Answer>,
): Promise<Answer> {
  const { log, observer, request, settings } = services
  const startedAt = performance.now()
  const fieldsOf = (outcome: string) => ({
    ...(request && { requestId: request.id }),
    ...target,
    outcome,
    milliseconds: Math.round(performance.now() - startedAt),
  })
  try {
    const step = { kind: 'platform', ...target } as const
    const answer = await observer.step(step, () => withTimeout(settings.platformTimeout, target.platform, work))
    log.debug?.('platform call', fieldsOf('done'))
    return answer
  } catch (error) {
    const outcome = outcomeOf(error)
    if (outcome === 'refused') log.debug?.('platform call', fieldsOf(outcome))
    else log.warn('platform call', fieldsOf(outcome))
    // A driver's own fault, or its library's: whoever tells of it must know that its message may quote the platform.
    throw outcome === 'failed' ? new ProviderError(`${target.platform} ${target.call} failed`, { cause: error }) : error
  }
}

async function withTimeout<Answer>(
  seconds: number,
  name: string,
  work: (call: Call) => Promise<Answer>,
): Promise<Answer> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new UnavailableError(name, { cause: new ProviderError(`no answer within ${seconds} s`) }))
      controller.abort()
    }, seconds * 1000)
  })
  try {
    return await Promise.race([work({ signal: controller.signal }), tooLate])
  } finally {
    clearTimeout(timer)
  }
}
