import { expect, test } from 'vitest'
import { walkOperations } from '../support/walk-operations.ts'
import { openWorld } from '../support/world.ts'

const wallet = '/users/{user_id}/platforms/{platform}/protocols/{protocol}'

/**
 * The SQL statements of each operation that succeeds, the session's own among them; `begin` and `commit` aside. Several numbers: of the steps that
 * the walk takes with it, in their order. Each is a way to the database and back: a number that grows must be worth it.
 */
const table: Record<string, readonly number[]> = {
  'POST /signup': [5],
  'PUT /signup': [4],
  // The last: once the provider took the code. A recovery's keeps its slot meanwhile.
  'POST /users/{user_id}/OTP': [7, 8],
  'PUT /OTP': [3, 3],
  // The network's count by itself and first, so that who is beyond it causes nothing more. The last: over a session that is thereby ended.
  'POST /login': [4, 4, 5],
  'POST /users/{user_id}/verify': [4],
  'POST /users/{user_id}/logout': [2],
  'POST /users/{user_id}/password': [9],
  'POST /recovery': [5],
  'PUT /users/{user_id}/recovery': [8],
  'GET /users/{user_id}/dashboard': [1],
  'DELETE /users/{user_id}': [11],
  'GET /users/{user_id}/platforms': [1],
  // Gmail, then Telegram: to begin, when the grant is still live, and to begin again. Each start is counted for its user, the network and everybody;
  // Telegram's code for its number as well.
  [`POST ${wallet}`]: [6, 16, 5, 16],
  // Gmail saves; Telegram asks for one more step, twice.
  [`PUT ${wallet}`]: [8, 3, 3],
  [`PUT ${wallet}/{action}`]: [6, 6],
  [`DELETE ${wallet}`]: [6, 6],
}

test('every operation sends as many SQL statements as the table says', async () => {
  let sent = 0
  const counts: Record<string, number[]> = {}
  const world = await openWorld({ sandbox: true, onStatement: () => sent++ })
  await walkOperations(world.person(), async (operation, action) => {
    sent = 0
    await action()
    const steps = counts[operation] ?? []
    counts[operation] = [...steps, sent]
  })
  expect(Object.keys(counts)).toHaveLength(17)
  expect(counts).toEqual(table)
})
