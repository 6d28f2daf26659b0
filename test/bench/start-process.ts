import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Nothing that was started outlives the bench, however it ends. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill()
})

export type Started = Awaited<ReturnType<typeof startProcess>>

/** A bundle as a process of its own, with `env` and nothing else. Resolves when it says where it serves. */
export async function startProcess(file: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [file], {
    env: { PORT: '0', HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  child.on('exit', () => running.delete(child))
  const { pid } = child
  const port = await new Promise<string>((resolve, reject) => {
    // Read to its end, so that its pipe never fills.
    const lines = createInterface(child.stdout)
    lines.on('line', (line) => {
      const [, found] = /Serving http:\/\/[^:]+:(\d+)/.exec(line) ?? []
      if (found) resolve(found)
    })
    lines.on('close', () => reject(new Error(`${file} ended before it served`)))
  })
  if (pid === undefined) throw new Error(`${file} has no process`)
  return {
    pid,
    url: `http://127.0.0.1:${port}`,
    async stop(): Promise<void> {
      if (!running.has(child)) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
