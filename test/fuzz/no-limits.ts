const many = '999999'

/** Settings under which nobody is made to wait for having tried too often: tests of their own look at that. */
export const noLimits: Record<string, string> = {
  LOGIN_TRIES: many,
  LOGIN_CEILING: many,
  OTP_TRIES: many,
  SMS_DAILY: many,
  SMS_NETWORK_DAILY: many,
  SMS_COUNTRY_DAILY_FLOOR: many,
  PASSWORD_QUEUE: many,
}
