import * as z from 'zod'
import { examples } from '../openapi/examples.ts'
import { optionalText, text } from '../request/validate.ts'

export const phoneNumber = text(64).meta({
  description: 'With its country code, in any common format.',
  examples: [examples.phoneNumber],
})
/** Longer than any password may be: how long one may be is the domain's to say. */
export const password = text(1024).meta({ examples: [examples.password] })
export const newPassword = text(1024).meta({
  description: '8 to 256 characters; common passwords are refused.',
  examples: [examples.newPassword],
})
export const captchaToken = optionalText(8192, {
  description: "The captcha widget's token, if the operator requires a captcha.",
})
export const userId = z
  .string()
  .meta({ description: "The user's id: the `uid` from the response that opened the session." })
export const userPath = z.object({ user_id: userId })
