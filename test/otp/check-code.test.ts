import { expect, test } from 'vitest'
import { hashCode } from '../../src/otp/hash-code.ts'
import type { Session } from '../../src/sessions/session.ts'
import { codeText } from '../../src/sms/code-text.ts'
import { countStatuses, times } from '../support/count-statuses.ts'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })

/** Somebody who was sent a code. */
async function waiting(): Promise<Person> {
  const ada = world.person()
  await ada.startSignUp()
  await ada.sendCode()
  return ada
}

const enter = (person: Person, code: unknown, { cookie } = person) =>
  person.elsewhere().send('PUT', '/v2/OTP', { code }, { Cookie: cookie })
const wrong = ({ lastCode }: Person) => (lastCode === '000000' ? '000001' : '000000')

/** As if this code had been sent. */
async function giveCode(person: Person, code: string): Promise<void> {
  const [row] = await world.sql<{ id_hash: string }[]>`select id_hash from sessions where user_id = ${person.uid}`
  const session = { purpose: 'signup', idHash: row?.id_hash ?? '' } as Session
  await world.sql`update codes set code_hash = ${await hashCode(world.services, session, code)} where session_id_hash = ${session.idHash}`
}

const triesOf = async ({ uid }: Person) => {
  const [row] =
    await world.sql`select codes.tries from codes join sessions on id_hash = session_id_hash where user_id = ${uid}`
  return row?.tries
}

test('the right code moves the session to verified under a new cookie, and tells in ISO 8601 until when', async () => {
  const ada = await waiting()
  const old = { ...ada }
  const answer = await ada.enterCode()
  expect(answer.status).toBe(200)
  const { expires } = await answer.json()
  expect(expires).toBe(new Date(expires).toISOString())
  expect(Math.abs(Date.parse(expires) - Date.now() - 7_200_000)).toBeLessThan(10_000)
  expect(ada.cookie).toMatch(/^SWOB=[\w-]{43}$/)
  expect(ada.cookie).not.toBe(old.cookie)
  const finish = (cookie: string) => ada.elsewhere().send('PUT', '/v2/signup', {}, { Cookie: cookie })
  expect((await finish(old.cookie)).status).toBe(401)
  expect((await finish(ada.cookie)).status).toBe(200)
})

test('a code works once', async () => {
  const ada = await waiting()
  expect((await ada.enterCode()).status).toBe(200)
  expect((await ada.enterCode()).status).toBe(403)
  expect((await ada.finishSignUp()).status).toBe(200)
})

test('a wrong code is refused with 403, five of them kill the code, and a new one lives', async () => {
  const ada = await waiting()
  for (let attempt = 0; attempt < 4; attempt++) expect((await enter(ada, wrong(ada))).status).toBe(403)
  expect(await triesOf(ada)).toBe(4)
  expect((await enter(ada, wrong(ada))).status).toBe(403)
  expect((await enter(ada, ada.lastCode)).status).toBe(403)
  expect(await triesOf(ada)).toBe(5)
  expect((await ada.finishSignUp()).status).toBe(403)

  await world.passTime(121)
  await ada.sendCode()
  expect((await ada.enterCode()).status).toBe(200)
})

test('the right code at the fifth try is right', async () => {
  const ada = await waiting()
  for (let attempt = 0; attempt < 4; attempt++) await enter(ada, wrong(ada))
  expect((await ada.enterCode()).status).toBe(200)
})

test('fifty parallel wrong codes count exactly five tries', async () => {
  const ada = await waiting()
  expect(await countStatuses(times(50, () => enter(ada, wrong(ada))))).toEqual({ 403: 50 })
  expect(await triesOf(ada)).toBe(5)
  expect((await enter(ada, ada.lastCode)).status).toBe(403)
})

test('of twenty parallel right codes one is taken', async () => {
  const ada = await waiting()
  const counts = await countStatuses(times(20, () => enter(ada, ada.lastCode)))
  expect(counts[200]).toBe(1)
  expect((counts[401] ?? 0) + (counts[403] ?? 0)).toBe(19)
})

test('a code lives ten minutes', async () => {
  const [ada, bola] = [await waiting(), await waiting()]
  await world.passTime(590)
  expect((await ada.enterCode()).status).toBe(200)
  await world.passTime(11)
  expect((await bola.enterCode()).status).toBe(403)
})

test('a new code takes the place of the one before', async () => {
  const ada = await waiting()
  const first = ada.lastCode
  await world.passTime(121)
  await ada.sendCode()
  if (first !== ada.lastCode) expect((await enter(ada, first)).status).toBe(403)
  expect((await ada.enterCode()).status).toBe(200)
})

test('a code is of use only in its own session', async () => {
  const ada = await waiting()
  const again = ada.elsewhere()
  await again.startSignUp()
  expect((await again.enterCode(ada.lastCode)).status).toBe(403)
  await world.passTime(121)
  const first = ada.lastCode
  await again.sendCode()
  if (first !== again.lastCode) expect((await enter(again, first)).status).toBe(403)
  expect((await enter(ada, again.lastCode)).status).toBe(first === again.lastCode ? 200 : 403)
  expect((await again.enterCode()).status).toBe(200)
})

test('a code moved to another row of the database is of no use there', async () => {
  const [ada, mallory] = [await waiting(), await waiting()]
  await world.sql`
    update codes set code_hash = adas.code_hash
    from (select code_hash from codes join sessions on id_hash = session_id_hash where user_id = ${ada.uid}) as adas
    where session_id_hash = (select id_hash from sessions where user_id = ${mallory.uid})`
  expect((await enter(mallory, ada.lastCode)).status).toBe(403)
  expect((await ada.enterCode()).status).toBe(200)
})

test('there is nothing to enter without a code, without a session, or for who is signed in', async () => {
  const ada = world.person()
  await ada.startSignUp()
  expect((await ada.enterCode('123456')).status).toBe(403)
  expect((await ada.elsewhere().enterCode('123456')).status).toBe(401)
  const bola = await world.signedUpPerson()
  expect((await bola.enterCode('123456')).status).toBe(401)
})

test.each([
  ['a number that lost its leading zeros', 42],
  ['a number', 42.0],
  ['a string', '000042'],
  ['a string with spaces around', ' 000042\n'],
])('a code may be sent as %s', async (_, code) => {
  const ada = await waiting()
  await giveCode(ada, '000042')
  expect((await enter(ada, code)).status).toBe(200)
})

test.each([
  ['Persian digits, as our own SMS shows them', '\u2066۰۰۰۰۴۲\u2069'],
  ['Bengali digits', '০০০০৪২'],
  ['Devanagari digits', '००००४२'],
  ['digits of full width', '００００４２'],
  ['digits of a font that is Unicode', '𝟎𝟎𝟎𝟎𝟒𝟐'],
  ['keycaps', '0\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e34\ufe0f\u20e32\ufe0f\u20e3'],
  ['two groups', '000 042'],
  ['two groups apart by a space of no break', '000\u00a0042'],
  ['two groups apart by a dash', '000\u2013042'],
  ['two groups apart by a point', '000.042'],
  ['digits apart', '0 0 0 0 4 2'],
  ['lines', '000\r\n042'],
  ['marks of direction', '\u202a000042\u202c'],
  ['spaces of no width', '000\u200b042\ufeff'],
  ['fillers', '\u3164000042\u2800'],
  ['a point after it', '000042.'],
  ['quotes', '\u201c000042\u201d'],
  ['a label', 'Code: 000 042'],
  ['a prefix', 'G-000042'],
  ['all of the SMS', codeText({ code: '000042', purpose: 'signup', language: 'fa' })],
  ['all of the SMS', codeText({ code: '000042', purpose: 'recovery', language: 'en' })],
])('a code may be entered with %s', async (_, code) => {
  const ada = await waiting()
  await giveCode(ada, '000042')
  expect((await enter(ada, code)).status).toBe(200)
})

test('a code of six digits may be sent as a number', async () => {
  const ada = await waiting()
  await giveCode(ada, '987654')
  expect((await enter(ada, 987654)).status).toBe(200)
})

test.each([
  ...[undefined, null, '', true, 1.5, -1, 1_000_000, {}, ['123456'], '1'.repeat(33), 'x'.repeat(513)],
  ...['12345', '1234567', '123 456 7', 'abcdef', '12345b', '\u202e', '۱۲۳۴۵', '123456 654321', 'not 123456 but 654321'],
])('%j is no code, and no try', async (code) => {
  const ada = await waiting()
  expect((await enter(ada, code)).status).toBe(400)
  expect(await triesOf(ada)).toBe(0)
})
