import { parseArgs } from 'node:util'
import { listEvents } from '../../audit/list-events.ts'
import { readPhoneNumber } from '../../input/phone-number.ts'
import { isUuid } from '../../input/uuid.ts'
import { runCommand } from '../../server/command/run-command.ts'

/** `npm run audit`: security events as JSON lines, oldest first. */
await runCommand(async (services, print) => {
  const { values } = parseArgs({
    options: {
      user: { type: 'string' },
      event: { type: 'string' },
      /** A number that has no account. */
      number: { type: 'string' },
      /** What `Date` reads, such as 2026-01-31. */
      since: { type: 'string' },
    },
  })
  if (values.user !== undefined && !isUuid(values.user)) throw new Error('--user must be the uid of a user')
  const since = values.since === undefined ? undefined : new Date(values.since)
  if (since && Number.isNaN(since.getTime())) throw new Error('--since is not a date')
  const number = values.number === undefined ? undefined : readPhoneNumber(values.number)
  if (values.number !== undefined && !number) throw new Error('--number is not a phone number')
  const filter = {
    ...(values.user && { userId: values.user }),
    ...(values.event && { event: values.event }),
    ...(number && { phoneNumber: number.number }),
    ...(since && { since }),
  }
  for await (const event of listEvents(services, filter)) print(JSON.stringify(event))
  return 0
})
