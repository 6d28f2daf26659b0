/** What a `Person` fetches with, sent to the server at `base`. */
export const fetchAt = (base: string) => (input: string | URL | Request, init?: RequestInit) => {
  const request = new Request(input, init)
  const { pathname, search } = new URL(request.url)
  return fetch(new Request(`${base}${pathname}${search}`, request))
}
