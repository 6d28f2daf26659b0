import { expect } from 'vitest'
import { type Action, type Choice, chosen, passwordFor, revoke } from './action.ts'
import { begin, end, endAll, sessionFor, type Walk, type WalkWorld } from './walk.ts'
import { walletActions } from './wallet-actions.ts'

const nobody = '00000000-0000-4000-8000-000000000000'

/** Does it, and compares the answer and the database with what must be. The answer's status. */
export async function runAction(action: Action, walk: Walk, world: WalkWorld, choice: Choice): Promise<number> {
  const browser = walk.browsers[choice.browser] ?? expect.fail()
  const user = walk.users[choice.user] ?? expect.fail()
  const uid = (choice.path === 0 ? browser.session?.uid : walk.users[choice.path - 1]?.uid) ?? nobody
  const send: Parameters<Action>[0]['send'] = (method, path, body) => browser.person.send(method, `/v2/${path}`, body)
  const { response, expected, cookie = false } = await action({ walk, world, choice, browser, user, uid, send })
  expect([response.status, response.headers.has('Set-Cookie')]).toEqual([expected, expected < 300 && cookie])
  await world.expectStored(walk)
  return response.status
}

const logIn: Action = async ({ walk, choice, browser, user, send }) => {
  const password = passwordFor(walk, choice.user, choice.password)
  const response = await send('POST', 'login', { phone_number: user.phoneNumber, password })
  const expected = user.uid && user.password === password ? 200 : 401
  if (expected === 200) await begin(walk, browser, response, { purpose: 'login', about: choice.user, password })
  return { response, expected, cookie: true }
}

/** Each operation, and two things that a thief would try. */
export const actions = {
  startSignup: async ({ walk, choice, browser, user, send }) => {
    const password = chosen(choice)
    const response = await send('POST', 'signup', { phone_number: user.phoneNumber, password })
    const expected = user.uid ? 409 : 200
    const { session } = browser
    const goesOn = session?.purpose === 'signup' && session.about === choice.user && session.password === password
    if (expected === 200 && goesOn) expect(await response.json()).toEqual({ uid: session.uid })
    else if (expected === 200) await begin(walk, browser, response, { purpose: 'signup', about: choice.user, password })
    return { response, expected, cookie: true }
  },

  finishSignup: async ({ walk, browser, send }) => {
    const response = await send('PUT', 'signup')
    const session = sessionFor(browser)
    const user = walk.users[session?.about ?? 0]
    if (!session || !user) return { response, expected: 401 }
    if (session.purpose !== 'signup' || !session.verified) return { response, expected: 403 }
    end(walk, browser)
    if (user.uid) return { response, expected: 409 }
    Object.assign(user, { uid: session.uid, password: session.password })
    return { response, expected: 200, cookie: true }
  },

  logIn,

  verifyUser: async ({ walk, choice, browser, uid, send }) => {
    const about = walk.users.findIndex((user) => user.uid === uid)
    const password = passwordFor(walk, Math.max(0, about), choice.password)
    const response = await send('POST', `users/${uid}/verify`, { password })
    const expected = walk.users[about]?.password === password ? 200 : 401
    if (expected === 200) await begin(walk, browser, response, { purpose: 'login', about, password })
    return { response, expected, cookie: true }
  },

  logOut: async ({ walk, browser, uid, send }) => {
    const response = await send('POST', `users/${uid}/logout`)
    if (!sessionFor(browser, uid)) return { response, expected: 401 }
    end(walk, browser)
    return { response, expected: 200, cookie: true }
  },

  sendCode: async ({ world, choice, browser, user, uid, send }) => {
    const response = await send('POST', `users/${uid}/OTP`, { phone_number: user.phoneNumber })
    const session = sessionFor(browser, uid, ['signup', 'recovery'])
    if (session?.about !== choice.user) return { response, expected: 401 }
    if (session.verified) return { response, expected: 409 }
    session.code = world.lastCodeTo(user.phoneNumber)
    return { response, expected: 201 }
  },

  checkCode: async ({ walk, choice, browser, send }) => {
    const code = walk.browsers[(choice.browser + choice.from) % 4]?.session?.code ?? '000000'
    const response = await send('PUT', 'OTP', { code })
    const session = sessionFor(browser, undefined, ['signup', 'recovery'])
    if (!session) return { response, expected: 401 }
    if (session.code !== code) return { response, expected: 403 }
    delete session.code
    walk.deadCookies.push(session.cookie)
    Object.assign(session, { verified: true, cookie: browser.person.cookie })
    return { response, expected: 200, cookie: true }
  },

  changePassword: async ({ walk, choice, browser, uid, send }) => {
    const session = sessionFor(browser, uid, ['login'])
    const password = passwordFor(walk, session?.about ?? choice.user, choice.password)
    const response = await send('POST', `users/${uid}/password`, { password, new_password: chosen(choice) })
    const user = session && walk.users[session.about]
    if (!user) return { response, expected: 401 }
    if (user.password !== password) return { response, expected: 403 }
    user.password = chosen(choice)
    endAll(walk, uid, browser)
    return { response, expected: 200 }
  },

  startRecovery: async ({ walk, choice, browser, user, send }) => {
    const response = await send('POST', 'recovery', { phone_number: user.phoneNumber })
    if (!user.uid) return { response, expected: 401 }
    await begin(walk, browser, response, { purpose: 'recovery', about: choice.user, password: '' })
    return { response, expected: 200, cookie: true }
  },

  finishRecovery: async ({ walk, choice, browser, uid, send }) => {
    const response = await send('PUT', `users/${uid}/recovery`, { new_password: chosen(choice) })
    const session = sessionFor(browser, uid)
    const user = session && walk.users[session.about]
    if (!user) return { response, expected: 401 }
    if (session.purpose !== 'recovery' || !session.verified) return { response, expected: 403 }
    user.password = chosen(choice)
    endAll(walk, uid)
    revoke(walk, user)
    return { response, expected: 200, cookie: true }
  },

  deleteUser: async ({ walk, choice, browser, uid, send }) => {
    const session = sessionFor(browser, uid, ['login'])
    const password = passwordFor(walk, session?.about ?? choice.user, choice.password)
    const response = await send('DELETE', `users/${uid}`, { password })
    const user = session && walk.users[session.about]
    if (!user) return { response, expected: 401 }
    if (user.password !== password) return { response, expected: 403 }
    endAll(walk, uid)
    revoke(walk, user)
    delete user.uid
    return { response, expected: 200, cookie: true }
  },

  readDashboard: async ({ browser, uid, send }) => {
    const response = await send('GET', `users/${uid}/dashboard`)
    return { response, expected: sessionFor(browser, uid, ['login']) ? 200 : 401 }
  },

  listPlatforms: async ({ walk, browser, uid, send }) => {
    const response = await send('GET', `users/${uid}/platforms`)
    const session = sessionFor(browser, uid, ['login'])
    if (!session) return { response, expected: 401 }
    const { saved_platforms } = (await response.json()) as { saved_platforms: { name: string }[] }
    expect(saved_platforms.map(({ name }) => name)).toEqual(walk.users[session.about]?.google ? ['gmail'] : [])
    return { response, expected: 200 }
  },

  ...walletActions,
} satisfies Record<string, Action>
