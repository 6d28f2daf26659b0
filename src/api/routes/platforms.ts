import { Hono } from 'hono'
import type { Language, Platform } from '../../platforms/platform.ts'
import type { Services } from '../../services.ts'
import { listPlatforms, platformLanguages } from '../../vault/list-platforms.ts'
import type { ApiEnv } from '../api-env.ts'
import { requireSession } from '../middleware/require-session.ts'
import { describeRoute } from '../openapi/operation.ts'
import { operations } from '../openapi/operations.ts'
import { preferredLanguage } from '../request/preferred-language.ts'
import { validate } from '../request/validate.ts'
import { userPath } from './fields.ts'

export const platformRoutes = new Hono<ApiEnv>().get(
  '/users/:user_id/platforms',
  describeRoute(operations.listPlatforms),
  requireSession('login'),
  validate('param', userPath),
  async (c) => {
    const { saved, unsaved } = listPlatforms(c.env.services, c.var.session)
    const language = preferredLanguage(c, platformLanguages)
    const show = (platform: Platform) => toWire(c.env.services, platform, language)
    c.header('Vary', 'Accept-Language', { append: true })
    return c.json({ unsaved_platforms: unsaved.map(show), saved_platforms: saved.map(show) }, 200)
  },
)

function toWire({ settings }: Services, { name, protocol, type, letter, descriptions }: Platform, language: Language) {
  const { en, fr, fa } = descriptions
  return {
    id: name,
    name,
    // The document's type is a string; clients of the original server get its object, which their types don't know.
    description: settings.legacyClients ? ({ en, fr, fa } as unknown as string) : descriptions[language],
    logo: `/public/${name}.svg`,
    initialization_url: initializationUrl(name, protocol),
    type,
    letter,
  }
}

/** Relative to the API's base path. */
export const initializationUrl = (platform: string, protocol: string): string =>
  `/platforms/${platform}/protocols/${protocol}`
