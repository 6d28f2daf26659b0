import { Hono } from 'hono'
import * as z from 'zod'
import { revokeGrantWithPassword } from '../../accounts/revoke-grant-with-password.ts'
import { RefusedError } from '../../errors.ts'
import { readToken } from '../../input/pasted-token.ts'
import { readPhoneNumber } from '../../input/phone-number.ts'
import { finishGrant } from '../../vault/finish-grant.ts'
import { type StartedGrant, startGrant } from '../../vault/start-grant.ts'
import type { ApiEnv } from '../api-env.ts'
import { webOrigin } from '../middleware/check-origin.ts'
import { requireSession } from '../middleware/require-session.ts'
import { describeRoute } from '../openapi/operation.ts'
import { operations } from '../openapi/operations.ts'
import { optionalText, refuseValue, validate } from '../request/validate.ts'
import { password, userId } from './fields.ts'
import { initializationUrl } from './platforms.ts'

const walletPath = z.object({
  user_id: userId,
  platform: z.string().meta({ description: "The platform's `name` from GET /users/{user_id}/platforms." }),
  protocol: z.string().meta({ description: 'The protocol in its `initialization_url`: oauth2, oauth or twofactor.' }),
})

/** Telegram's codes have five digits; as a number one has lost its leading zeros. */
const code = z
  .union([optionalText(4096), z.number().int().min(0)])
  .optional()
  .transform((value) => (typeof value === 'number' ? String(value).padStart(5, '0') : value))

/** Not the code, which is Telegram's too: what it may be, the platform says. */
const token = optionalText(1024).transform((typed, context) => {
  if (typed === undefined) return undefined
  return (readToken(typed) ?? refuseValue(context)) || undefined
})

const reply = z.object({
  code,
  oauth_token: token,
  oauth_verifier: token,
  phone_number: optionalText(64),
  state: token,
  code_verifier: token,
  scope: z.unknown().optional(),
})

const stepReply = z.object({
  first_name: optionalText(64),
  last_name: optionalText(64),
  phone_number: optionalText(64),
  password: optionalText(1024),
})

const path = '/users/:user_id/platforms/:platform/protocols/:protocol'

export const walletRoutes = new Hono<ApiEnv>()
  .post(
    path,
    describeRoute(operations.startGrant),
    requireSession('login'),
    validate('param', walletPath),
    validate('json', z.object({ phone_number: optionalText(64) })),
    async (c) => {
      const { platform, protocol } = c.req.valid('param')
      const { settings } = c.env.services
      const started = await startGrant(c.env.services, {
        session: c.var.session,
        platform,
        protocol,
        redirectUri: `${webOrigin(c)}${initializationUrl(platform, protocol)}/redirect_codes/`,
        ...phoneNumberOf(c.req.valid('json').phone_number),
      })
      return c.json(startedBody(settings.legacyClients, platform, started), 200)
    },
  )
  .put(
    path,
    describeRoute(operations.finishGrant),
    requireSession('login'),
    validate('param', walletPath),
    validate('json', reply),
    async (c) => {
      const { platform, protocol } = c.req.valid('param')
      const {
        oauth_token: oauthToken,
        oauth_verifier: oauthVerifier,
        code_verifier: codeVerifier,
        ...body
      } = c.req.valid('json')
      const { needs } = await finishGrant(c.env.services, {
        session: c.var.session,
        platform,
        protocol,
        reply: compact({
          code: body.code,
          state: body.state,
          oauthToken,
          oauthVerifier,
          codeVerifier,
          ...phoneNumberOf(body.phone_number),
        }),
      })
      return c.json(finishedBody(c.env.services.settings.legacyClients, { platform, protocol, needs }), 200)
    },
  )
  .put(
    `${path}/:action`,
    describeRoute(operations.takeGrantStep),
    requireSession('login'),
    validate(
      'param',
      walletPath.extend({
        action: z
          .string()
          .meta({ description: 'The last segment of the `initialization_url` that requested this step.' }),
      }),
    ),
    validate('json', stepReply),
    async (c) => {
      const { platform, protocol, action } = c.req.valid('param')
      const body = c.req.valid('json')
      const { needs } = await finishGrant(c.env.services, {
        session: c.var.session,
        platform,
        protocol,
        action,
        reply: compact({
          firstName: body.first_name,
          lastName: body.last_name,
          password: body.password,
          ...phoneNumberOf(body.phone_number),
        }),
      })
      return c.json(finishedBody(c.env.services.settings.legacyClients, { platform, protocol, needs }), 200)
    },
  )
  .delete(
    path,
    describeRoute(operations.revokeGrant),
    requireSession('login'),
    validate('param', walletPath),
    validate('json', z.object({ password })),
    async (c) => {
      const { platform, protocol } = c.req.valid('param')
      const { password } = c.req.valid('json')
      await revokeGrantWithPassword(c.env.services, { session: c.var.session, password, platform, protocol })
      return c.json({}, 200)
    },
  )

/** Spelt out: the client's declarations hold all that they name. */
type SentTo = 'app' | 'sms' | 'call' | 'email' | 'fragment'
type StartedBody = { url: string; body: string; platform: string; sent_to?: SentTo }

/** Clients of the original server are told the verifier, and nothing that it didn't tell them. */
function startedBody(legacyClients: boolean, platform: string, started: StartedGrant): StartedBody {
  if ('url' in started) {
    const { url, codeVerifier } = started
    return { url, body: '', platform, ...(legacyClients && codeVerifier && { code_verifier: codeVerifier }) }
  }
  const body = legacyState(legacyClients, 'alreadyLive' in started ? '200' : '201')
  return { url: '', body, platform, ...(!legacyClients && 'sentTo' in started && { sent_to: started.sentTo }) }
}

type Step = { platform: string; protocol: string; needs: string | undefined }

const finishedBody = (legacyClients: boolean, { platform, protocol, needs }: Step) => ({
  body: needs ? legacyState(legacyClients, '202') : '',
  initialization_url: needs ? `${initializationUrl(platform, protocol)}/${needs}` : '',
})

/** The document's states are strings; clients of the original server get its numbers, which their types don't know. */
const legacyState = (legacyClients: boolean, state: string): string =>
  legacyClients ? (Number(state) as unknown as string) : state

function phoneNumberOf(typed: string | undefined): { phoneNumber?: string } {
  if (typed === undefined) return {}
  // Telegram knows numbers that no country has, and says itself what is wrong with one.
  const number = readPhoneNumber(typed)
  if (!number) throw new RefusedError('bad_request', 'not a phone number', { fields: ['phone_number'] })
  return { phoneNumber: number.number }
}

/** Without what wasn't sent. */
function compact<Fields extends Record<string, string | undefined>>(fields: Fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: string
  }
}
