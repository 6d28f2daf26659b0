import { expect, test } from 'vitest'
import { cookieJar } from '../../client/src/index.ts'

const api = 'https://api.test/v2/login'

test('a jar keeps the last value of each cookie', () => {
  const jar = cookieJar()
  jar.write(api, ['SWOB=a=b==; Max-Age=7200; Path=/; HttpOnly; SameSite=Lax', 'other=1'])
  jar.write(api, ['SWOB=second; Max-Age=7200'])
  expect(jar.read('https://api.test/v2/users')).toBe('SWOB=second; other=1')
})

test('a jar keeps a value whole, whatever it has in it', () => {
  const jar = cookieJar()
  jar.write(api, ['SWOB=a=b==; Path=/'])
  expect(jar.read(api)).toBe('SWOB=a=b==')
})

test.each(['SWOB=; Max-Age=0', 'SWOB=x; max-age=-1', 'SWOB=; Expires=Thu, 01 Jan 1970 00:00:01 GMT'])(
  '%s deletes',
  (line) => {
    const jar = cookieJar()
    jar.write(api, ['SWOB=a'])
    jar.write(api, [line])
    expect(jar.read(api)).toBe('')
  },
)

test('Max-Age wins over Expires', () => {
  const jar = cookieJar()
  jar.write(api, ['SWOB=a; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60'])
  expect(jar.read(api)).toBe('SWOB=a')
})

test.each(['https://other.test/', 'http://api.test/', 'https://api.test:444/'])('%s is another origin', (url) => {
  const jar = cookieJar()
  jar.write(api, ['SWOB=a'])
  expect(jar.read(url)).toBe('')
})

test.each([
  ['http://api.test/', ''],
  ['http://localhost.test/', ''],
  ['http://localhost:9000/', 'SWOB=a'],
  ['http://127.0.0.1:9000/', 'SWOB=a'],
  ['http://[::1]:9000/', 'SWOB=a'],
])('a Secure cookie of %s is sent as %j', (url, sent) => {
  const jar = cookieJar()
  jar.write(url, ['SWOB=a; Secure'])
  expect(jar.read(url)).toBe(sent)
})
