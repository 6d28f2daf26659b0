import type { Language, Platform } from '../platforms/platform.ts'
import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'

type Listed = { saved: Platform[]; unsaved: Platform[] }

/** Every platform of this server, once. */
export function listPlatforms({ platforms }: Pick<Services, 'platforms'>, { user }: Session): Listed {
  const listed: Listed = { saved: [], unsaved: [] }
  for (const platform of platforms.values())
    listed[user?.platforms.includes(platform.name) ? 'saved' : 'unsaved'].push(platform)
  return listed
}

export const platformLanguages: readonly Language[] = ['en', 'fr', 'fa', 'es']
