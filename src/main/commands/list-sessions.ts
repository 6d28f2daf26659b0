import { parseArgs } from 'node:util'
import { isUuid } from '../../input/uuid.ts'
import { runCommand } from '../../server/command/run-command.ts'
import { endSessionsByOperator, listSessions } from '../../sessions/list-sessions.ts'

/** `npm run sessions -- --user <uid> [--end]`: a user's live sessions as JSON lines; with --end they are ended. */
await runCommand(async (services, print) => {
  const { values } = parseArgs({ options: { user: { type: 'string' }, end: { type: 'boolean' } } })
  if (!values.user || !isUuid(values.user)) throw new Error('--user must be the uid of a user')
  for (const session of await listSessions(services, values.user)) print(JSON.stringify(session))
  if (values.end) print(`ended: ${await endSessionsByOperator(services, values.user)}`)
  return 0
})
