import { expect, test } from 'vitest'
import { logos } from '../../src/api/logos.ts'
import { readConfig } from '../../src/config/config.ts'
import { openPlatforms } from '../../src/platforms/open-platforms.ts'

const settings = {
  MASTODON_BASE_URL: 'https://mastodon.social',
  MASTODON_CLIENT_ID: 'id',
  MASTODON_CLIENT_SECRET: 'secret',
}

function platformsWith(env: Record<string, string>) {
  const config = readConfig(env)
  return openPlatforms(config.platforms, config)
}

test('Mastodon is listed only when it is configured', () => {
  expect(platformsWith({}).has('mastodon')).toBe(false)
  expect(platformsWith({ TWITTER_CLIENT_ID: 'id', TWITTER_CLIENT_SECRET: 'secret' }).has('mastodon')).toBe(false)
  const platforms = platformsWith(settings)
  expect([...platforms.keys()]).toEqual(['mastodon'])
  expect(platforms.get('mastodon')).toMatchObject({ protocol: 'oauth2', type: 'text', letter: 'm' })
  expect(logos.get('mastodon')).toContain('<title>Mastodon</title>')
})

test('every platform has a logo of its own and a text in each language', () => {
  const all = platformsWith({
    ...settings,
    GOOGLE_CLIENT_ID: 'id',
    GOOGLE_CLIENT_SECRET: 'secret',
    TWITTER_CLIENT_ID: 'id',
    TWITTER_CLIENT_SECRET: 'secret',
    TELEGRAM_API_ID: '1',
    TELEGRAM_API_HASH: 'hash',
  })
  expect([...all.keys()].toSorted()).toEqual([...logos.keys()].toSorted())
  expect(new Set(logos.values()).size).toBe(logos.size)
  expect(new Set([...all.values()].map(({ letter }) => letter)).size).toBe(all.size)
  for (const { descriptions } of all.values()) {
    expect(Object.keys(descriptions).toSorted()).toEqual(['en', 'es', 'fa', 'fr'])
  }
})
