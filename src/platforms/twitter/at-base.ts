import type { Transport } from '../oauth/send.ts'

/** Where Twitter is and how to get there. */
export type TwitterReach = Transport & {
  /** Puts every endpoint below one address (a stand-in); unset: Twitter itself. */
  readonly baseUrl?: string | undefined
}

/** The same path and query below `baseUrl`. */
export function atBase(address: string | URL, baseUrl: string | undefined) {
  const url = new URL(address)
  return baseUrl === undefined ? url : new URL(`${baseUrl.replace(/\/+$/, '')}${url.pathname}${url.search}`)
}
