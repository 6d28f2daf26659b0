import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Seconds, from the least that is worth telling apart to the longest that anything may take. */
const buckets = {
  request: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  statement: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  hash: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  platform: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
}

/** What is counted, by Prometheus's conventions: base units, and labels of few values. */
export function createInstruments(registry: Registry) {
  const common = { registers: [registry] }
  const counter = <const Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter<Label>({ name: `swob_${name}_total`, help, labelNames, ...common })
  const gauge = <const Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge<Label>({ name: `swob_${name}`, help, labelNames, ...common })
  const histogram = <const Label extends string>(
    name: string,
    help: string,
    of: keyof typeof buckets,
    ...labelNames: Label[]
  ) => new Histogram<Label>({ name: `swob_${name}_seconds`, help, labelNames, buckets: buckets[of], ...common })

  return {
    requests: counter('http_requests', 'Requests answered, by operation and status.', 'operation', 'status'),
    requestDuration: histogram('http_request_duration', 'How long an answer took.', 'request', 'operation'),

    hashesWaiting: gauge('password_hashes_waiting', 'Passwords that wait to be hashed (at most PASSWORD_QUEUE).'),
    hashesRunning: gauge('password_hashes_running', 'Passwords that are being hashed.'),
    hashesRefused: counter('password_hashes_refused', 'Passwords not hashed since too many waited: answered 503.'),
    hashDuration: histogram('password_hash_duration', 'How long a hash took, without its wait.', 'hash'),

    statements: counter('database_statements', 'SQL statements, by how they ended: done, failed, late.', 'outcome'),
    statementDuration: histogram('database_statement_duration', 'How long a statement took.', 'statement'),

    sms: counter('sms', 'Codes handed to SMS providers: sent, refused, unavailable.', 'provider', 'outcome', 'country'),
    smsDenied: counter('sms_denied', 'Codes that limits denied, by reason.', 'reason', 'country'),

    limited: counter('limit_refusals', 'Requests that a limit refused, by limit and whose it was.', 'limit', 'per'),
    recoveries: counter('recoveries', 'Recoveries begun, of an account or of a number without one.', 'of'),

    platformCalls: counter('platform_calls', 'Calls to platforms.', 'platform', 'call', 'outcome'),
    platformCallDuration: histogram(
      'platform_call_duration',
      'How long a call to a platform took.',
      'platform',
      'platform',
      'call',
    ),

    // Not `job`, by which Prometheus means what it scrapes.
    jobs: counter('jobs', 'Jobs run by this process, by how they ended.', 'kind', 'outcome'),
    build: gauge('build_info', 'Always 1; its labels say what runs.', 'version'),
  }
}

export type Instruments = ReturnType<typeof createInstruments>
