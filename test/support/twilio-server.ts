import { randomBytes, randomInt } from 'node:crypto'
import { type Answer, type ReceivedRequest, type StandIn, standInServer } from './stand-in-server.ts'

export type TwilioMessage = { sid: string; to: string; from: string; body: string }

export type TwilioServer = StandIn & {
  readonly account: typeof account
  /** Programmable Messaging: what was sent, oldest first. */
  readonly messages: readonly TwilioMessage[]
  /** Verify: the code that a number's phone last got. */
  codeFor(to: string): string | undefined
  /** Verify: ends a number's verification as the ten minutes would. */
  expire(to: string): void
  /** Refuses everything sent to a number, with a code of Twilio's error dictionary. */
  refuse(to: string, code: number, status?: number): void
}

type Verification = { sid: string; to: string; code: string; locale: string | undefined; sends: number; checks: number }

const account = {
  accountSid: `AC${'a'.repeat(32)}`,
  authToken: 'b'.repeat(32),
  from: '+15005550006',
  messagingServiceSid: `MG${'c'.repeat(32)}`,
  serviceSid: `VA${'d'.repeat(32)}`,
}

/** Twilio's own test numbers: https://www.twilio.com/docs/iam/test-credentials#test-sms-messages-parameters-To */
const magicNumbers: [to: string, code: number][] = [
  ['+15005550001', 21211],
  ['+15005550002', 21612],
  ['+15005550003', 21408],
  ['+15005550004', 21610],
  ['+15005550009', 21614],
]

const locales = new Set(['en', 'en-GB', 'fr', 'es', 'ar', 'de', 'pt'])
const sid = (prefix: string) => `${prefix}${randomBytes(16).toString('hex')}`

/** Programmable Messaging and Verify v2 of one account behind one host. */
export async function twilioServer(): Promise<TwilioServer> {
  const messages: TwilioMessage[] = []
  const pending = new Map<string, Verification>()
  const delivered = new Map<string, string>()
  const refused = new Map(magicNumbers.map(([to, code]) => [to, { code, status: 400 }]))

  function createMessage(form: URLSearchParams): Answer {
    const [to, body] = [form.get('To'), form.get('Body')]
    const [from, service] = [form.get('From'), form.get('MessagingServiceSid')]
    if (!to) return error(400, 21604)
    if (!body) return error(400, 21602)
    if (!from && !service) return error(400, 21603)
    if (service ? service !== account.messagingServiceSid : from !== account.from)
      return error(400, service ? 21701 : 21606)
    if (!/^\+[1-9]\d{6,14}$/.test(to)) return error(400, 21211)
    const refusal = refused.get(to)
    if (refusal) return error(refusal.status, refusal.code)
    const message = { sid: sid('SM'), to, from: from ?? account.from, body }
    messages.push(message)
    return { status: 201, json: { ...message, status: service ? 'accepted' : 'queued', error_code: null } }
  }

  function createVerification(form: URLSearchParams): Answer {
    const [to, locale] = [form.get('To'), form.get('Locale') ?? undefined]
    if (!to || !/^\+[1-9]\d{6,14}$/.test(to)) return error(400, 60200, 'Invalid parameter: To')
    if (form.get('Channel') !== 'sms') return error(400, 60200, 'Invalid parameter: Channel')
    if (locale && !locales.has(locale)) return error(404, 20404)
    const refusal = refused.get(to)
    if (refusal) return error(refusal.status, refusal.code)
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    const verification = pending.get(to) ?? { sid: sid('VE'), to, code, locale, sends: 0, checks: 0 }
    if (verification.sends >= 5) return error(429, 60203)
    verification.sends += 1
    pending.set(to, verification)
    delivered.set(to, verification.code)
    return { status: 201, json: verificationBody(verification, 'pending') }
  }

  function checkVerification(form: URLSearchParams): Answer {
    const code = form.get('Code') ?? ''
    if (!/^\d{4,10}$/.test(code)) return error(400, 60200, 'Invalid parameter: Code')
    const verification = [...pending.values()].find((it) => it.sid === form.get('VerificationSid'))
    if (!verification) return error(404, 20404)
    if (verification.checks >= 5) return error(429, 60202)
    verification.checks += 1
    if (verification.code !== code) return { status: 201, json: verificationBody(verification, 'pending') }
    pending.delete(verification.to)
    return { status: 201, json: verificationBody(verification, 'approved') }
  }

  const routes: Record<string, (form: URLSearchParams) => Answer> = {
    [`POST /2010-04-01/Accounts/${account.accountSid}/Messages.json`]: createMessage,
    [`POST /v2/Services/${account.serviceSid}/Verifications`]: createVerification,
    [`POST /v2/Services/${account.serviceSid}/VerificationCheck`]: checkVerification,
  }

  const standIn = await standInServer((request) => {
    if (!isAuthenticated(request)) return error(401, 20003, 'Authenticate')
    const route = routes[`${request.method} ${request.path}`]
    const isForm = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
    return route ? route(new URLSearchParams(isForm ? request.body : '')) : error(404, 20404)
  })
  return Object.assign(standIn, {
    account,
    messages,
    codeFor: (to: string) => delivered.get(to),
    expire: (to: string) => void pending.delete(to),
    refuse: (to: string, code: number, status = 400) => void refused.set(to, { code, status }),
  })
}

function isAuthenticated({ headers }: ReceivedRequest): boolean {
  const credentials = Buffer.from(`${account.accountSid}:${account.authToken}`).toString('base64')
  return headers.authorization === `Basic ${credentials}`
}

function error(status: number, code: number, message = `Error ${code}`): Answer {
  return { status, json: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } }
}

function verificationBody({ sid, to, locale }: Verification, status: 'pending' | 'approved') {
  const { accountSid: account_sid, serviceSid: service_sid } = account
  return { sid, service_sid, account_sid, to, locale, channel: 'sms', status, valid: status === 'approved' }
}
