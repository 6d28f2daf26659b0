import { expect, test } from 'vitest'
import { moveNumber } from '../../src/accounts/move-number.ts'
import { type Person, randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })
const hidden = await openWorld({ services: { passwords: plainPasswords }, env: { HIDE_ACCOUNTS: 'true' } })

const at = (phoneNumber: string, { uid }: Person, { person } = world) => Object.assign(person({ phoneNumber }), { uid })
const eventsOf = ({ uid }: Person) =>
  world.sql`select event, about from audit_events where user_id = ${uid} and event = 'number_change'`

test('an account with a new number is found by that, keeps its sessions, and recovers by it alone', async () => {
  const ada = await world.signedUpPerson()
  const to = randomPhoneNumber()
  expect(await moveNumber(world.services, { from: ada.phoneNumber, to: to.replace('+', '00 ') })).toBe(ada.uid)
  expect((await ada.dashboard()).status).toBe(200)
  expect((await ada.elsewhere().logIn()).status).toBe(401)
  expect((await ada.elsewhere().startRecovery()).status).toBe(401)
  const moved = at(to, ada)
  expect(await (await moved.logIn()).json()).toEqual({ uid: ada.uid })
  expect((await (await at(to, ada).recovering()).finishRecovery('a new passphrase of mine')).status).toBe(200)
  expect(world.phone.messages.at(-1)?.to).toBe(to)
  expect(await eventsOf(ada)).toEqual([{ event: 'number_change', about: 'operator' }])
  // Whoever has the old number now may sign up with it.
  expect((await world.person({ phoneNumber: ada.phoneNumber }).startSignUp()).status).toBe(200)
})

test('recoveries by the old number end, proved ones too', async () => {
  const ada = await world.signedUpPerson()
  const proved = await ada.recovering()
  const begun = ada.elsewhere()
  await begun.startRecovery()
  await moveNumber(world.services, { from: ada.phoneNumber, to: randomPhoneNumber() })
  expect((await proved.finishRecovery('a new passphrase of mine')).status).toBe(401)
  expect((await begun.sendCode()).status).toBe(401)
  expect((await ada.dashboard()).status).toBe(200)
})

test('with hidden accounts a proved recovery ends, and one that is not goes on as a decoy', async () => {
  const ada = await hidden.signedUpPerson()
  const proved = await ada.recovering()
  const begun = ada.elsewhere()
  await begun.startRecovery()
  await moveNumber(hidden.services, { from: ada.phoneNumber, to: randomPhoneNumber() })
  expect((await proved.finishRecovery('a new passphrase of mine')).status).toBe(401)
  await hidden.passTime(86_400)
  const again = ada.elsewhere()
  await again.startRecovery()
  const sent = hidden.phone.messagesTo(ada.phoneNumber).length
  expect((await again.sendCode()).status).toBe(201)
  expect(hidden.phone.messagesTo(ada.phoneNumber)).toHaveLength(sent)
})

test.each<[string, (ada: Person, bola: Person) => { from: string; to: string }, string]>([
  ['to the number of another account', (ada, bola) => ({ from: ada.phoneNumber, to: bola.phoneNumber }), 'conflict'],
  ['to its own number', (ada) => ({ from: ada.phoneNumber, to: ada.phoneNumber }), 'conflict'],
  ['to what can not receive a code', (ada) => ({ from: ada.phoneNumber, to: '+22997123456' }), 'bad_request'],
  ['that has no account', () => ({ from: randomPhoneNumber(), to: randomPhoneNumber() }), 'not_found'],
  ['that is none', () => ({ from: 'call me', to: randomPhoneNumber() }), 'not_found'],
])('a number is not moved %s', async (_, move, refusal) => {
  const [ada, bola] = [await world.signedUpPerson(), await world.signedUpPerson()]
  await expect(moveNumber(world.services, move(ada, bola))).rejects.toMatchObject({ refusal })
  expect((await ada.elsewhere().logIn()).status).toBe(200)
  expect((await bola.elsewhere().logIn()).status).toBe(200)
  expect(await eventsOf(ada)).toEqual([])
})

test('of an account that moves to a number and a sign-up with it that is finished at once, one gets it', async () => {
  const [ada, bola] = [await world.signedUpPerson(), world.person()]
  await bola.proveNumber()
  const [moved, signedUp] = await Promise.allSettled([
    moveNumber(world.services, { from: ada.phoneNumber, to: bola.phoneNumber }),
    bola.finishSignUp(),
  ])
  const finished = signedUp.status === 'fulfilled' ? signedUp.value.status : undefined
  expect([moved.status, finished]).toEqual(moved.status === 'fulfilled' ? ['fulfilled', 409] : ['rejected', 200])
})
