/** What an answered request was. Of a few values each: no path, no person. */
export type Answered = {
  /** An operation's id; `preflight`; `health`; `other` for pages and logos; `unknown` for what this server doesn't have. */
  operation: string
  method: string
  /** The pattern that took it, such as `/v2/users/:user_id/OTP`. */
  route: string
  status: number
  requestId: string
}

/** A part of a request or a job that takes time and may fail. */
export type Step =
  | { kind: 'platform'; platform: string; call: 'start' | 'finish' | 'action' | 'identify' | 'revoke' | 'isLive' }
  /** `country`: by its ISO 3166 code; ZZ: a number of none. */
  | { kind: 'sms'; provider: string; country: string }
  /** `password`: with the wait for its turn to be hashed. `hash`: without. */
  | { kind: 'password' | 'hash' }
  /** Begins anew: it's no part of the request that stored it, which `requestId` names. */
  | { kind: 'job'; job: 'revocation' | 'code' | 'purge' | 'watch'; platform?: string; requestId?: string }

/** Watches the server at work, for metrics and traces. It changes nothing of it: what `work` gives or throws is what comes back. */
export type Observer = {
  request(headers: Headers, work: () => Promise<Answered>): Promise<Answered>
  step<Result>(step: Step, work: () => Promise<Result>): Promise<Result>
  /** A statement begins, told by its SQL without values; the answer is told how it ended. */
  statement(text: string): (outcome: 'done' | 'failed' | 'late') => void
  /** How many statements the database's pool takes at once, are under way, and wait for a slot. */
  pool(state: () => { max: number; inUse: number; waiting: number }): void
  /** How to find out whether requests should be sent here, check by check, as /readyz tells it. */
  readiness(check: () => Promise<Readonly<Record<string, 'ok' | 'failing'>>>): void
  /** Limits denied somebody a code. */
  denied(denial: { country: string; reason: string }): void
  /** A limit was reached, and something not done for that. */
  limited(refusal: { limit: string; per: 'network' | 'everybody' }): void
  /** Somebody began to recover a number; `unknown`: it has no account. */
  recovery(of: 'account' | 'unknown'): void
}

/** Without METRICS_PORT and tracing. */
export const noopObserver: Observer = {
  request: (_, work) => work(),
  step: (_, work) => work(),
  statement: () => () => undefined,
  pool: () => undefined,
  readiness: () => undefined,
  denied: () => undefined,
  limited: () => undefined,
  recovery: () => undefined,
}

/** Each sees what the others do. */
export function combineObservers(observers: readonly Observer[]): Observer {
  return observers.reduceRight(
    (inner, outer) => ({
      request: (headers, work) => outer.request(headers, () => inner.request(headers, work)),
      step: (step, work) => outer.step(step, () => inner.step(step, work)),
      statement(text) {
        const ended = [outer.statement(text), inner.statement(text)]
        return (outcome) => {
          for (const tell of ended) tell(outcome)
        }
      },
      pool(state) {
        outer.pool(state)
        inner.pool(state)
      },
      readiness(check) {
        outer.readiness(check)
        inner.readiness(check)
      },
      denied(denial) {
        outer.denied(denial)
        inner.denied(denial)
      },
      limited(refusal) {
        outer.limited(refusal)
        inner.limited(refusal)
      },
      recovery(of) {
        outer.recovery(of)
        inner.recovery(of)
      },
    }),
    noopObserver,
  )
}
