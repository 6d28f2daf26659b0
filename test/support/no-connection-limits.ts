/** People of a test connect as often as it takes, and the stand-ins' few accounts serve them all. Without Telegram's waits, which a world has none of. */
export const noConnectionLimits = {
  PLATFORM_STARTS_USER_HOURLY: '100000',
  PLATFORM_STARTS_USER_DAILY: '100000',
  PLATFORM_STARTS_NETWORK_HOURLY: '100000',
  PLATFORM_STARTS_NETWORK_DAILY: '100000',
  PLATFORM_STARTS_HOURLY: '100000',
  PLATFORM_STARTS_DAILY: '100000',
  TELEGRAM_NUMBERS_USER_DAILY: '100000',
  TELEGRAM_CODES_USER_DAILY: '100000',
  TELEGRAM_CODES_NETWORK_DAILY: '100000',
  TELEGRAM_CODES_DAILY: '100000',
} as const
