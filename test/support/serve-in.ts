import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished } from 'vitest'
import { freePort } from './free-port.ts'

export type ServedFolder = Awaited<ReturnType<typeof serveIn>>

/** The server of another folder than this one, with `env` and nothing else. Resolves when it's ready; ends with the test. */
export async function serveIn(
  folder: string,
  [node, ...entry]: readonly [string, ...string[]],
  env: Record<string, string>,
) {
  const port = await freePort()
  const server = spawn(node, entry, {
    cwd: folder,
    env: { PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [output, complaints, exited] = [text(server.stdout), text(server.stderr), once(server, 'exit')]
  onTestFinished(async () => {
    server.kill('SIGTERM')
    await exited
  })
  const url = `http://127.0.0.1:${port}`
  const isReady = async () => {
    if (server.exitCode !== null) throw new Error(`the server ended: ${await complaints}`)
    return fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  }
  await expect.poll(isReady, { timeout: 120_000 }).toBe(true)
  return {
    url,
    async end() {
      server.kill('SIGTERM')
      const [code] = await exited
      return { code, output: await output, complaints: await complaints }
    },
  }
}
