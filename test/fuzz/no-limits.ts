import { noBeginningLimits } from '../support/no-beginning-limits.ts'
import { noSendLimits } from '../support/no-send-limits.ts'

const many = '999999'

/** Settings under which nobody is made to wait for having tried too often: tests of their own look at that. */
export const noLimits: Record<string, string> = {
  LOGIN_TRIES: many,
  LOGIN_CEILING: many,
  OTP_TRIES: many,
  ...noBeginningLimits,
  ...noSendLimits,
  PASSWORD_QUEUE: many,
}
