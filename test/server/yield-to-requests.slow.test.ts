import { readdir, readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../support/start-server.ts'
import { openWorld } from '../support/world.ts'

const world = await openWorld()

/** The niceness of a process's threads, by what they are called. */
async function niceness(pid: number | undefined): Promise<Record<string, number[]>> {
  const threads: Record<string, number[]> = {}
  for (const id of await readdir(`/proc/${pid}/task`)) {
    const line = await readFile(`/proc/${pid}/task/${id}/stat`, 'utf8')
    const name = line.slice(line.indexOf('(') + 1, line.lastIndexOf(')'))
    const nice = Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[16])
    threads[name] = [...(threads[name] ?? []), nice]
  }
  return threads
}

test.skipIf(process.platform !== 'linux')(
  'threads that hash passwords give way to the one that answers (Linux)',
  async () => {
    const server = await startServer({ DATABASE_URL: world.databaseUrl })
    onTestFinished(async () => {
      await server.end('SIGTERM')
    })
    const giveWay = async () => {
      const { 'libuv-worker': hashing = [], ...others } = await niceness(server.pid)
      return hashing.length > 0 && Math.min(...hashing) > Math.max(...Object.values(others).flat())
    }
    await expect.poll(giveWay).toBe(true)
  },
)
