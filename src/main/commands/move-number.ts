import { parseArgs } from 'node:util'
import { moveNumber } from '../../accounts/move-number.ts'
import { runCommand } from '../../server/command/run-command.ts'

/** `npm run numbers -- --from <old> --to <new>`: gives an account another phone number. */
await runCommand(async (services, print) => {
  const { values } = parseArgs({ options: { from: { type: 'string' }, to: { type: 'string' } } })
  if (!values.from || !values.to) throw new Error('--from and --to must be the old and the new phone number')
  print(`moved: ${await moveNumber(services, { from: values.from, to: values.to })}`)
  return 0
})
