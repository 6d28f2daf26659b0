import type { Values } from './settings.ts'

const aDay = (daily: number) => ({ hourly: daily, daily })

/** How often connections are begun, and Telegram is asked for codes. */
export const connectionsOf = (values: Values) => ({
  starts: {
    user: { hourly: values.PLATFORM_STARTS_USER_HOURLY, daily: values.PLATFORM_STARTS_USER_DAILY },
    network: {
      hourly: values.PLATFORM_STARTS_NETWORK_HOURLY,
      daily: values.PLATFORM_STARTS_NETWORK_DAILY,
    },
    everybody: { hourly: values.PLATFORM_STARTS_HOURLY, daily: values.PLATFORM_STARTS_DAILY },
  },
  codes: {
    waits: values.TELEGRAM_RESEND_WAITS,
    numbersDaily: values.TELEGRAM_NUMBERS_USER_DAILY,
    user: aDay(values.TELEGRAM_CODES_USER_DAILY),
    network: aDay(values.TELEGRAM_CODES_NETWORK_DAILY),
    everybody: aDay(values.TELEGRAM_CODES_DAILY),
  },
})
