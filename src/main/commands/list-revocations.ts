import { parseArgs } from 'node:util'
import { runCommand } from '../../server/command/run-command.ts'
import { listRevocations, retryRevocations } from '../../vault/list-revocations.ts'

/** `npm run revocations [-- --retry]`: what is still to be ended at its platform, as JSON lines; --retry takes up what was given up. */
await runCommand(async (services, print) => {
  const { values } = parseArgs({ options: { retry: { type: 'boolean' } } })
  for (const revocation of await listRevocations(services)) print(JSON.stringify(revocation))
  if (values.retry) print(`retrying: ${await retryRevocations(services)}`)
  return 0
})
