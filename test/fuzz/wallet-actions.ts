import { consent } from '../support/google-consent.ts'
import { type Action, passwordFor, revoke } from './action.ts'
import { sessionFor } from './walk.ts'

const googlePeople = ['ada@example.com', 'bola@example.com']
const gmail = 'platforms/gmail/protocols/oauth2'

/** Each operation of the wallet, and two things that a thief would try. */
export const walletActions = {
  startGrant: async ({ browser, uid, send }) => {
    const response = await send('POST', `users/${uid}/${gmail}`, {})
    const session = sessionFor(browser, uid, ['login'])
    if (!session) return { response, expected: 401 }
    session.consent = ((await response.json()) as { url: string }).url
    return { response, expected: 200 }
  },

  finishGrant: async ({ walk, choice, browser, uid, send }) => {
    const url = walk.browsers[(choice.browser + choice.from) % 4]?.session?.consent
    const google = googlePeople[choice.google] ?? ''
    // Without the state: the code alone must not do for another's authorization.
    const code = url ? (await consent(url, { person: google })).code : 'made up'
    const response = await send('PUT', `users/${uid}/${gmail}`, { code })
    const session = sessionFor(browser, uid, ['login'])
    const user = session && walk.users[session.about]
    if (!user) return { response, expected: 401 }
    if (!session.consent) return { response, expected: user.google ? 409 : 403 }
    const isOwn = url === session.consent
    delete session.consent
    if (!isOwn) return { response, expected: 403 }
    if (walk.users.some((other) => other.google === google) || user.google) {
      // What the attempt got is a job's to end, which finds that the account is saved.
      walk.revocations++
      return { response, expected: 409 }
    }
    user.google = google
    return { response, expected: 200 }
  },

  takeGrantStep: async ({ browser, uid, send }) => {
    const response = await send('PUT', `users/${uid}/${gmail}/register`, { first_name: 'Ada' })
    return { response, expected: sessionFor(browser, uid, ['login']) ? 404 : 401 }
  },

  revokeGrant: async ({ walk, choice, browser, uid, send }) => {
    const session = sessionFor(browser, uid, ['login'])
    const password = passwordFor(walk, session?.about ?? choice.user, choice.password)
    const response = await send('DELETE', `users/${uid}/${gmail}`, { password })
    const user = session && walk.users[session.about]
    if (!user) return { response, expected: 401 }
    if (user.password !== password) return { response, expected: 403 }
    if (!user.google) return { response, expected: 404 }
    revoke(walk, user)
    return { response, expected: 200 }
  },

  replay: async ({ walk, choice, browser: { person }, uid }) => {
    const cookie = walk.deadCookies.at(-1 - choice.from) ?? 'SWOB='
    const headers = { Cookie: cookie, 'User-Agent': person.userAgent }
    return {
      response: await person.elsewhere().send('GET', `/v2/users/${uid}/dashboard`, undefined, headers),
      expected: 401,
    }
  },

  steal: async ({ browser: { person }, uid }) => {
    const thief = person.elsewhere({ userAgent: 'Thief/1.0' })
    return {
      response: await thief.send('GET', `/v2/users/${uid}/dashboard`, undefined, { Cookie: person.cookie }),
      expected: 401,
    }
  },
} satisfies Record<string, Action>
