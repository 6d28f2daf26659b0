import * as z from 'zod'

/* Kinds of settings, of which there are several each. */

export const text = z.string()
export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true')

export const wholeNumber = (digits: number, message: string) =>
  text.regex(new RegExp(`^[1-9]\\d{0,${digits - 1}}$`), message).transform(Number)

export const count = wholeNumber(6, 'must be a whole number')
export const percent = wholeNumber(3, 'must be a whole number, at most 100').refine(
  (value) => value <= 100,
  'must be a whole number, at most 100',
)
/** At most 31 years: Postgres counts them in 32 bits. */
export const seconds = wholeNumber(9, 'must be a whole number of seconds')

export const port = text
  .regex(/^\d{1,5}$/, 'must be a port number')
  .transform(Number)
  .refine((value) => value < 65_536, 'must be a port number')

/** At least one entry, comma-separated. `read` answers undefined to a wrong one. */
export const listOf = <Entry>(read: (entry: string) => Entry | undefined, message: string) =>
  text.transform((value, context) => {
    const entries = value
      .split(',')
      .map((entry) => entry.trim())
      .filter(Boolean)
    const right = entries.map(read).filter((entry) => entry !== undefined)
    if (right.length === 0 || right.length < entries.length) context.addIssue({ code: 'custom', message })
    return right
  })
