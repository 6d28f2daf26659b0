import { createHmac, timingSafeEqual } from 'node:crypto'
import { type ReceivedRequest, type StandIn, standInServer } from './stand-in-server.ts'

export type WebhookSms = { id: string; to: string; text: string; code: string; purpose: string }

export type SmsWebhookServer = StandIn & {
  readonly secret: string
  /** Those that were accepted, oldest first. */
  readonly messages: readonly WebhookSms[]
  /** The newest code that went to a number. */
  codeFor(to: string): string | undefined
  /** Answers to rightly signed messages; 204 accepts. */
  status: number
}

/** An operator's SMS gateway: takes a message only with a signature as Standard Webhooks has it (401 otherwise). */
export async function smsWebhookServer(secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'): Promise<SmsWebhookServer> {
  const messages: WebhookSms[] = []
  const standIn = await standInServer((request) => {
    if (!isSigned(request, secret)) return { status: 401 }
    if (server.status < 300) messages.push({ id: header(request, 'webhook-id'), ...JSON.parse(request.body) })
    return { status: server.status }
  })
  const server: SmsWebhookServer = Object.assign(standIn, {
    secret,
    messages,
    status: 204,
    codeFor: (to: string) => messages.findLast((message) => message.to === to)?.code,
  })
  return server
}

/** Written from the specification, apart from the code that signs. */
export function isSigned(
  request: Pick<ReceivedRequest, 'headers' | 'body'>,
  secret: string,
  nowSeconds = Date.now() / 1000,
): boolean {
  const id = header(request, 'webhook-id')
  const timestamp = header(request, 'webhook-timestamp')
  if (!id || id.includes('.') || !/^\d+$/.test(timestamp)) return false
  if (Math.abs(nowSeconds - Number(timestamp)) > 300) return false
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${request.body}`).digest()
  return header(request, 'webhook-signature')
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice(3), 'base64'))
    .some((signature) => signature.length === expected.length && timingSafeEqual(signature, expected))
}

function header(request: Pick<ReceivedRequest, 'headers'>, name: string): string {
  const value = request.headers[name]
  return typeof value === 'string' ? value : ''
}
