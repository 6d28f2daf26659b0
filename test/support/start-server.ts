import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { builtProgram } from './built-program.ts'
import { refuseLeaks } from './canaries.ts'
import { freePort } from './free-port.ts'

/** The server as a process of its own, on a free port. Resolves when it serves. `env`: all that it gets beside PORT. */
export async function startServer(env: Record<string, string>) {
  const port = await freePort()
  const child = spawn(process.execPath, [builtProgram('src/main/node.ts')], {
    env: { PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>
  const complaints = text(child.stderr)
  let output = ''
  const serving = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
      if (output.includes('Serving ')) resolve()
    })
  })
  const died = exited.then(async ([code]) => {
    throw new Error(`the server ended with ${code}: ${await complaints}`)
  })
  died.catch(() => undefined)
  await Promise.race([serving, died])

  return {
    port,
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    /** When it has ended by itself. */
    async ended() {
      const [code] = await exited
      return { code, complaints: await complaints }
    },
    /** Resolves to how it ended, when it has. */
    async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL') {
      child.kill(signal)
      const [code, by] = await exited
      refuseLeaks(`${output}\n${await complaints}`)
      return by ?? code
    },
  }
}
