import { Person, randomPhoneNumber } from './person.ts'
import type { World } from './world.ts'

/** Lets tests say by X-Forwarded-For where a visitor comes from: the world's own connections count as a proxy's. */
export const behindProxy = { TRUSTED_PROXIES: '192.0.2.1/32' }

/** Somebody, new or known, who comes from an address. */
export function visitor(world: World, address: string, who: Partial<Person> = {}): Person {
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    request.headers.set('X-Forwarded-For', address)
    return world.fetch(request)
  }
  const person = new Person(
    { fetch, phone: world.phone, letWaitsPass: world.letWaitsPass },
    { phoneNumber: who.phoneNumber ?? randomPhoneNumber(), userAgent: who.userAgent },
  )
  person.uid = who.uid ?? ''
  person.password = who.password ?? person.password
  return person
}
