import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isSignedWith, type Pairs, readOAuthHeader, signatureBase } from '../../src/sandbox/twitter/signature.ts'
import { startTwitter, type TwitterSandbox, twitterPeople } from '../../src/sandbox/twitter.ts'

describe('the signature of OAuth 1.0a', () => {
  test('has the base string of RFC 5849, 3.4.1.1', () => {
    const header = `OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", oauth_token="kkk9d7dh3k39sjv7",
      oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a",
      oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D"`
    const query = new URL('http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b').searchParams
    const parameters = [...readOAuthHeader(header), ...query, ...new URLSearchParams('c2&a3=2+q')]
    expect(signatureBase({ method: 'post', address: 'http://EXAMPLE.COM:80/request', parameters })).toBe(
      'POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D' +
        '%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1' +
        '%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7',
    )
  })

  test('is that of the examples of RFC 5849, 1.2', () => {
    const initiate = readOAuthHeader(
      `OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_signature_method="HMAC-SHA1",
        oauth_timestamp="137131200", oauth_nonce="wIjqoS", oauth_callback="http%3A%2F%2Fprinter.example.com%2Fready",
        oauth_signature="74KNZJeDHnMBp0EMJ9ZHt%2FXKycU%3D"`,
    )
    const address = 'https://photos.example.net/initiate'
    expect(isSignedWith({ method: 'POST', address, parameters: initiate }, 'kd94hf93k423kf44', '')).toBe(true)

    const photo: Pairs = [
      ...readOAuthHeader(
        `OAuth realm="Photos", oauth_consumer_key="dpf43f3p2l4k3l03", oauth_token="nnch734d00sl2jdk",
          oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131202", oauth_nonce="chapoH",
          oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D"`,
      ),
      ['file', 'vacation.jpg'],
      ['size', 'original'],
    ]
    const request = { method: 'GET', address: 'http://photos.example.net/photos', parameters: photo }
    expect(isSignedWith(request, 'kd94hf93k423kf44', 'pfkkdhi9sl3r4s00')).toBe(true)
    expect(isSignedWith({ ...request, method: 'POST' }, 'kd94hf93k423kf44', 'pfkkdhi9sl3r4s00')).toBe(false)
    expect(isSignedWith(request, 'kd94hf93k423kf44', 'another')).toBe(false)
    expect(
      isSignedWith({ ...request, parameters: [...photo, ['more', '1']] }, 'kd94hf93k423kf44', 'pfkkdhi9sl3r4s00'),
    ).toBe(false)
  })

  test("is that of the example in Twitter's documentation", () => {
    const parameters: Pairs = [
      ['status', 'Hello Ladies + Gentlemen, a signed OAuth request!'],
      ['include_entities', 'true'],
      ['oauth_consumer_key', 'xvz1evFS4wEEPTGEFPHBog'],
      ['oauth_nonce', 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg'],
      ['oauth_signature_method', 'HMAC-SHA1'],
      ['oauth_timestamp', '1318622958'],
      ['oauth_token', '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb'],
      ['oauth_version', '1.0'],
      ['oauth_signature', 'tnnArxj06cWHq44gCs1OSKk/jLY='],
    ]
    const request = { method: 'POST', address: 'https://api.twitter.com/1/statuses/update.json', parameters }
    const [client, token] = ['kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw', 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE']
    expect(isSignedWith(request, client, token)).toBe(true)
  })
})

describe('the stand-in refuses', () => {
  const clock = { now: Date.UTC(2030, 0, 1) }
  let twitter: TwitterSandbox
  beforeAll(async () => {
    twitter = await startTwitter({ now: () => clock.now, callbackUrls: ['https://app.example/back'] })
  })
  afterAll(() => twitter.close())

  /** The library signs by the machine's own clock; these requests are signed here for a clock of their own. */
  async function requestToken(changes: Record<string, string> = {}, secret = twitter.apiKeySecret) {
    const fields = {
      oauth_callback: 'https://app.example/back',
      oauth_consumer_key: twitter.apiKey,
      oauth_nonce: crypto.randomUUID(),
      oauth_signature_method: 'HMAC-SHA1',
      oauth_timestamp: String(clock.now / 1000),
      ...changes,
    }
    const base = signatureBase({
      method: 'POST',
      address: 'https://api.x.com/oauth/request_token',
      parameters: Object.entries(fields),
    })
    const bytes = (text: string) => new TextEncoder().encode(text)
    const key = await crypto.subtle.importKey('raw', bytes(`${secret}&`), { name: 'HMAC', hash: 'SHA-1' }, false, [
      'sign',
    ])
    const signature = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes(base)))))
    const pairs = Object.entries({ ...fields, oauth_signature: signature })
    const authorization = `OAuth ${pairs.map(([name, value]) => `${name}="${encodeURIComponent(value)}"`).join(', ')}`
    const answer = await fetch(`${twitter.url}/oauth/request_token`, { method: 'POST', headers: { authorization } })
    const text = await answer.text()
    return { status: answer.status, code: answer.ok ? undefined : JSON.parse(text).errors[0].code }
  }

  test('nothing that is right', async () => {
    expect(await requestToken()).toEqual({ status: 200, code: undefined })
    expect(await requestToken({ oauth_timestamp: String(clock.now / 1000 - 299) })).toMatchObject({ status: 200 })
  })

  test.for<[name: string, changes: Record<string, string>, secret: string | undefined, status: number, code: number]>([
    ['another secret', {}, 'guessed', 401, 32],
    ['another app', { oauth_consumer_key: 'another' }, undefined, 401, 32],
    ['an old timestamp', { oauth_timestamp: String(clock.now / 1000 - 301) }, undefined, 401, 135],
    ['a timestamp to come', { oauth_timestamp: String(clock.now / 1000 + 301) }, undefined, 401, 135],
    ['a timestamp that is none', { oauth_timestamp: 'today' }, undefined, 401, 135],
    ['another method of signing', { oauth_signature_method: 'PLAINTEXT' }, undefined, 400, 215],
    ['another version', { oauth_version: '2.0' }, undefined, 400, 215],
    ['a callback that is not registered', { oauth_callback: 'https://evil.example/' }, undefined, 403, 415],
  ])('%s', async ([, changes, secret, status, code]) => {
    expect(await requestToken(changes, secret)).toEqual({ status, code })
  })

  test('a nonce that was used before', async () => {
    expect(await requestToken({ oauth_nonce: 'once' })).toMatchObject({ status: 200 })
    expect(await requestToken({ oauth_nonce: 'once' })).toEqual({ status: 401, code: 32 })
  })

  test('a request without a signature', async () => {
    const answer = await fetch(`${twitter.url}/oauth/request_token`, { method: 'POST' })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toEqual({ errors: [{ code: 215, message: 'Bad Authentication data.' }] })
  })

  test('a person who comes to the consent page with a forged address, and sends nobody on', async () => {
    const right = {
      response_type: 'code',
      client_id: twitter.clientId,
      redirect_uri: 'https://app.example/back',
      scope: 'tweet.read',
      state: 's',
      code_challenge: 'c',
      code_challenge_method: 'S256',
    }
    async function agree(changes: Record<string, string>) {
      const query = new URLSearchParams({ ...right, ...changes })
      const body = new URLSearchParams({ person: twitterPeople[0].id })
      const page = `${twitter.url}/i/oauth2/authorize?${query}`
      const answer = await fetch(page, { method: 'POST', body, redirect: 'manual' })
      return { status: answer.status, goesOn: answer.headers.has('location') }
    }
    expect(await agree({})).toEqual({ status: 302, goesOn: true })
    for (const name of Object.keys(right)) {
      expect(await agree({ [name]: '' }), name).toEqual({ status: 400, goesOn: false })
    }
    expect(await agree({ redirect_uri: 'https://evil.example/' })).toEqual({ status: 400, goesOn: false })
  })
})
