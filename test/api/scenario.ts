import type { Person } from '../support/person.ts'
import type { World } from '../support/world.ts'

export type Action = (person: Person) => Promise<unknown>
type Refusal = readonly [status: number, why: string, provoke: (person: Person) => Promise<Response>]

/** How an operation of the document comes to succeed, and which of the document's refusals can really happen. */
export type Scenario = {
  /** Somebody for whom the operation succeeds. */
  arrive: () => Promise<Person>
  /** Every field that the document names, as clients send them. */
  body?: (person: Person) => object | Promise<object>
  /** Takes requests without a session. */
  open?: true
  /** Gmail hasn't got it: only the refusals are looked at. */
  neverSucceeds?: true
  /** Beside 400 for malformed JSON and, unless it's `open`, 401 without a session. */
  refusals?: readonly Refusal[]
}

export type Scenarios = Readonly<Record<string, Scenario>>

export const signIn: Action = (person) => person.signUp().then(() => person.logIn())

/** Somebody new, whose client asks for the document's errors and not for problem details. */
export function stranger(world: World): Person {
  const person = world.person()
  const fetch = person.fetch.bind(person)
  person.fetch = (input, init) => {
    const request = new Request(input, init)
    request.headers.delete('Accept')
    return fetch(request)
  }
  return person
}

/** A stranger after these actions. */
export const someone =
  (world: World, ...actions: Action[]) =>
  async () => {
    const person = stranger(world)
    for (const action of actions) await action(person)
    return person
  }
