const many = '999999'

/** Settings under which sign-ups and recoveries may be begun as often as a test wants: everybody in it comes from one network. */
export const noBeginningLimits: Record<string, string> = {
  SIGNUP_NETWORK_HOURLY: many,
  SIGNUP_NETWORK_DAILY: many,
  SIGNUP_HOURLY: many,
  SIGNUP_DAILY: many,
  RECOVERY_NETWORK_HOURLY: many,
  RECOVERY_NETWORK_DAILY: many,
  RECOVERY_HOURLY: many,
  RECOVERY_DAILY: many,
}
