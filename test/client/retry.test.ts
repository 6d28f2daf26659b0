import { expect, test } from 'vitest'
import { createClient } from '../../client/src/index.ts'
import { type Scripted, scriptedServer } from './scripted-server.ts'

const soon = { 'Retry-After': '0' }
const busy: Scripted = { status: 503, headers: soon }
const limited: Scripted = { status: 429, headers: soon }
const dashboard: Scripted = { status: 200, body: '{"createdAt":"a","updatedAt":"b"}' }
const read = { user_id: 'ada' }
const login = { phone_number: '+237670000001', password: 'a passphrase' }

test('nothing is repeated unless asked for', async () => {
  const { baseUrl, received } = await scriptedServer(busy, dashboard)
  expect((await createClient({ baseUrl }).readDashboard.response(read)).status).toBe(503)
  expect(received).toEqual(['GET'])
})

test.each<[string, Scripted]>([
  ['503', busy],
  ['429', limited],
  ['502', { status: 502, body: '<html>', headers: soon }],
  ['504', { status: 504, headers: soon }],
])('a read is repeated after %s', async (_, failure) => {
  const { baseUrl, received } = await scriptedServer(failure, failure, dashboard)
  const api = createClient({ baseUrl, retry: { times: 2 } })
  expect(await api.readDashboard(read)).toEqual({ createdAt: 'a', updatedAt: 'b' })
  expect(received).toEqual(['GET', 'GET', 'GET'])
})

test('a read is repeated after a lost connection', async () => {
  const { baseUrl, received } = await scriptedServer('lost', dashboard)
  await createClient({ baseUrl, retry: { times: 1, waitSeconds: 0 } }).readDashboard(read)
  expect(received).toEqual(['GET', 'GET'])
})

test('the last failure is handed over when the tries are used up', async () => {
  const { baseUrl, received } = await scriptedServer(busy)
  const api = createClient({ baseUrl, retry: { times: 2 } })
  await expect(api.readDashboard(read)).rejects.toMatchObject({ status: 503 })
  expect(received).toHaveLength(3)
})

test('a change is repeated after 429, which says that nothing was done', async () => {
  const { baseUrl, received } = await scriptedServer(limited, { status: 200, body: '{"uid":"ada"}' })
  expect(await createClient({ baseUrl, retry: { times: 1 } }).logIn(login)).toEqual({ uid: 'ada' })
  expect(received).toEqual(['POST', 'POST'])
})

test.each<[string, Scripted]>([
  ['503', busy],
  ['a lost connection', 'lost'],
  ['409', { status: 409, headers: soon }],
])('a change is not repeated after %s', async (_, failure) => {
  const { baseUrl, received } = await scriptedServer(failure, { status: 200 })
  await expect(createClient({ baseUrl, retry: { times: 3 } }).logIn(login)).rejects.toThrow()
  expect(received).toEqual(['POST'])
})

test.each(['900', 'Wed, 21 Oct 2099 07:28:00 GMT'])('a Retry-After of %s is not waited for', async (after) => {
  const { baseUrl, received } = await scriptedServer({ status: 429, headers: { 'Retry-After': after } })
  await expect(createClient({ baseUrl, retry: { times: 3 } }).logIn(login)).rejects.toMatchObject({ status: 429 })
  expect(received).toHaveLength(1)
})

test('a signal ends a call that is under way', async () => {
  const { baseUrl, nextRequest } = await scriptedServer('silent')
  const leaving = new AbortController()
  const call = createClient({ baseUrl, retry: { times: 3 } }).readDashboard(read, { signal: leaving.signal })
  const ended = expect(call).rejects.toThrow('gone')
  await nextRequest()
  leaving.abort(new Error('gone'))
  await ended
})

test('a signal ends the wait before another try', async () => {
  const { baseUrl, received } = await scriptedServer({ status: 503, headers: { 'Retry-After': '3600' } })
  const leaving = new AbortController()
  const api = createClient({
    baseUrl,
    retry: { times: 3, longestWaitSeconds: 3600 },
    fetch: async (url, init) => {
      const response = await fetch(url, init)
      setTimeout(() => leaving.abort(new Error('gone')))
      return response
    },
  })
  await expect(api.readDashboard(read, { signal: leaving.signal })).rejects.toThrow('gone')
  expect(received).toHaveLength(1)
})

test('a call whose signal has ended is not sent', async () => {
  const { baseUrl, received } = await scriptedServer(dashboard)
  const call = createClient({ baseUrl, retry: { times: 3 } }).readDashboard(read, { signal: AbortSignal.abort() })
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  expect(received).toEqual([])
})
