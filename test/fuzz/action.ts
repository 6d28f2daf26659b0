import type { Walk, WalkWorld } from './walk.ts'

/** Who does it, and with what: small numbers, so that a walk shrinks to the plainest. */
export type Choice = {
  /** Which of the four browsers. */
  browser: number
  /** Whose number, of two. */
  user: number
  /** 0: the session's own uid; else the uid of a user's account. */
  path: number
  /** 0: of the account that is meant; 1: of the other user; 2: nobody's. */
  password: number
  /** Which browser's code: 0 its own; else another's. */
  from: number
  /** As which of two people at Google. */
  google: number
  newPassword: number
}

type ActionInput = {
  walk: Walk
  world: WalkWorld
  choice: Choice
  browser: Walk['browsers'][number]
  user: Walk['users'][number]
  /** In the path. */
  uid: string
  send: (method: string, path: string, body?: unknown) => Promise<Response>
}
/** `cookie`: a success of it sets or deletes one. */
type ActionResult = { response: Response; expected: number; cookie?: true }
export type Action = (input: ActionInput) => Promise<ActionResult>

export const chosen = ({ newPassword }: Choice): string => `another passphrase ${newPassword}`

export const passwordFor = (walk: Walk, about: number, which: number): string =>
  (which === 2 ? undefined : walk.users[which === 0 ? about : 1 - about]?.password) ?? 'not the password'

/** Takes a user's only grant out of the wallet. */
export function revoke(walk: Walk, user: Walk['users'][number]): void {
  if (user.google) walk.revocations++
  delete user.google
}
