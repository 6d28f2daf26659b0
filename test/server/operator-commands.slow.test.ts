import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { newRingKey, useKeys, withKeys, written } from '../maintenance/keys/key-rings.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { runCommand, startCommand } from '../support/run-command.ts'
import { openWorld } from '../support/world.ts'

const [older, newer] = [newRingKey('older'), newRingKey('newer')]
const world = await openWorld({ services: { passwords: plainPasswords, ...withKeys([older]) } })
const DATABASE_URL = world.databaseUrl
const both = [newer, older].map(written).join()
const env = (SECRET_KEYS: string) => ({ DATABASE_URL, SECRET_KEYS, DATA_DIR: tmpdir() })
const rotate = 'src/main/commands/rotate-keys.ts'

/** So many that a rotation takes a while. */
async function makeUsers(count: number): Promise<void> {
  const { seal, blindIndex } = world.services
  const rows = await Promise.all(
    Array.from({ length: count }, async (_, n) => {
      const id = crypto.randomUUID()
      const number = `+23769${String(n).padStart(7, '0')}`
      const place = { table: 'users', column: 'phone_number', row: id, user: id }
      return {
        id,
        phone_number_index: await blindIndex.of('phone number', number),
        phone_number_sealed: await seal.seal(number, place),
        password_hash: 'none',
      }
    }),
  )
  for (let at = 0; at < count; at += 1000) await world.sql`insert into users ${world.sql(rows.slice(at, at + 1000))}`
}

const countOf = async (id: string): Promise<number> => {
  const [row] = await world.sql`select count(*)::int as rows from users where phone_number_sealed like ${`1.${id}.%`}`
  return row?.rows
}

test('keys:rotate goes on where a kill stopped it, while people sign in; keys:check tells how far it is', async () => {
  const ada = await world.signedUpPerson()
  await makeUsers(3000)
  useKeys(world, newer, older)
  const first = startCommand(rotate, [], env(both))
  await expect.poll(() => countOf('newer'), { interval: 5 }).toBeGreaterThan(200)
  first.kill()
  expect((await first.ended()).code).toBe('SIGKILL')
  const [done, left] = [await countOf('newer'), await countOf('older')]
  expect(done + left).toBe(3001)
  expect(left).toBeGreaterThan(0)

  const check = await runCommand(rotate, ['--check'], env(both))
  expect(check.code).toBe(0)
  expect(check.output).toContain(`users.phone_number_sealed under older: ${left}\n`)
  expect(check.output).toContain('npm run keys:rotate')
  expect((await ada.elsewhere().logIn()).status).toBe(200)

  const second = await runCommand(rotate, [], env(both))
  expect(second).toMatchObject({ code: 0, complaints: '' })
  expect(second.output).toContain(
    `Re-encrypted ${left} rows with newer.\nusers.phone_number_sealed under newer: 3001\n`,
  )
  expect(second.output).toContain(
    'Nothing is encrypted with older; remove it 24 hours after newer became the first key in SECRET_KEYS.',
  )
  useKeys(world, newer)
  expect((await ada.elsewhere().logIn()).status).toBe(200)
})

test('with a key lost, it says what can not be opened and whose it is, and fails', async () => {
  const { code, output, complaints } = await runCommand(rotate, [], env(written(older)))
  expect([code, complaints]).toEqual([1, ''])
  expect(output).toContain('users.phone_number_sealed under newer: 3001, 3001 of them unreadable')
  const [line = ''] = output.split('\n').filter((one) => one.startsWith('{'))
  expect(JSON.parse(line)).toEqual({
    table: 'users',
    column: 'phone_number_sealed',
    keyId: 'newer',
    id: expect.any(String),
    userId: expect.any(String),
    why: 'its key is missing from SECRET_KEYS',
  })
  expect(await countOf('newer')).toBe(3001)
})

test('audit prints events as JSON lines; sessions lists and ends', async () => {
  const ada = await world.signedUpPerson()
  const run = (file: string, ...args: string[]) => runCommand(`src/main/commands/${file}.ts`, args, env(written(newer)))
  const lines = (output: string) =>
    output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
  const sessions = await run('list-sessions', '--user', ada.uid, '--end')
  expect(lines(sessions.output)).toEqual([
    {
      createdAt: expect.any(String),
      renewedAt: expect.any(String),
      expiresAt: expect.any(String),
      purpose: 'login',
      verified: false,
    },
  ])
  expect(sessions.output).toContain('ended: 1')
  expect((await ada.dashboard()).status).toBe(401)
  const [audit, rotations] = await Promise.all([
    run('read-audit', '--user', ada.uid, '--since', '2020-01-01'),
    run('read-audit', '--event', 'key_rotation'),
  ])
  expect(lines(audit.output).map(({ event }) => event)).toEqual(['code_check', 'signup', 'login', 'sessions_end'])
  expect(lines(rotations.output).length).toBeGreaterThan(0)

  const wrong: [file: string, ...args: string[]][] = [
    ['list-sessions', '--user', "x' or 1=1"],
    ['read-audit', '--since', 'yesterday'],
  ]
  const answers = await Promise.all(wrong.map((args) => run(...args)))
  for (const { code, output, complaints } of answers)
    expect([code, output, complaints]).toEqual([1, '', expect.stringMatching(/^The command failed: --/)])
})

test('a database that is away, or not prepared, is said so', async () => {
  const at = (url: string) => runCommand(rotate, ['--check'], { ...env(written(newer)), DATABASE_URL: url })
  const unprepared = Object.assign(new URL(DATABASE_URL), { pathname: '/postgres' }).href
  const [away, empty] = await Promise.all([at('postgres://nobody@127.0.0.1:1/none'), at(unprepared)])
  expect(away).toMatchObject({ code: 1, complaints: expect.stringContaining('ECONNREFUSED') })
  expect(empty).toMatchObject({ code: 1, complaints: expect.stringContaining('start the server once') })
})

test('numbers moves an account to another phone number, and says why it does not', async () => {
  const own = newRingKey('own')
  const world = await openWorld({ services: { passwords: plainPasswords, ...withKeys([own]) } })
  const ada = await world.signedUpPerson()
  const to = randomPhoneNumber()
  const move = (from: string) =>
    runCommand('src/main/commands/move-number.ts', ['--from', from, '--to', to], {
      ...env(written(own)),
      DATABASE_URL: world.databaseUrl,
    })
  expect(await move(ada.phoneNumber)).toMatchObject({ code: 0, output: `moved: ${ada.uid}\n`, complaints: '' })
  expect((await world.person({ phoneNumber: to }).logIn()).status).toBe(200)
  const again = await move(ada.phoneNumber)
  expect([again.code, again.output]).toEqual([1, ''])
  expect(again.complaints).toContain('no account has the old number')
})
