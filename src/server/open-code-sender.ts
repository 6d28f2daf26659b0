import { describeCause } from '../api/describe-error.ts'
import type { Config } from '../config/config.ts'
import type { Log } from '../services.ts'
import type { CodeSender } from '../sms/code-sender.ts'
import { fallbackSender } from '../sms/fallback-sender.ts'
import { openSender } from '../sms/open-sender.ts'
import { observeSender } from '../telemetry/observe-sender.ts'
import { noopObserver, type Observer } from '../telemetry/observer.ts'

/** Who sends codes, as it is set. `write`: where the console provider writes. */
export function openCodeSender(
  { sms, smsFallback }: Pick<Config, 'sms' | 'smsFallback'>,
  { log, observer = noopObserver, write }: { log: Log; observer?: Observer | undefined; write: (line: string) => void },
): CodeSender {
  const open = (config: Config['sms']) =>
    observeSender(openSender(config.provider === 'console' ? { ...config, write } : config), config.provider, observer)
  if (!smsFallback) return open(sms)
  return fallbackSender(open(sms), open(smsFallback), (error) =>
    log.warn('the first SMS provider is unavailable; falling back to the second', {
      first: sms.provider,
      second: smsFallback.provider,
      error: describeCause(error),
    }),
  )
}
