import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { outcomeOf } from '../../errors.ts'
import type { Answered, Observer } from '../observer.ts'
import { describeStatement, describeStep, methodOf } from './describe.ts'

const callersTrace = new W3CTraceContextPropagator()
const headerGetter = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
}

/** Makes spans of what it sees, by OpenTelemetry's semantic conventions. No error's message stands in them: it may quote a person. */
export function traceWith(tracer: Tracer): Observer {
  const contexts = new AsyncLocalStorageContextManager()
  const within = <Result>(span: Span, parent: Context, work: () => Promise<Result>) =>
    contexts.with(trace.setSpan(parent, span), work)

  return {
    async request(headers, work) {
      const parent = callersTrace.extract(ROOT_CONTEXT, headers, headerGetter)
      // Its route is known when it has been found.
      const span = tracer.startSpan('request', { kind: SpanKind.SERVER }, parent)
      try {
        const answered = await within(span, parent, work)
        recordAnswer(span, answered)
        return answered
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR })
        throw error
      } finally {
        span.end()
      }
    },
    async step(step, work) {
      const parent = step.kind === 'job' ? ROOT_CONTEXT : contexts.active()
      const span = tracer.startSpan(...describeStep(step), parent)
      try {
        return await within(span, parent, work)
      } catch (error) {
        const outcome = outcomeOf(error)
        span.setAttribute('swob.outcome', outcome)
        // What somebody got wrong is no error of the server's.
        if (outcome !== 'refused') failed(span, outcome)
        throw error
      } finally {
        span.end()
      }
    },
    statement(text) {
      const parent = contexts.active()
      // Of a request or a job: the job loop's own looking around would be a trace every few seconds.
      if (!trace.getSpan(parent)?.isRecording()) return () => undefined
      const span = tracer.startSpan(...describeStatement(text), parent)
      return (outcome) => {
        if (outcome !== 'done') failed(span, outcome)
        span.end()
      }
    },
    pool: () => undefined,
    readiness: () => undefined,
    denied: ({ country, reason }) =>
      void trace
        .getSpan(contexts.active())
        ?.addEvent('code denied', { 'swob.country': country, 'swob.reason': reason }),
    limited: ({ limit, per }) =>
      void trace.getSpan(contexts.active())?.addEvent('limit reached', { 'swob.limit': limit, 'swob.per': per }),
    // Whose number has an account is nobody's business who reads traces.
    recovery: () => undefined,
  }
}

function recordAnswer(span: Span, { operation, method, route, status, requestId }: Answered): void {
  span.updateName(`${methodOf(method)} ${route}`)
  span.setAttributes({
    'http.request.method': methodOf(method),
    'http.route': route,
    'http.response.status_code': status,
    'swob.operation': operation,
    'swob.request_id': requestId,
  })
  if (status >= 500) failed(span, String(status))
}

function failed(span: Span, type: string): void {
  span.setAttribute('error.type', type)
  span.setStatus({ code: SpanStatusCode.ERROR })
}
