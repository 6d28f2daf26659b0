import { once } from 'node:events'
import { createServer } from 'node:http'

/** Below those that systems give out by themselves: nothing else takes it before the program does. */
const [lowest, highest] = [10_000, 32_000]

/** For a program that can't choose one itself. */
export async function freePort(): Promise<number> {
  const port = lowest + Math.floor(Math.random() * (highest - lowest))
  const probe = createServer().listen(port, '127.0.0.1')
  try {
    await once(probe, 'listening')
  } catch {
    return freePort()
  }
  probe.close()
  await once(probe, 'close')
  return port
}
