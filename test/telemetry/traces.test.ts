import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RefusedError, UnavailableError } from '../../src/errors.ts'
import type { Log } from '../../src/services.ts'
import { openTraces } from '../../src/telemetry/traces/open-traces.ts'
import { findLeaks } from '../support/canaries.ts'
import type { Person } from '../support/person.ts'
import { openWorld, type World } from '../support/world.ts'
import { connectTelegram, googlePaths } from '../vault/wallet-world.ts'
import { openCollector } from './otlp-collector.ts'
import type { Span } from './read-spans.ts'

const client = 3
const server = 2

// Milliseconds until spans are sent.
beforeEach(() => void vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '20'))
afterEach(() => void vi.unstubAllEnvs())

/** A world whose spans go to a collector of its own. `sent`: sends all, and gives what arrived; then nothing more is traced. */
async function openTracedWorld({ sandbox = false } = {}) {
  const collector = await openCollector()
  const lines: string[] = []
  const say = (message: string) => void lines.push(message)
  const log: Log = { debug: say, info: say, warn: say, error: say }
  const traces = openTraces({ url: `${collector.url}/v1/traces`, version: '1.2.3', log })
  const { observer } = traces
  if (!observer) throw new Error('nobody traces')
  const world: World = await openWorld({ sandbox, observe: () => observer })
  const sent = async () => {
    await traces.close()
    return collector.spans()
  }
  return { world, collector, lines, sent }
}

const named = (spans: readonly Span[], name: string) => spans.filter((span) => span.name === name)
const below = (spans: readonly Span[], parent: Span | undefined) =>
  spans.filter(({ parentId, traceId }) => parentId === parent?.spanId && traceId === parent?.traceId)

test('a request is a span by its route, with its statements, its password and its code below', async () => {
  const { world, sent } = await openTracedWorld()
  const ada = await world.signedUpPerson()
  const spans = await sent()
  const [logIn] = named(spans, 'POST /v2/login')
  expect(logIn).toMatchObject({
    kind: server,
    parentId: '',
    isError: false,
    attributes: {
      'http.request.method': 'POST',
      'http.route': '/v2/login',
      'http.response.status_code': 200,
      'swob.operation': 'logIn',
      'swob.request_id': expect.stringMatching(/^[\da-f-]{36}$/),
    },
    resource: { 'service.name': 'smswithoutborders-api', 'service.version': '1.2.3' },
  })
  const [password] = named(below(spans, logIn), 'password')
  expect(named(below(spans, password), 'password hash')).toHaveLength(1)
  const statements = below(spans, logIn).filter(({ attributes }) => 'db.query.text' in attributes)
  expect(statements.length).toBeGreaterThan(2)
  expect(statements.map(({ name }) => name)).toContain('select users')
  for (const { kind, attributes } of statements) {
    expect(kind).toBe(client)
    expect(attributes['db.system.name']).toBe('postgresql')
  }
  const [sendCode] = named(spans, 'POST /v2/users/:user_id/OTP')
  expect(named(below(spans, sendCode), 'send sms')).toMatchObject([
    { kind: client, attributes: { 'swob.country': 'CM', 'peer.service': 'phone' }, isError: false },
  ])
  expect(JSON.stringify(spans)).not.toContain(ada.uid)
})

test("the caller's trace goes on", async () => {
  const { world, sent } = await openTracedWorld()
  const [traceId, parentId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  const ask = (traceparent: string) => world.person().send('GET', '/v2/openapi.json', undefined, { traceparent })
  await ask(`00-${traceId}-${parentId}-01`)
  await ask(`00-${traceId}-${parentId}-00`)
  await ask('00-nonsense-01')
  const asked = await sent()
  expect(asked).toHaveLength(2)
  expect(asked[0]).toMatchObject({ traceId, parentId })
  expect(asked[1]?.traceId).not.toBe(traceId)
  expect(asked[1]?.parentId).toBe('')
})

test('a call to a platform is a span of its request, and the end of a grant one of a job that names its request', async () => {
  const { world, sent } = await openTracedWorld({ sandbox: true })
  const ada = await world.signedUpPerson()
  const { code, state } = await ada.consentAtGoogle()
  world.sandbox.google.failNext(googlePaths.token, { status: 503 })
  await ada.finish('gmail', 'oauth2', { code, state })
  await ada.finish('gmail', 'oauth2', { code, state })
  await ada.revoke('gmail', 'oauth2')
  expect(await world.runJobs()).toBe(1)
  // Nothing is due: nothing to tell of.
  expect(await world.runJobs()).toBe(0)
  const spans = await sent()
  expect(named(spans, 'gmail finish')).toMatchObject([
    { kind: client, isError: true, attributes: { 'swob.outcome': 'unavailable', 'peer.service': 'gmail' } },
    { kind: client, isError: false },
  ])
  const [, finished] = named(spans, 'PUT /v2/users/:user_id/platforms/:platform/protocols/:protocol')
  expect(named(below(spans, finished), 'gmail finish')).toHaveLength(1)

  const revoked = named(spans, 'DELETE /v2/users/:user_id/platforms/:platform/protocols/:protocol')[0]
  const [job] = named(spans, 'job revocation')
  expect(job).toMatchObject({
    parentId: '',
    attributes: { 'swob.platform': 'gmail', 'swob.request_id': revoked?.attributes['swob.request_id'] },
  })
  expect(
    below(spans, job)
      .map(({ name }) => name)
      .sort(),
  ).toEqual([
    'delete grants',
    'delete revocations',
    'gmail revoke',
    'select',
    'select',
    'select grants',
    'update revocations',
  ])
  expect(spans.filter(({ parentId, name }) => !parentId && !/^(GET|POST|PUT|DELETE|job) /.test(name))).toEqual([])
})

test('what fails is an error by its kind, without its message; what a person got wrong is none', async () => {
  const { world, sent, collector } = await openTracedWorld()
  const [ada, grace] = [world.person(), world.person()]
  await ada.startSignUp()
  await grace.startSignUp()
  world.phone.failure = new UnavailableError('the SMS provider', { cause: new Error(`${ada.phoneNumber} is away`) })
  await ada.sendCode()
  world.phone.failure = new RefusedError('bad_request', `${ada.phoneNumber} takes no messages`)
  await ada.sendCode()
  world.phone.failure = new Error(`a defect about ${grace.phoneNumber}`)
  await grace.sendCode()
  const spans = await sent()
  const told = (name: string) =>
    named(spans, name).map(({ isError, attributes }) => [isError, attributes['error.type']])
  expect(told('send sms')).toEqual([
    [true, 'unavailable'],
    [false, undefined],
    [true, 'failed'],
  ])
  expect(told('POST /v2/users/:user_id/OTP')).toEqual([
    [true, '503'],
    [false, undefined],
    [true, '500'],
  ])
  expect(findLeaks(collector.text())).toEqual([])
})

test('nothing that people or platforms entrust to the server is in a trace', async () => {
  const { world, sent, collector } = await openTracedWorld({ sandbox: true })
  const ada = await world.signedUpPerson()
  await everything(ada)
  await world.runJobs()
  expect((await sent()).length).toBeGreaterThan(100)
  expect(findLeaks(collector.text())).toEqual([])
  for (const known of [ada.uid, 'Test/1.0', '192.0.2']) expect(collector.text()).not.toContain(known)
})

async function everything(ada: Person): Promise<void> {
  await ada.connectGmail()
  await connectTelegram(ada)
  await ada.savedPlatforms()
  await ada.dashboard()
  await ada.revoke('gmail', 'oauth2', 'wrong')
  await ada.send('GET', `/v2/users/${ada.uid}/elsewhere?code=${ada.lastCode}`)
  await ada.changePassword('a second passphrase')
  const browser = await ada.recovering()
  await browser.finishRecovery('a third passphrase')
  ada.password = 'a third passphrase'
  await ada.logIn()
  await ada.deleteAccount()
}

test.each([
  ['OTEL_TRACES_SAMPLER', 'always_off', 0, []],
  ['OTEL_TRACES_SAMPLER', 'sometimes', 1, [expect.stringContaining('"sometimes" invalid')]],
  [
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'grpc',
    1,
    ['OTEL_EXPORTER_OTLP_PROTOCOL is not http/protobuf, the only supported protocol'],
  ],
])('%s=%s is heeded, or said not to be', async (name, value, count, said) => {
  vi.stubEnv(name, value)
  const { world, sent, lines } = await openTracedWorld()
  await world.person().send('GET', '/v2/openapi.json')
  expect(await sent()).toHaveLength(count)
  expect(lines).toEqual(said)
})

test('OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say what it is that is traced', async () => {
  vi.stubEnv('OTEL_SERVICE_NAME', 'accounts')
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=staging')
  const { world, sent } = await openTracedWorld()
  await world.person().send('GET', '/v2/openapi.json')
  expect((await sent())[0]?.resource).toMatchObject({
    'service.name': 'accounts',
    'deployment.environment.name': 'staging',
  })
})

test.each([
  ['OTEL_SDK_DISABLED', 'true'],
  ['OTEL_TRACES_EXPORTER', 'none'],
])('%s=%s: nobody traces', async (name, value) => {
  vi.stubEnv(name, value)
  const log: Log = { debug: fail, info: fail, warn: fail, error: fail }
  const { observer, close } = openTraces({ url: 'http://127.0.0.1:1/v1/traces', version: '1.2.3', log })
  expect(observer).toBeUndefined()
  await close()
})

function fail(message: string): never {
  throw new Error(message)
}

test('a collector that is away costs nothing but its spans, is told of once, and once when it is back', async () => {
  const { world, collector, lines, sent } = await openTracedWorld()
  collector.status = 400
  expect((await world.person().send('GET', '/v2/openapi.json')).status).toBe(200)
  await expect.poll(() => lines).toEqual(['cannot send traces'])
  await world.person().send('GET', '/v2/openapi.json')
  await expect.poll(() => collector.requests.length).toBe(2)
  collector.status = 200
  await world.person().send('GET', '/v2/openapi.json')
  expect(await sent()).toHaveLength(1)
  expect(lines).toEqual(['cannot send traces', 'sending traces again'])
  expect(new Set(collector.requests)).toEqual(new Set(['POST /v1/traces application/x-protobuf']))
})

test('one that never answers does not keep the server from ending', async () => {
  const { world, collector, sent } = await openTracedWorld()
  await world.person().send('GET', '/v2/openapi.json')
  await collector.close()
  expect(await sent()).toEqual([])
})
