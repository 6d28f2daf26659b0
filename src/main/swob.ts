import process from 'node:process'

/** One entry for all of the operator's commands, named as in package.json: `node dist/node/swob.js <command> [options]`. */
const commands: Readonly<Record<string, { does: string; run: () => Promise<unknown>; options?: readonly string[] }>> = {
  audit: { does: 'prints security events', run: () => import('./commands/read-audit.ts') },
  sessions: { does: "lists a user's sessions, or ends them", run: () => import('./commands/list-sessions.ts') },
  revocations: {
    does: 'lists grants still to be ended at their platform',
    run: () => import('./commands/list-revocations.ts'),
  },
  numbers: { does: 'gives an account another phone number', run: () => import('./commands/move-number.ts') },
  'keys:generate': { does: 'makes an entry for SECRET_KEYS', run: () => import('./commands/generate-key.ts') },
  'keys:rotate': { does: 'puts everything under the newest key', run: () => import('./commands/rotate-keys.ts') },
  'keys:check': {
    does: 'says whether the keys open everything',
    run: () => import('./commands/rotate-keys.ts'),
    options: ['--check'],
  },
  backup: { does: 'writes all that the database holds to a file', run: () => import('./commands/backup.ts') },
  restore: { does: 'fills an empty database from that file', run: () => import('./commands/restore.ts') },
  'db:migrate': { does: "brings the database to this version's schema", run: () => import('./commands/migrate.ts') },
}

const [, , name = '', ...options] = process.argv
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (command) {
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...(command.options ?? []), ...options)
  await command.run()
} else {
  const lines = Object.entries(commands).map(([one, { does }]) => `  ${one.padEnd(14)} ${does}`)
  process.stderr.write(`Usage: swob <command> [options]\n\n${lines.join('\n')}\n`)
  process.exitCode = 2
}
