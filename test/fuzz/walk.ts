import { expect } from 'vitest'
import { type Person, randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { openWorld } from '../support/world.ts'
import { noLimits } from './no-limits.ts'

export type Session = {
  cookie: string
  uid: string
  purpose: 'signup' | 'recovery' | 'login'
  /** Whose number or account it is about. */
  about: number
  verified: boolean
  /** Chosen at a sign-up. */
  password: string
  /** The live code, where one was sent. */
  code?: string
  /** Google's consent page, where saving Gmail was begun. */
  consent?: string
}

type User = { phoneNumber: string; uid?: string; password: string; google?: string }
type Browser = { person: Person; session?: Session }

/** What must be true at a point of a walk: two users with two browsers each, of which any may be used by either. */
export type Walk = { users: User[]; browsers: Browser[]; deadCookies: string[]; revocations: number }

export async function openWalkWorld() {
  const world = await openWorld({ sandbox: true, env: noLimits, services: { passwords: plainPasswords } })
  // No setting is for it: nobody waits.
  world.services.settings.codes.resendWaits = [0]
  const { sql } = world

  return {
    /** Empties the database, so that it holds this walk and nothing else. */
    async begin(): Promise<Walk> {
      await sql`truncate users, signups, sessions, grants, pending_authorizations, revocations cascade`
      const users = [0, 1].map((user) => ({
        phoneNumber: randomPhoneNumber(),
        password: `the first passphrase of ${user}`,
      }))
      const browsers = [0, 0, 1, 1].map((user) => ({ person: world.person(users[user]) }))
      return { users, browsers, deadCookies: [], revocations: 0 }
    },
    lastCodeTo: (phoneNumber: string) => world.phone.lastCodeTo(phoneNumber),
    /** What the database holds is what the walk says, and no more. */
    async expectStored({ users, browsers, revocations }: Walk): Promise<void> {
      const [row] = await sql<{ stored: unknown }[]>`select json_build_object(
        'users', (select coalesce(json_agg(id order by id), '[]') from users),
        'sessions', (select coalesce(json_agg(shown order by shown), '[]') from (
          select concat_ws(' ', user_id, purpose, verified_at is not null) collate "C" as shown from sessions) as all_sessions),
        'grants', (select coalesce(json_agg(user_id order by user_id), '[]') from grants),
        'pending', (select coalesce(json_agg(user_id order by user_id), '[]') from pending_authorizations),
        'revocations', (select count(*) from revocations)) as stored`
      const sessions = browsers.flatMap(({ session }) => session ?? [])
      expect(row?.stored).toEqual({
        users: users.flatMap(({ uid }) => uid ?? []).sort(),
        sessions: sessions.map(({ uid, purpose, verified }) => `${uid} ${purpose} ${verified ? 't' : 'f'}`).sort(),
        grants: users.flatMap(({ uid, google }) => (uid && google ? uid : [])).sort(),
        pending: sessions.flatMap(({ uid, consent }) => (consent ? uid : [])).sort(),
        revocations,
      })
    },
  }
}

export type WalkWorld = Awaited<ReturnType<typeof openWalkWorld>>

/** The session that a request of this kind may use; without one the answer is 401. */
export function sessionFor(
  { session }: Browser,
  uid?: string,
  purposes?: readonly Session['purpose'][],
): Session | undefined {
  if (!session || (uid !== undefined && uid !== session.uid)) return undefined
  return !purposes || purposes.includes(session.purpose) ? session : undefined
}

/** The session ends on the server; the browser may still send its cookie. */
export function end({ deadCookies }: Walk, browser: Browser): void {
  if (browser.session) deadCookies.push(browser.session.cookie)
  delete browser.session
}

/** All sessions of an account, but for one browser's. */
export function endAll(walk: Walk, uid: string, except?: Browser): void {
  for (const browser of walk.browsers) if (browser !== except && browser.session?.uid === uid) end(walk, browser)
}

/** What an answer that opens a session opens; the one it replaces ends. */
export async function begin(
  walk: Walk,
  browser: Browser,
  response: Response,
  opened: Pick<Session, 'purpose' | 'about' | 'password'>,
) {
  end(walk, browser)
  const { uid } = (await response.json()) as { uid: string }
  browser.session = { ...opened, uid, cookie: browser.person.cookie, verified: false }
}
