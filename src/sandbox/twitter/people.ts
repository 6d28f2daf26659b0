/** Who has an account at the stand-in. Ids are decimal numbers beyond what a JavaScript number holds, as X's are. */
export const twitterPeople = [
  { id: '1790000000000000001', name: 'Sandbox One', username: 'sandbox_one' },
  { id: '1790000000000000002', name: 'Sandbox Two', username: 'sandbox_two' },
] as const
