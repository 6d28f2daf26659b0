import type { Context } from 'hono'
import { accepts } from 'hono/accepts'

/** The first of `languages` that the caller's Accept-Language prefers, whatever its region; English if none. */
export function preferredLanguage<Language extends string>(
  c: Context,
  languages: readonly Language[],
): Language | 'en' {
  const isSpoken = (language: string): language is Language => languages.some((spoken) => spoken === language)
  const language = accepts(c, {
    header: 'Accept-Language',
    supports: [...languages],
    default: 'en',
    match: (accepted) => {
      const ranked = accepted.filter(({ q }) => q > 0).sort((first, second) => second.q - first.q)
      const primary = ranked.map(({ type }) => type.split('-')[0]?.toLowerCase() ?? '')
      return primary.find(isSpoken) ?? 'en'
    },
  })
  return isSpoken(language) ? language : 'en'
}
