import * as z from 'zod'
import { optionalText, text } from '../validate.ts'

export const phoneNumber = text(64)
/** Longer than any password may be: how long one may be is the domain's to say. */
export const password = text(1024)
export const captchaToken = optionalText(8192)
export const userPath = z.object({ user_id: z.string() })
