import { parseArgs } from 'node:util'
import { checkKeys, type KeyReport, type LostValue } from '../../maintenance/keys/check-keys.ts'
import { rotateKeys } from '../../maintenance/keys/rotate-keys.ts'
import { type Print, runCommand } from '../../server/command/run-command.ts'

/** `npm run keys:rotate`, and with --check `npm run keys:check`. Fails when something can't be opened, or is left under an older key. */
await runCommand(async (services, print) => {
  const { values } = parseArgs({ options: { check: { type: 'boolean' } } })
  const show = (lost: LostValue) => print(JSON.stringify(lost))
  const report = values.check ? await checkKeys(services, show) : await rotateKeys(services)
  if ('changed' in report) {
    print(`Re-encrypted ${report.changed} rows with ${services.seal.keyIds[0]}.`)
    if (report.lost > 0) await checkKeys(services, show)
  }
  describe(report, services.seal.keyIds[0] ?? '', services.settings.sessions.absoluteAge, print)
  return report.lost > 0 || (!values.check && report.stale > 0) ? 1 : 0
})

function describe({ counts, lost, stale, unused }: KeyReport, newest: string, sessionAge: number, print: Print): void {
  for (const { table, column, keyId, values, lost: lostHere } of counts)
    print(`${table}.${column} under ${keyId}: ${values}${lostHere > 0 ? `, ${lostHere} of them unreadable` : ''}`)
  if (lost > 0)
    print(
      `${lost} values cannot be decrypted. Add the missing keys to SECRET_KEYS; until then, affected users get 503 where they are needed.`,
    )
  if (lost === 0) print('Everything can be decrypted.')
  if (stale > 0) print(`${stale} values still use a key older than ${newest}; run \`npm run keys:rotate\`.`)
  // Sessions and codes that began under a key have its hashes and no key id.
  const hours = Math.ceil(sessionAge / 3600)
  for (const id of unused)
    print(
      `Nothing is encrypted with ${id}; remove it ${hours} hours after ${newest} became the first key in SECRET_KEYS.`,
    )
}
