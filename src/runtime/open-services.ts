import postgres from 'postgres'
import { openCaptcha } from '../captcha/open-captcha.ts'
import type { Config } from '../config.ts'
import { createBlindIndex } from '../crypto/blind-index.ts'
import type { KeyRing } from '../crypto/key-ring.ts'
import { createPasswords } from '../crypto/passwords.ts'
import { createSeal } from '../crypto/seal.ts'
import { openDatabase } from '../db/database.ts'
import { limitHashing } from '../limits/limit-hashing.ts'
import { openPlatforms, type PlatformCredentials } from '../platforms/open-platforms.ts'
import type { Log, Services } from '../services.ts'
import { openSender } from '../sms/open-sender.ts'
import { createBackground } from './create-background.ts'

type Opened = {
  databaseUrl: string
  /** At most so many connections. */
  pool: number
  keyRing: KeyRing
  platforms: PlatformCredentials
  log: Log
  /** Where the console SMS provider writes. */
  write: (line: string) => void
  wakeJobs: () => void
}

/** Everything that the domain works with, from the settings and from what a runtime has opened for it. */
export function openServices(config: Config, opened: Opened): { services: Services; close: () => Promise<void> } {
  const client = postgres(opened.databaseUrl, {
    max: opened.pool,
    connect_timeout: 2,
    // Seconds: the library's own grows to 20, for which the service would stay away after the database is back.
    backoff: () => 0.25,
    fetch_types: false,
    onnotice: () => undefined,
  })
  const background = createBackground(opened.log)
  const services: Services = {
    db: openDatabase(client),
    seal: createSeal(opened.keyRing),
    index: createBlindIndex(opened.keyRing),
    passwords: limitHashing(createPasswords(), {
      running: globalThis.navigator?.hardwareConcurrency || 1,
      waiting: config.passwordQueue,
    }),
    codeSender: openSender(config.sms.provider === 'console' ? { ...config.sms, write: opened.write } : config.sms),
    platforms: openPlatforms(opened.platforms, config),
    log: opened.log,
    settings: config.settings,
    wakeJobs: opened.wakeJobs,
    background: background.begin,
    ...(config.captcha && { captcha: openCaptcha(config.captcha) }),
  }
  const close = async () => {
    await background.ended()
    await client.end({ timeout: 5 })
  }
  return { services, close }
}
