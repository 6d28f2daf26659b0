import { describe, expect, test } from 'vitest'
import { finishSignup } from '../../../src/accounts/finish-signup.ts'
import { createBlindIndex } from '../../../src/crypto/blind-index.ts'
import { createSeal } from '../../../src/crypto/seal.ts'
import type { Session } from '../../../src/sessions/session.ts'
import type { Person } from '../../support/person.ts'
import { connectTelegram, openWalletWorld } from '../../vault/wallet-world.ts'
import { newRingKey, useKeys } from './key-rings.ts'

const [older, newer] = [newRingKey('older'), newRingKey('newer')]

describe('between a new key and the end of its rotation', async () => {
  const world = await openWalletWorld()
  /** A server that the new SECRET_KEYS have reached, and one that already has them the other way round. */
  const rings = [
    [older, newer],
    [newer, older],
  ] as const

  test.each(['gmail', 'telegram'] as const)(
    'one %s account is saved once, whichever key it is found under',
    async (platform) => {
      const connect = (person: Person) => (platform === 'gmail' ? person.connectGmail() : connectTelegram(person))
      useKeys(world, older)
      const [first, second] = [await world.signedUpPerson(), await world.signedUpPerson()]
      expect((await connect(first)).status).toBe(200)
      useKeys(world, newer, older)
      expect((await connect(second)).status).toBe(409)
      expect((await world.stored())?.grants).toBe(1)
    },
  )

  test('two who save one account at once, on servers with the keys in either order: one 200, one 409', async () => {
    useKeys(world, older, newer)
    for (let round = 0; round < 10; round++) {
      await world.sql`truncate grants, revocations, pending_authorizations`
      const people = [await world.signedUpPerson(), await world.signedUpPerson()]
      const replies = await Promise.all(people.map((person) => person.consentAtGoogle()))
      // Each request takes the ring that stands when it begins.
      const finishing = people.map((person, at) => {
        useKeys(world, ...(rings[at % 2] ?? rings[0]))
        return person.finish('gmail', 'oauth2', replies[at] ?? {})
      })
      const statuses = (await Promise.all(finishing)).map(({ status }) => status)
      expect(statuses.sort()).toEqual([200, 409])
      expect((await world.stored())?.grants).toBe(1)
    }
  })

  test('a grant that is saved again under another key is not ended by its old revocation', async () => {
    useKeys(world, older)
    const holder = await world.signedUpPerson()
    await holder.connectGmail()
    await holder.revoke('gmail', 'oauth2')
    await holder.connectGmail()
    const grant = await world.grantOf(holder, 'gmail')
    useKeys(world, newer, older)
    await world.runJobs()
    expect(await world.isLive('gmail', grant)).toBe(true)
    expect((await world.stored())?.revocations).toBe(0)
  })

  test('of two sign-ups of one number, begun under either key, one is finished', async () => {
    for (let round = 0; round < 10; round++) {
      useKeys(world, older)
      const first = world.person()
      await first.proveNumber()
      useKeys(world, newer, older)
      const second = world.person({ phoneNumber: first.phoneNumber })
      await world.passTime(600)
      await second.proveNumber()
      const sessionOf = async ({ uid }: Person): Promise<Session> => {
        const [row] = await world.sql<{ id_hash: string }[]>`select id_hash from sessions where user_id = ${uid}`
        return {
          idHash: row?.id_hash ?? '',
          userId: uid,
          purpose: 'signup',
          phoneNumberIndex: null,
          verified: true,
          renewed: false,
          solvedCaptcha: false,
          user: null,
        }
      }
      const sessions = [await sessionOf(first), await sessionOf(second)]
      const ended = await Promise.allSettled(
        sessions.map((session, at) => {
          const ring = rings[at % 2] ?? rings[0]
          return finishSignup(
            { ...world.services, seal: createSeal(ring), blindIndex: createBlindIndex(ring) },
            session,
          )
        }),
      )
      expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const reason = ended.find((one) => one.status === 'rejected')?.reason
      expect(reason).toMatchObject({ refusal: 'conflict' })
      expect((await world.person({ phoneNumber: first.phoneNumber }).logIn()).status).toBe(200)
    }
  })

  test('a code that was sent before the new key is right after it', async () => {
    useKeys(world, older)
    const ada = world.person()
    await ada.startSignUp()
    await ada.sendCode()
    useKeys(world, newer, older)
    expect((await ada.enterCode()).status).toBe(200)
    expect((await ada.finishSignUp()).status).toBe(200)
  })

  test('a blocked account stays blocked', async () => {
    useKeys(world, older)
    const ada = await world.signedUpPerson()
    const stranger = ada.elsewhere()
    for (let n = 0; n < world.services.settings.logins.tries; n++) await stranger.logIn('a wrong passphrase')
    expect((await stranger.logIn()).status).toBe(429)
    useKeys(world, newer, older)
    expect((await stranger.logIn()).status).toBe(429)
  })
})
