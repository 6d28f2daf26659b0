import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import { withDatabaseBudget } from '../../src/postgres/client/deadline.ts'
import { createJobLoop } from '../../src/server/job-loop.ts'
import { walkOperations, walkRefusals } from '../support/walk-operations.ts'
import { googlePaths } from '../vault/wallet-world.ts'
import { readMetrics, type Sample } from './read-metrics.ts'
import { finds, readLabels, readSelectors } from './read-selectors.ts'
import { openWatchedWorld } from './watched-world.ts'

const read = (path: string) => readFileSync(new URL(`../../docs/ops/${path}`, import.meta.url), 'utf8')
const dashboard = read('grafana-dashboard.json')
const alerts = read('alerts.yml')

const world = await openWatchedWorld({ sandbox: true, env: { SMS_NETWORK_DAILY: '3' } })
let scraped = ''
let samples: Sample[] = []

/** All that a server may live through. */
beforeAll(async () => {
  await walkOperations(world.person(), (_, action) => action())
  await walkRefusals(world.person)
  expect((await world.person().startRecovery()).status).toBe(401)
  const grace = await world.signedUpPerson()
  const { code, state } = await grace.consentAtGoogle()
  world.sandbox.google.failNext(googlePaths.token, { status: 500 })
  await grace.finish('gmail', 'oauth2', { code, state })
  for (let sent = 0; sent < 3; sent++) {
    const person = world.person()
    await person.startSignUp()
    world.phone.failure = sent === 1 ? new UnavailableError('the SMS provider') : undefined
    await person.sendCode()
  }
  const ada = await world.signedUpPerson().catch(() => undefined)
  expect(ada).toBeUndefined()
  const { limits } = world.services.settings
  const none = { hourly: 0, daily: 0 }
  for (const recoveries of [
    { network: none, everybody: none },
    { ...limits.recoveries, everybody: none },
  ]) {
    limits.recoveries = recoveries
    expect((await world.person().startRecovery()).status).toBe(429)
  }
  const loop = createJobLoop()
  loop.start(world.services)
  await vi.waitUntil(async () => (await world.samples()).byLabels('swob_jobs_total')['watch,done'], { timeout: 60_000 })
  await loop.stop()
  await world.fetch('http://api.test/readyz')
  await expect(
    withDatabaseBudget(50, () => world.services.db.execute(sql`select pg_sleep(5)`).execute()),
  ).rejects.toThrow()
  await world.sql`alter table users rename to elsewhere`
  await world.person().logIn()
  await world.sql`alter table elsewhere rename to users`
  scraped = await world.scrape()
  samples = readMetrics(scraped).samples
})

describe.each([
  ['the dashboard', dashboard, 40],
  ['the alerts', alerts, 25],
])('%s', (_, text, least) => {
  test('looks for nothing that the server never shows', () => {
    const selectors = readSelectors(text)
    expect(selectors.length).toBeGreaterThan(least)
    expect(selectors.filter((selector) => !finds(selector, samples)).map((selector) => selector.text)).toEqual([])
  })

  test('groups by labels that there are, and shows no other', () => {
    const known = new Set(samples.flatMap(({ labels }) => Object.keys(labels)))
    const labels = readLabels(text)
    expect(labels.length).toBeGreaterThan(10)
    expect(labels.filter((label) => !known.has(label))).toEqual([])
  })
})

test('what the server never shows would be found', () => {
  const wrong = [
    'swob_nothing_total',
    'swob_http_requests_total{path="/v2/login"}',
    'swob_http_requests_total{status="599"}',
    'swob_sms_total{outcome=~"lost|found"}',
  ]
  expect(
    readSelectors(`sum(rate(${wrong.join('[5m])) + sum(rate(')}[5m]))`).filter((one) => finds(one, samples)),
  ).toEqual([])
  expect(readLabels('sum by (le, number) (x) {{ $labels.uid }}')).toEqual(['le', 'number', 'uid'])
})

test('the dashboard is one that Grafana imports', () => {
  const { panels, uid, title, templating } = JSON.parse(dashboard)
  expect([uid, title]).toEqual(['smswithoutborders-api', 'SMSWithoutBorders API'])
  const ids = panels.map(({ id }: { id: number }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.every(Number.isInteger)).toBe(true)
  const source = { type: 'prometheus', uid: `\${datasource}` }
  expect(templating.list.map(({ name }: { name: string }) => name)).toEqual(['datasource', 'instance'])
  const shown = panels.filter(({ type }: { type: string }) => type !== 'row')
  expect(shown.length).toBeGreaterThan(20)
  for (const { title, description, datasource, targets } of shown) {
    expect([title, description]).toEqual([expect.any(String), expect.stringMatching(/.{10,}\.$/)])
    expect(datasource).toEqual(source)
    for (const target of targets) expect(target.datasource).toEqual(source)
  }
})

test('every alert says what it means and what to do, and how urgent it is', () => {
  const rules = alerts.split('- alert: ').slice(1)
  expect(rules.length).toBeGreaterThan(12)
  for (const rule of rules) {
    expect(rule).toMatch(/severity: (page|ticket)\n/)
    expect(rule).toMatch(/summary: .{15,}/)
    expect(rule.split('description: >-')[1]?.length).toBeGreaterThan(100)
  }
})

/** Nothing in a label may be of a person, or be one of very many. */
test('labels have few values, and none is of a person', () => {
  const values = new Map<string, Set<string>>()
  for (const { name, labels } of samples.filter(({ name }) => name.startsWith('swob_')))
    for (const [label, value] of Object.entries(labels)) {
      const key = `${name} ${label}`
      values.set(key, (values.get(key) ?? new Set()).add(value))
    }
  for (const [key, seen] of values) expect([key, seen.size]).toEqual([key, Math.min(seen.size, 25)])
  // Prometheus puts these on by itself, and would rename ours.
  expect(samples.filter(({ labels }) => 'job' in labels || 'instance' in labels)).toEqual([])
  const all = [...values.values()].flatMap((seen) => [...seen])
  expect(all.filter((value) => !/^([A-Za-z_]{1,24}|\d{3}|\+Inf|\d*\.?\d+|1\.2\.3)$/.test(value))).toEqual([])
})

const promtool = spawnSync('promtool', ['--version']).status === 0
const check = (what: string) => (promtool ? what : `${what} (skipped: no promtool on this machine)`)
/** What it complains of. */
const run = (parameters: readonly string[], input = '') => {
  const { status, stdout, stderr } = spawnSync('promtool', parameters, { input, encoding: 'utf8' })
  return status === 0 ? '' : `${status}: ${stdout}${stderr}`
}

describe.skipIf(!promtool)(check("Prometheus's own tool"), () => {
  test('finds nothing wrong with the metrics', () => {
    expect(run(['check', 'metrics'], scraped)).toBe('')
  })

  test('finds nothing wrong with the alerts', () => {
    expect(run(['check', 'rules', 'docs/ops/alerts.yml'])).toBe('')
  })

  test('reads every question of the dashboard', async () => {
    const asked = [...dashboard.matchAll(/"expr": (".*")/g)].map(([, expr = '']) => JSON.parse(expr) as string)
    expect(asked.length).toBeGreaterThan(40)
    const rules = asked.map((expr, index) => ({
      record: `asked_${index}`,
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }))
    const folder = await mkdtemp(join(tmpdir(), 'swob-dashboard-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    // YAML, too.
    await writeFile(join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
    expect(run(['check', 'rules', join(folder, 'rules.yml')])).toBe('')
  })

  test('raises each alert when it should be raised, and only then', () => {
    expect(run(['test', 'rules', 'test/telemetry/alerts.promtool.yml'])).toBe('')
  })
})
