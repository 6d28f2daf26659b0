import process from 'node:process'

/** One entry for all of the operator's commands, named as in package.json: `node dist/node/swob.js <command> [options]`. */
const commands: Readonly<
  Record<string, { summary: string; run: () => Promise<unknown>; options?: readonly string[] }>
> = {
  audit: { summary: 'prints security events', run: () => import('./commands/read-audit.ts') },
  sessions: { summary: "lists a user's sessions, or ends them", run: () => import('./commands/list-sessions.ts') },
  revocations: {
    summary: 'lists grants not yet revoked at their platform',
    run: () => import('./commands/list-revocations.ts'),
  },
  numbers: { summary: 'changes the phone number of an account', run: () => import('./commands/move-number.ts') },
  'keys:generate': { summary: 'generates an entry for SECRET_KEYS', run: () => import('./commands/generate-key.ts') },
  'keys:rotate': {
    summary: 're-encrypts everything with the newest key',
    run: () => import('./commands/rotate-keys.ts'),
  },
  'keys:check': {
    summary: 'checks whether the keys can decrypt everything',
    run: () => import('./commands/rotate-keys.ts'),
    options: ['--check'],
  },
  backup: { summary: 'writes the whole database to a file', run: () => import('./commands/backup.ts') },
  restore: { summary: 'restores a backup into an empty database', run: () => import('./commands/restore.ts') },
  'db:migrate': {
    summary: "migrates the database to this version's schema",
    run: () => import('./commands/migrate.ts'),
  },
}

const [, , name = '', ...options] = process.argv
const command = Object.hasOwn(commands, name) ? commands[name] : undefined
if (command) {
  process.argv.splice(2, Number.POSITIVE_INFINITY, ...(command.options ?? []), ...options)
  await command.run()
} else {
  const lines = Object.entries(commands).map(([one, { summary }]) => `  ${one.padEnd(14)} ${summary}`)
  process.stderr.write(`Usage: swob <command> [options]\n\n${lines.join('\n')}\n`)
  process.exitCode = 2
}
