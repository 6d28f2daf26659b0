import { expect, test } from 'vitest'
import type { Person } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld, type World } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })
const hidden = await openWorld({ services: { passwords: plainPasswords }, env: { HIDE_ACCOUNTS: 'true' } })

let last = 0
/** As Benin's numbers were until November 2024, when each got two digits more. */
const oldNumber = () => `+229971${String(++last).padStart(5, '0')}`

/** Somebody whose account is as old as the number's form. */
async function signedUpWith(phoneNumber: string, { services, sql, signedUpPerson, person } = world): Promise<Person> {
  const { uid } = await signedUpPerson()
  const sealed = await services.seal.seal(phoneNumber, { table: 'users', column: 'phone_number', row: uid, user: uid })
  const index = await services.blindIndex.of('phone number', phoneNumber)
  await sql`update users set phone_number_index = ${index}, phone_number_sealed = ${sealed} where id = ${uid}`
  return Object.assign(person({ phoneNumber }), { uid })
}

test('who signed up before the numbering plan changed signs in, by number and by uid, and deletes the account', async () => {
  const ada = await signedUpWith(oldNumber())
  expect((await ada.logIn()).status).toBe(200)
  expect((await ada.elsewhere().verify()).status).toBe(200)
  expect((await ada.logIn('wrong')).status).toBe(401)
  const typed = ada.phoneNumber.replace('+', '00').replace(/(\d\d)$/, ' $1')
  const body = { phone_number: typed, password: ada.password }
  expect((await ada.elsewhere().send('POST', '/v2/login', body)).status).toBe(200)
  expect((await ada.deleteAccount()).status).toBe(200)
  expect((await ada.elsewhere().logIn()).status).toBe(401)
})

test.each<[string, World]>([
  ['', world],
  [', with hidden accounts', hidden],
])('the code of a recovery goes to the number as it is stored%s', async (_, at) => {
  const ada = await signedUpWith(oldNumber(), at)
  const browser = ada.elsewhere()
  expect((await browser.startRecovery()).status).toBe(200)
  const sent = await browser.send('POST', `/v2/users/${browser.uid}/OTP`, {
    phone_number: ada.phoneNumber.replace('+', '00'),
  })
  expect(sent.status).toBe(201)
  expect(at.phone.messages.at(-1)?.to).toBe(ada.phoneNumber)
  expect((await browser.enterCode()).status).toBe(200)
  expect((await browser.finishRecovery('a new passphrase of mine')).status).toBe(200)
  expect((await ada.logIn('a new passphrase of mine')).status).toBe(200)
})

/** Argentina's mobile numbers as they are dialled at home, and as they are called from abroad: both mean the same today. */
const forms = () => {
  const own = String(++last).padStart(5, '0')
  return { old: `+541115234${own}`, today: `+54911234${own}` }
}

test("an account under an old form of a number is recovered in that form, and the code may be asked for in today's", async () => {
  const { old, today } = forms()
  const browser = (await signedUpWith(old)).elsewhere()
  expect((await browser.startRecovery()).status).toBe(200)
  Object.assign(browser, { phoneNumber: today })
  expect((await browser.sendCode()).status).toBe(201)
  expect(world.phone.messages.at(-1)?.to).toBe(today)
  expect((await browser.enterCode()).status).toBe(200)
  expect((await browser.finishRecovery('a new passphrase of mine')).status).toBe(200)
})

test('with hidden accounts, whichever forms a stranger uses, one under an old form is answered as none', async () => {
  const pairs = (['old', 'today'] as const).flatMap((begun) =>
    (['old', 'today'] as const).map((asked) => [begun, asked] as const),
  )
  for (const [begun, asked] of pairs) {
    const answers = async (numbers: ReturnType<typeof forms>) => {
      const stranger = hidden.person({ phoneNumber: numbers[begun] })
      const statuses = [(await stranger.startRecovery()).status]
      Object.assign(stranger, { phoneNumber: numbers[asked] })
      return [...statuses, (await stranger.sendCode()).status, (await stranger.sendCode()).status]
    }
    const theirs = forms()
    await signedUpWith(theirs.old, hidden)
    expect([begun, asked, await answers(theirs)]).toEqual([begun, asked, await answers(forms())])
  }
})

test('nobody signs up with a number that is none today', async () => {
  expect((await world.person({ phoneNumber: oldNumber() }).startSignUp()).status).toBe(400)
})

test('a number that nobody has is answered as any other, and what is no number at all is counted nowhere', async () => {
  const nobody = world.person({ phoneNumber: oldNumber() })
  for (let attempt = 0; attempt < 5; attempt++) expect((await nobody.logIn()).status).toBe(401)
  expect((await nobody.logIn()).status).toBe(429)
  expect((await nobody.startRecovery()).status).toBe(401)
  const rows = async () => {
    const [{ tries } = { tries: 0 }] = await world.sql`select count(*)::int as tries from password_tries`
    const [{ events } = { events: 0 }] = await world.sql`select count(*)::int as events from audit_events`
    return { tries, events }
  }
  const before = await rows()
  for (const phone_number of ['call me', '12', '+', '*123#', `+${'1'.repeat(16)}`]) {
    expect((await nobody.send('POST', '/v2/login', { phone_number, password: 'x' })).status).toBe(400)
    expect((await nobody.send('POST', '/v2/recovery', { phone_number })).status).toBe(400)
  }
  expect(await rows()).toEqual(before)
})

test('of two accounts the one is meant whose number is exactly what was typed', async () => {
  const exact = await signedUpWith('+4402079460958')
  const meant = await signedUpWith('+442079460958')
  expect(await (await exact.logIn()).json()).toEqual({ uid: exact.uid })
  expect(await (await meant.logIn()).json()).toEqual({ uid: meant.uid })
})
