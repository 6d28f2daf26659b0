import * as z from 'zod'
import { examples } from '../openapi/examples.ts'
import { optionalText, text } from '../request/validate.ts'

export const phoneNumber = text(64).meta({
  description: 'With its country code, in any usual spelling.',
  examples: [examples.phoneNumber],
})
/** Longer than any password may be: how long one may be is the domain's to say. */
export const password = text(1024).meta({ examples: [examples.password] })
export const newPassword = text(1024).meta({
  description: '8 to 256 characters, and none of the commonly used passwords.',
  examples: [examples.newPassword],
})
export const captchaToken = optionalText(8192, {
  description: 'What the captcha widget gave, where the operator asks for one.',
})
export const userId = z.string().meta({ description: "The user's id: `uid` of the answer that opened the session." })
export const userPath = z.object({ user_id: userId })
