/** What the front remembers of what `emulate` gave out. An address here is the one a person began with. */
export type GoogleState = {
  readonly people: readonly Person[]
  readonly redirectUris: readonly string[]
  readonly codes: Map<string, IssuedCode>
  /** Live tokens, access and refresh. */
  readonly tokens: Map<string, Holder>
  /** The new address of those who changed it. */
  readonly addresses: Map<string, string>
}

export type Person = { readonly name: string; readonly email: string }
type IssuedCode = { readonly email: string; readonly redirectUri: string; readonly lasting: boolean }
type Holder = { readonly email: string; readonly scopes: readonly string[] }

export type Forward = (request: Request, body?: URLSearchParams) => Promise<Response>

export function tokenHolder({ tokens }: GoogleState, authorization: string | undefined): Holder | undefined {
  return tokens.get(authorization?.replace(/^Bearer /i, '') ?? '')
}

export function currentAddress({ addresses }: GoogleState, email: string): string {
  return addresses.get(email) ?? email
}

/** The person who has this address now. */
export function findPerson(state: GoogleState, address: string): Person | undefined {
  return state.people.find(({ email }) => currentAddress(state, email) === address)
}
