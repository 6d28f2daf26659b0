import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { builtProgram } from './built-program.ts'
import { refuseLeaks } from './canaries.ts'

/** One of the operator's commands, by its source, as a process of its own. `env`: all that it gets. `announced`: which settings and database it says it uses. */
export function startCommand(file: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [builtProgram(file), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return {
    kill: (signal: NodeJS.Signals = 'SIGKILL') => child.kill(signal),
    /** When it has ended. */
    async ended() {
      const [output, errors, [code, signal]] = await written
      refuseLeaks(`${output}\n${errors}`)
      const [, announced = '', complaints = ''] = /^(Settings: .*\n)?([\s\S]*)$/.exec(errors) ?? []
      return { output, announced, complaints, code: (code ?? signal) as number | string }
    },
  }
}

export const runCommand = (...command: Parameters<typeof startCommand>) => startCommand(...command).ended()
