/** Who has an account at the stand-in. */
export const mastodonPeople = [
  { id: '109000000000000001', name: 'Sandbox One', username: 'sandbox_one' },
  { id: '109000000000000002', name: 'Sandbox Two', username: 'sandbox_two' },
] as const
