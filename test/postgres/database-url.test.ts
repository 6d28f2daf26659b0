import { describe, expect, test } from 'vitest'
import { parseDatabaseUrl } from '../../src/postgres/url/parse-database-url.ts'
import { isRemote } from '../../src/postgres/url/read-hosts.ts'

const parse = parseDatabaseUrl
const hostsOf = (url: string) =>
  parse(url).hosts.map(({ host, address, port, socketPath }) => socketPath ?? `${address ?? host}|${port}`)

test.each([
  ['postgres://db.example', ['db.example|5432']],
  ['postgresql://db.example:6432/swob', ['db.example|6432']],
  ['POSTGRES://me@db.example/swob', ['db.example|5432']],
  ['postgres:///swob', ['localhost|5432']],
  ['postgres://me:secret@/swob', ['localhost|5432']],
  ['postgres://[::1]/swob', ['::1|5432']],
  ['postgres://me@[2001:db8::1]:6432/swob', ['2001:db8::1|6432']],
  ['postgres://h1:5432,h2:5433,h3/swob', ['h1|5432', 'h2|5433', 'h3|5432']],
  ['postgres://[::1]:5433,127.0.0.1:5434/swob', ['::1|5433', '127.0.0.1|5434']],
  ['postgres:///swob?host=h1,h2&port=6000,6001', ['h1|6000', 'h2|6001']],
  ['postgres:///swob?host=h1,h2&port=6000', ['h1|6000', 'h2|6000']],
  ['postgres:///swob?host=/run/postgresql', ['/run/postgresql/.s.PGSQL.5432']],
  [
    'postgres://localhost:6000/swob?host=/cloudsql/project:region:name',
    ['/cloudsql/project:region:name/.s.PGSQL.6000'],
  ],
  ['postgres://me@%2Frun%2Fpostgresql/swob', ['/run/postgresql/.s.PGSQL.5432']],
  ['postgres://me@%2Frun%2Fpostgresql:6000,h2/swob', ['/run/postgresql/.s.PGSQL.6000', 'h2|5432']],
  ['postgres://db.example/swob?hostaddr=192.0.2.1', ['192.0.2.1|5432']],
])('%s is read as libpq reads it', (url, hosts) => {
  expect(hostsOf(url)).toEqual(hosts)
})

test('user, password and database may hold anything that is percent-encoded, or stand among the parameters', () => {
  expect(parse('postgres://ada%40home:p%2Fa%3Fs%23s%25%3A@h/a%2Fb')).toMatchObject({
    user: 'ada@home',
    password: 'p/a?s#s%:',
    database: 'a/b',
  })
  expect(parse('postgres://h/?user=ada&password=a%20b&dbname=c')).toMatchObject({
    user: 'ada',
    password: 'a b',
    database: 'c',
  })
  expect(parse('postgres://me:a:b@h/c')).toMatchObject({ user: 'me', password: 'a:b' })
  expect(parse('postgres://me:a@b@h/c')).toMatchObject({ password: 'a@b', hosts: [{ host: 'h', port: 5432 }] })
  expect(parse('postgres://h')).not.toHaveProperty('password')
})

test.each(['pa/ss', 'pa#ss', 'pa?ss', 'pa?s=s', 'pa?sslmode=s&s=', 'pa%ss', '1/ss', '1?ss', 'a@b/c', '%zz', 'p%00'])(
  'a password such as %s makes the error say what to encode, and not the password',
  (password) => {
    const message = /^is not a connection URL: percent-encode the reserved characters in its user name and password/
    expect(() => parse(`postgres://me:${password}@db.example:5432/swob`)).toThrow(message)
    try {
      parse(`postgres://me:${password}@db.example:5432/swob`)
    } catch (error) {
      expect(String(error)).not.toContain(password)
    }
  },
)

test.each([
  ['mysql://db.example/swob', 'must be a postgres:// URL'],
  ['db.example', 'must be a postgres:// URL'],
  ['postgres://h:0/swob', 'has an invalid port; expected 1 to 65535'],
  ['postgres://h:http/swob', 'has an invalid port; expected 1 to 65535'],
  ['postgres://::1:5432/swob', 'has an IPv6 address without brackets; write [::1]:5432'],
  ['postgres:///swob?host=h1,h2,h3&port=1,2', 'must have as many ports as hosts'],
  ['postgres:///swob?host=h1,h2&hostaddr=192.0.2.1', 'must have as many addresses (hostaddr) as hosts'],
  ['postgres://h/swob?sslmode=sometimes', 'has an unknown sslmode: it must be one of disable, allow, prefer'],
  ['postgres://h/swob?target_session_attrs=standby', 'it must be one of any, read-write, primary'],
  ['postgres://h/swob?connect_timeout=soon', 'has a connect_timeout that is not a number of seconds'],
  ['postgres://h/swob?gssencmode=require', 'has gssencmode=require, which is not supported'],
  ['postgres://h/swob?service=mine', 'has service, which is not supported'],
])('%s is refused: %s', (url, message) => {
  expect(() => parse(url)).toThrow(message)
})

describe('sslmode', () => {
  const modeOf = (parameters: string, host = 'db.example') => parse(`postgres://${host}/swob?${parameters}`).tls.mode

  test.each(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'])('%s is known', (mode) => {
    expect(parse(`postgres://db.example/swob?sslmode=${mode}`)).toMatchObject({
      tls: { mode, isChosen: true },
      warnings: [],
    })
  })

  test.each([
    ['', 'prefer'],
    ['ssl=true', 'verify-full'],
    ['ssl=0', 'disable'],
    ['sslmode=no-verify', 'require'],
    ['requiressl=1', 'require'],
    ['sslrootcert=/ca.pem', 'verify-ca'],
    ['sslmode=require&sslrootcert=/ca.pem', 'verify-ca'],
    ['sslmode=prefer&sslrootcert=/ca.pem', 'prefer'],
    ['sslmode=verify-full&sslrootcert=/ca.pem', 'verify-full'],
    ['sslrootcert=system', 'verify-full'],
    ['sslmode=require&sslrootcert=system', 'verify-full'],
  ])('%s means %s', (parameters, mode) => {
    expect(modeOf(parameters)).toBe(mode)
  })

  test.each(['localhost', '127.0.0.1', '[::1]', '%2Frun%2Fpostgresql'])(
    'without one no encryption is asked for at %s, and nothing is said',
    (host) => {
      expect(parse(`postgres://${host}/swob`)).toMatchObject({
        tls: { mode: 'disable', isChosen: false },
        warnings: [],
      })
    },
  )

  test.each(['db.example', '10.0.0.1', 'database', 'localhost,db.example'])(
    'without one there is a warning for the remote %s',
    (host) => {
      const { warnings, hosts } = parse(`postgres://me:hidden@${host}/swob`)
      expect(hosts.some(isRemote)).toBe(true)
      expect(warnings).toEqual([expect.stringContaining('names a remote host without sslmode')])
    },
  )
})

describe('parameters', () => {
  const quiet = (parameters: string) => parse(`postgres://localhost/swob?${parameters}`)

  test.each([
    'channel_binding=prefer&sslmode=require',
    'connect_timeout=10&keepalives=1&keepalives_idle=30&keepalives_interval=10&keepalives_count=3&tcp_user_timeout=1000',
    'gssencmode=disable&krbsrvname=postgres&sslcompression=0&sslsni=1&sslnegotiation=postgres',
    'target_session_attrs=read-write&load_balance_hosts=random&client_encoding=utf8&fallback_application_name=x',
    'pgbouncer=true&connection_limit=1&schema=public&pool_timeout=0&sslaccept=strict&statement_cache_size=0',
    'prepareThreshold=0&prepare_threshold=0&currentSchema=public&ApplicationName=x&supa=base-pooler.x',
    'uselibpqcompat=true&workaround=supabase-pooler.vercel&serverVersion=16&charset=utf8&pool_max_conns=10',
    'TimeZone=Asia/Tehran&DateStyle=German&default_transaction_isolation=serializable',
  ])('%s: nothing of it reaches the server as a setting', (parameters) => {
    expect(quiet(parameters)).toMatchObject({ serverSettings: {}, warnings: [] })
  })

  test('what Postgres knows as a setting is sent to it', () => {
    const url =
      'search_path=mine&statement_timeout=5000&app.tenant=a&enable_seqscan=off&options=-c%20jit%3Doff+-c+geqo=off'
    expect(quiet(url).serverSettings).toEqual({
      search_path: 'mine',
      statement_timeout: '5000',
      'app.tenant': 'a',
      enable_seqscan: 'off',
      options: '-c jit=off -c geqo=off',
    })
  })

  test('of what nobody knows the name is told', () => {
    expect(quiet('shoe_size=42')).toMatchObject({
      serverSettings: {},
      warnings: ['has an unknown parameter, which is ignored: shoe_size'],
    })
  })

  test('what cannot be enforced is told', () => {
    expect(quiet('channel_binding=require&sslmode=require').warnings).toEqual([
      'has channel_binding=require, which this server cannot enforce: sslmode=verify-full protects against man-in-the-middle attacks',
    ])
    expect(quiet('require_auth=scram-sha-256').warnings).toHaveLength(1)
  })

  test('what is read for what it says', () => {
    const files = 'sslrootcert=/ca&sslcert=/crt&sslkey=/key&sslpassword=p&sslcrl=/crl&ssl_min_protocol_version=TLSv1.3'
    expect(quiet(`sslmode=verify-full&${files}&sslsni=0&sslnegotiation=direct`).tls).toEqual({
      ...{ mode: 'verify-full', isChosen: true, isDirect: true, sendsServerName: false, rootCertificate: '/ca' },
      ...{ certificate: '/crt', key: '/key', keyPassphrase: 'p', revocationList: '/crl', minVersion: 'TLSv1.3' },
    })
    expect(quiet('connect_timeout=7&keepalives_idle=30&application_name=mine')).toMatchObject({
      ...{ connectTimeout: 7, keepAlive: 30, applicationName: 'mine', role: 'any' },
    })
    expect(quiet('keepalives=0&connect_timeout=0')).toMatchObject({ keepAlive: 0 })
    expect(quiet('target_session_attrs=read-write').role).toBe('primary')
    expect(quiet('target_session_attrs=primary').role).toBe('primary')
    expect(quiet('load_balance_hosts=random').isShuffled).toBe(true)
  })
})
