import type { Given } from './settings.ts'

const aDay = (daily: number) => ({ hourly: daily, daily })

/** How often connections are begun, and Telegram is asked for codes. */
export const connectionsOf = (given: Given) => ({
  starts: {
    user: { hourly: given.PLATFORM_STARTS_USER_HOURLY ?? 30, daily: given.PLATFORM_STARTS_USER_DAILY ?? 100 },
    network: {
      hourly: given.PLATFORM_STARTS_NETWORK_HOURLY ?? 300,
      daily: given.PLATFORM_STARTS_NETWORK_DAILY ?? 2000,
    },
    everybody: { hourly: given.PLATFORM_STARTS_HOURLY ?? 5000, daily: given.PLATFORM_STARTS_DAILY ?? 50_000 },
  },
  codes: {
    waits: given.TELEGRAM_RESEND_WAITS ?? [120, 300, 900, 86_400],
    numbersDaily: given.TELEGRAM_NUMBERS_USER_DAILY ?? 3,
    user: aDay(given.TELEGRAM_CODES_USER_DAILY ?? 10),
    network: aDay(given.TELEGRAM_CODES_NETWORK_DAILY ?? 50),
    everybody: aDay(given.TELEGRAM_CODES_DAILY ?? 2000),
  },
})
