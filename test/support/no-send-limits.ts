const many = '999999'

/** Settings under which no limit but a number's own wait keeps a code from being sent. */
export const noSendLimits: Record<string, string> = {
  SMS_HOURLY: many,
  SMS_DAILY: many,
  SMS_SHARE: '100',
  SMS_NUMBER_DAILY: many,
  SMS_NETWORK_DAILY: many,
  SMS_NETWORK_DAILY_TOTAL: many,
  SMS_COUNTRY_DAILY_FLOOR: many,
}
