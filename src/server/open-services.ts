import { describeCause } from '../api/describe-error.ts'
import { openCaptcha } from '../captcha/open-captcha.ts'
import type { Config } from '../config/config.ts'
import { createBlindIndex } from '../crypto/blind-index.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { createPasswords } from '../crypto/passwords.ts'
import { createSeal } from '../crypto/seal.ts'
import { limitHashing } from '../limits/limit-hashing.ts'
import { openPlatforms, type PlatformCredentials } from '../platforms/open-platforms.ts'
import { openClient } from '../postgres/client/open-client.ts'
import { openDatabase } from '../postgres/database.ts'
import type { Log, Services } from '../services.ts'
import type { CodeSender } from '../sms/code-sender.ts'
import { fallbackSender, openSender } from '../sms/open-sender.ts'
import { observePasswords, observeSender } from '../telemetry/observe-services.ts'
import { noopObserver, type Observer } from '../telemetry/observer.ts'
import { createBackground } from './background.ts'

type Opened = {
  databaseUrl: string
  /** At most so many connections. */
  pool: number
  /** False: the services live no longer than one request (Workers). */
  keepsSockets?: boolean
  keyRing: KeyRing
  /** Absent: of these services alone. */
  keyState?: Services['keyState']
  platforms: PlatformCredentials
  log: Log
  /** Absent: nobody watches. */
  observer?: Observer | undefined
  /** Absent: as DATABASE_PREPARE says. */
  prepare?: boolean
  /** Behind a pooler that loses prepared statements. */
  onUnprepared?: () => void
  /** Where the console SMS provider writes. */
  write: (line: string) => void
  wakeJobs: Services['wakeJobs']
}

/** For statements that no request waits for: jobs, commands. */
const backgroundTimeoutMilliseconds = 60_000

/** Everything that the domain works with, from the settings and from what a runtime has opened for it. */
export function openServices(config: Config, opened: Opened): { services: Services; close: () => Promise<void> } {
  const { observer = noopObserver } = opened
  const database = openClient(opened.databaseUrl, {
    connections: opened.pool,
    timeout: backgroundTimeoutMilliseconds,
    prepare: opened.prepare ?? config.databasePrepare,
    keepsSockets: opened.keepsSockets ?? true,
    observe: opened.observer?.statement,
    onUnprepared: () => {
      opened.log.warn(
        'a pooler in front of the database loses prepared statements; continuing without them (set DATABASE_PREPARE=false)',
      )
      opened.onUnprepared?.()
    },
    onBroken: (connections) =>
      opened.log.warn('the database does not respond; closed its connections', { connections }),
  })
  observer.pool(database.pool)
  const background = createBackground(opened.log)
  const services: Services = {
    db: openDatabase(database.client),
    seal: createSeal(opened.keyRing),
    blindIndex: createBlindIndex(opened.keyRing),
    keyState: opened.keyState ?? { askedAt: Number.NEGATIVE_INFINITY },
    passwords: observePasswords(
      limitHashing(observePasswords(createPasswords(), observer, 'hash'), {
        running: globalThis.navigator?.hardwareConcurrency || 1,
        waiting: config.passwordQueue,
      }),
      observer,
      'password',
    ),
    codeSender: openCodeSender(config, opened),
    platforms: openPlatforms(opened.platforms, config),
    log: opened.log,
    observer,
    settings: config.settings,
    wakeJobs: opened.wakeJobs,
    background: background.begin,
    ...(config.captcha && { captcha: openCaptcha(config.captcha) }),
  }
  const close = async () => {
    await background.ended()
    await database.close()
  }
  return { services, close }
}

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
