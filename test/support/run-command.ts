import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { refuseLeaks } from './canaries.ts'

/** One of the operator's commands as a process of its own. `env`: all that it gets. */
export function startCommand(file: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return {
    kill: () => child.kill('SIGKILL'),
    /** When it has ended. */
    async ended() {
      const [output, complaints, [code, signal]] = await written
      refuseLeaks(`${output}\n${complaints}`)
      return { output, complaints, code: (code ?? signal) as number | string }
    },
  }
}

export const runCommand = (...command: Parameters<typeof startCommand>) => startCommand(...command).ended()
