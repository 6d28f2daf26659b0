import { walkOperations } from '../../support/walk-operations.ts'
import { type Figure, figure } from '../figures.ts'
import type { Bench } from '../open-bench.ts'
import { openWalker } from '../open-walker.ts'

const wallet = '/users/{user_id}/platforms/{platform}/protocols/{protocol}'
const writes = {
  'sign up': ['POST /signup', 'PUT /signup'],
  'send and enter a code': ['POST /users/{user_id}/OTP', 'PUT /OTP'],
  'log in': ['POST /login'],
  'save a grant (Gmail)': [`POST ${wallet}`, `PUT ${wallet}`],
}

/** The SQL statements of what writes; test/postgres/statement-counts.test.ts holds every operation to its number. */
export async function countWrites({ postgres }: Bench): Promise<Figure[]> {
  let sent = 0
  const first = new Map<string, number>()
  const walker = await openWalker(postgres.url, () => sent++)
  try {
    await walkOperations(walker.person(), async (operation, action) => {
      sent = 0
      await action()
      if (!first.has(operation)) first.set(operation, sent)
    })
  } finally {
    await walker.close()
  }
  return Object.entries(writes).map(([what, operations]) => {
    const statements = operations.reduce((sum, operation) => sum + (first.get(operation) ?? Number.NaN), 0)
    return figure(`${what}: SQL statements (begin and commit aside)`, [statements])
  })
}
