import { SpanKind, type SpanOptions } from '@opentelemetry/api'
import type { Step } from '../observer.ts'

type Described = [name: string, options: SpanOptions]

const methods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** A span is sent whole: a statement needs no more to be known by. */
const maxStatementLength = 2000

/** As the conventions name a method that nobody knows. */
export const methodOf = (method: string) => (methods.has(method) ? method : '_OTHER')

export function describeStep(step: Step): Described {
  switch (step.kind) {
    case 'platform': {
      const { platform, call } = step
      const attributes = { 'peer.service': platform, 'swob.platform': platform, 'swob.call': call }
      return [`${platform} ${call}`, { kind: SpanKind.CLIENT, attributes }]
    }
    case 'sms':
      return [
        'send sms',
        { kind: SpanKind.CLIENT, attributes: { 'peer.service': step.provider, 'swob.country': step.country } },
      ]
    // One within the other: the rest is the wait for its turn.
    case 'password':
      return ['password', { kind: SpanKind.INTERNAL }]
    case 'hash':
      return ['password hash', { kind: SpanKind.INTERNAL }]
    case 'job': {
      const { job, platform, requestId } = step
      const attributes = {
        'swob.job': job,
        ...(platform && { 'swob.platform': platform }),
        ...(requestId && { 'swob.request_id': requestId }),
      }
      return [`job ${job}`, { kind: SpanKind.INTERNAL, attributes }]
    }
  }
}

/** Values aren't in the text: they travel beside it, as parameters. */
export function describeStatement(text: string): Described {
  const query = text.replace(/\s+/g, ' ').trim()
  // The first thing that is done to a table, such as `select sessions`; or else the first word.
  const [, verb = query, table = ''] = /\b(insert|update|delete|from)(?: into| from)? "?(\w+)/i.exec(query) ?? []
  const summary = `${verb.toLowerCase().replace('from', 'select').split(' ')[0]} ${table}`.trim()
  const attributes = {
    'db.system.name': 'postgresql',
    'db.query.text': query.slice(0, maxStatementLength),
    'db.query.summary': summary,
  }
  return [summary, { kind: SpanKind.CLIENT, attributes }]
}
