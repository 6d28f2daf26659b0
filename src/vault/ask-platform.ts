import { UnavailableError } from '../errors.ts'
import type { Call } from '../platforms/platform.ts'
import type { Services } from '../services.ts'

/** Asks a platform within the time limit, whatever its library does about the signal. Past it: `UnavailableError`. */
export async function askPlatform<Answer>(
  { settings }: Pick<Services, 'settings'>,
  name: string,
  ask: (call: Call) => Promise<Answer>,
): Promise<Answer> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new UnavailableError(name, { cause: new Error(`no answer within ${settings.platformLimit} s`) }))
      controller.abort()
    }, settings.platformLimit * 1000)
  })
  try {
    return await Promise.race([ask({ signal: controller.signal }), tooLate])
  } finally {
    clearTimeout(timer)
  }
}
