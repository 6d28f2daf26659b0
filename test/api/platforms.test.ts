import { describe, expect, test } from 'vitest'
import { api } from '../../src/api/app.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ sandbox: true, services: { passwords: plainPasswords } })
const ada = await world.signedUpPerson()
const path = `/v2/users/${ada.uid}/platforms`

type Listed = { name: string; description: unknown; logo: string; initialization_url: string }
type Wallet = { unsaved_platforms: Listed[]; saved_platforms: Listed[] }

const wallet = async (headers: Record<string, string> = {}): Promise<Wallet> =>
  (await ada.send('GET', path, undefined, headers)).json()
const descriptionIn = async (language: string) =>
  (await wallet({ 'Accept-Language': language })).unsaved_platforms.find(({ name }) => name === 'gmail')?.description

test('every platform stands in the wallet once', async () => {
  const { unsaved_platforms, saved_platforms } = await wallet()
  expect(saved_platforms).toEqual([])
  expect(unsaved_platforms.map(({ description, ...shown }) => shown)).toEqual(
    expect.arrayContaining([
      {
        id: 'gmail',
        name: 'gmail',
        logo: '/public/gmail.svg',
        initialization_url: '/platforms/gmail/protocols/oauth2',
        type: 'email',
        letter: 'g',
      },
      {
        id: 'twitter',
        name: 'twitter',
        logo: '/public/twitter.svg',
        initialization_url: '/platforms/twitter/protocols/oauth',
        type: 'text',
        letter: 't',
      },
      {
        id: 'telegram',
        name: 'telegram',
        logo: '/public/telegram.svg',
        initialization_url: '/platforms/telegram/protocols/twofactor',
        type: 'messaging',
        letter: 'T',
      },
    ]),
  )
  await ada.connectGmail()
  const after = await wallet()
  expect(after.saved_platforms.map(({ name }) => name)).toEqual(['gmail'])
  expect(after.unsaved_platforms).toHaveLength(unsaved_platforms.length - 1)
  await ada.revoke('gmail', 'oauth2')
})

test('an initialization_url is below the base path and takes a POST', async () => {
  for (const { initialization_url } of (await wallet()).unsaved_platforms) {
    const { status } = await ada.send('POST', `/v2/users/${ada.uid}${initialization_url}`, {})
    expect([200, 400]).toContain(status)
  }
})

test('each of its logos is a picture that a page of another origin may show', async () => {
  for (const { logo } of (await wallet()).unsaved_platforms) {
    const response = await world.person().send('GET', logo, undefined, { Origin: 'https://elsewhere.example' })
    expect(response.status).toBe(200)
    expect(response.headers.get('Content-Type')).toBe('image/svg+xml')
    expect(response.headers.get('Cross-Origin-Resource-Policy')).toBe('cross-origin')
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(response.headers.get('Cache-Control')).toMatch(/max-age=\d+/)
    expectWellFormed(await response.text())
  }
})

test('what is no logo may not be shown elsewhere', async () => {
  const response = await world.person().send('GET', '/v2/users/x/dashboard')
  expect(response.headers.get('Cross-Origin-Resource-Policy')).toBe('same-origin')
})

test.each([
  'nothing.svg',
  'gmail',
  'gmail.png',
  'gmail.svg.svg',
  '.svg',
  'GMAIL.svg',
  'constructor.svg',
  '%2e%2e%2fgmail.svg',
])('/public/%s is no logo', async (name) => {
  expect((await world.person().send('GET', `/public/${name}`)).status).toBe(404)
})

describe('a description', async () => {
  const [en, fr, fa, es] = await Promise.all(['en', 'fr', 'fa', 'es'].map(descriptionIn))

  test('is in another language in each', () => {
    expect(new Set([en, fr, fa, es]).size).toBe(4)
    expect(fa).toMatch(/\p{Script=Arabic}/u)
  })

  test.each([
    ['', en],
    ['*', en],
    ['de', en],
    ['fr-CA', fr],
    ['FR', fr],
    ['es-419,es;q=0.9', es],
    ['fa-IR', fa],
    ['de-DE,de;q=0.9,fr;q=0.8,en;q=0.7', fr],
    ['en;q=0.1, fr;q=0.2', fr],
    ['fr;q=0.1,en;q=0.2', en],
    ['fr;q=0, es', es],
    ['fr;q=0', en],
    ['*;q=0.1, fa;q=0.05', fa],
    ['fr;q=nonsense', fr],
    [';;;,,,=q', en],
    ['fr\u00e9', en],
    ['x'.repeat(8000), en],
    ['fr,'.repeat(2000), fr],
  ])('for Accept-Language "%s" is "%s"', async (language, description) => {
    expect(await descriptionIn(language)).toBe(description)
  })

  test('varies by Accept-Language and by Origin', async () => {
    const vary = (await ada.send('GET', path)).headers.get('Vary')
    expect(vary).toMatch(/Accept-Language/)
    expect(vary).toMatch(/Origin/)
  })

  test('is in all languages of the original server for its clients', async () => {
    const services = { ...world.services, settings: { ...world.services.settings, legacyClients: true } }
    const headers = { Cookie: ada.cookie, 'User-Agent': ada.userAgent, 'Accept-Language': 'es' }
    const response = await api.fetch(new Request(`http://api.test${path}`, { headers }), { services })
    const { unsaved_platforms } = (await response.json()) as Wallet
    expect(unsaved_platforms.find(({ name }) => name === 'gmail')?.description).toEqual({ en, fr, fa })
  })
})

/** Elements are closed in turn, attributes quoted, and no character stands bare that must not. */
function expectWellFormed(xml: string): void {
  const open: string[] = []
  const rest = xml.replace(/<(\/?)([a-z]+)((?: [\w:-]+="[^"<&]*")*)(\/?)>/gi, (_, close, name, _attributes, empty) => {
    if (close) expect(open.pop()).toBe(name)
    else if (!empty) open.push(name)
    return ''
  })
  expect(open).toEqual([])
  expect(rest).not.toMatch(/[<>&]/)
  expect(xml).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /)
}
