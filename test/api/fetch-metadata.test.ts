import { describe, expect, test } from 'vitest'
import { operations } from '../support/document.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const listed = 'https://app.example.org'
const world = await openWorld({ env: { ORIGINS: listed }, services: { passwords: plainPasswords } })

const all = operations.map(({ method, path }) => [method, `/v2${path.replace(/{\w+}/g, 'x')}`] as const)
const changes = all.filter(([method]) => method !== 'GET')
const foreign = ['cross-site', 'same-site', 'same-origin, cross-site', 'SAME-ORIGIN', 'unknown', '']
const bodies = [undefined, {}, 'a=b', '']

describe.each(foreign)('a page that is "%s"', (site) => {
  test.each(changes)('may not %s %s, also without an Origin, with a body or without', async (method, path) => {
    const browsers: Record<string, string>[] = [{}, { Origin: 'http://api.test' }, { Origin: 'null' }]
    for (const body of bodies) {
      for (const origin of browsers) {
        const headers = { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'navigate', ...origin }
        expect((await world.person().send(method, path, body, headers)).status).toBe(403)
      }
    }
  })

  test('may lead to answers that only show', async () => {
    const ada = await world.signedUpPerson()
    const shown = await ada.send('GET', `/v2/users/${ada.uid}/dashboard`, undefined, { 'Sec-Fetch-Site': site })
    expect(shown.status).toBe(200)
  })
})

test('a listed origin may change things from wherever it is', async () => {
  for (const site of ['cross-site', 'same-site']) {
    const ada = await world.signedUpPerson()
    const headers = { Origin: listed, 'Sec-Fetch-Site': site }
    expect((await ada.send('POST', `/v2/users/${ada.uid}/logout`, undefined, headers)).status).toBe(200)
  }
})

test.each<Record<string, string>>([
  { Origin: 'http://api.test', 'Sec-Fetch-Site': 'same-origin' },
  { 'Sec-Fetch-Site': 'same-origin' },
  { 'Sec-Fetch-Site': 'none' },
  {},
])("this server's own page, the person's own doing, and other programs may change things: %o", async (headers) => {
  const ada = await world.signedUpPerson()
  expect((await ada.send('POST', `/v2/users/${ada.uid}/logout`, undefined, headers)).status).toBe(200)
})

test("this host's page without TLS, where the API has it, is another's", async () => {
  const ada = await world.signedUpPerson()
  const headers = {
    Origin: 'http://api.test',
    'Sec-Fetch-Site': 'cross-site',
    Cookie: ada.cookie,
    'User-Agent': ada.userAgent,
  }
  const url = `https://api.test/v2/users/${ada.uid}/logout`
  expect((await world.fetch(url, { method: 'POST', headers })).status).toBe(403)
  expect((await ada.dashboard()).status).toBe(200)
})
