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

/** Of a setting with no more than three digits. */
export const shortTime = wholeNumber(3, 'must be a whole number of seconds, at most 999')

/** One entry of a list of seconds. */
export const readSeconds = (entry: string) => seconds.safeParse(entry).data

/** An IPv6 address may stand in brackets, as in a URL. */
export const host = text.transform((value) => value.replace(/^\[(.*)\]$/, '$1'))

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
