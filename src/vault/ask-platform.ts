import { outcomeOf, ProviderError, UnavailableError } from '../errors.ts'
import type { Call } from '../platforms/platform.ts'
import type { Services } from '../services.ts'
import type { Step } from '../telemetry/observer.ts'

type Asked = Omit<Extract<Step, { kind: 'platform' }>, 'kind'>

/**
 * Asks a platform within the time limit, whatever its library does about the signal. Past it: `UnavailableError`. The log tells of each call
 * for which request it was; why it failed is told by whoever answers for that.
 */
export async function askPlatform<Answer>(
  services: Pick<Services, 'settings' | 'log' | 'observer' | 'request'>,
  asked: Asked,
  ask: (call: Call) => Promise<Answer>,
): Promise<Answer> {
  const { log, observer, request, settings } = services
  const begun = performance.now()
  const told = (outcome: string) => ({
    ...(request && { requestId: request.id }),
    ...asked,
    outcome,
    milliseconds: Math.round(performance.now() - begun),
  })
  try {
    const step = { kind: 'platform', ...asked } as const
    const answer = await observer.step(step, () => withinLimit(settings.platformLimit, asked.platform, ask))
    log.debug?.('platform call', told('done'))
    return answer
  } catch (error) {
    const outcome = outcomeOf(error)
    if (outcome === 'refused') log.debug?.('platform call', told(outcome))
    else log.warn('platform call', told(outcome))
    // A driver's own fault, or its library's: whoever tells of it must know that its message may quote the platform.
    throw outcome === 'failed' ? new ProviderError(`${asked.platform} ${asked.call} failed`, { cause: error }) : error
  }
}

async function withinLimit<Answer>(
  seconds: number,
  name: string,
  ask: (call: Call) => Promise<Answer>,
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
    return await Promise.race([ask({ signal: controller.signal }), tooLate])
  } finally {
    clearTimeout(timer)
  }
}
