import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import * as z from 'zod'

const summary = z.object({
  requests: z.int(),
  microseconds: z.number(),
  refused: z.int(),
  broken: z.int(),
  /** Microseconds. */
  p50: z.number(),
  p99: z.number(),
})

export type Load = {
  url: string
  /** One request a line, as rotate.lua reads them. */
  file: string
  seconds: number
  connections: number
  /** Milliseconds that a connection rests before each request; 0: the most that the server can take. */
  rest?: number
}

const longest = 60

/** wrk and not autocannon: it takes a fifth of the processor time, and on a small machine that is the server's own. */
export async function runWrk(load: Load): Promise<z.infer<typeof summary> & { perSecond: number }> {
  const { url, file, seconds, connections, rest = 0 } = load
  const script = new URL('rotate.lua', import.meta.url).pathname
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '60s', '-s', script, url]
  const { stdout } = await promisify(execFile)('wrk', [...options, '--', file, String(rest)])
  const seen = summary.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''))
  // So busy a machine that none was answered in time.
  if (seen.requests === 0 && seconds < longest) return runWrk({ ...load, seconds: 4 * seconds })
  if (seen.requests === 0 || seen.refused > 0 || seen.broken > 0)
    throw new Error(`${url}: ${seen.refused} refused and ${seen.broken} broken of ${seen.requests} requests`)
  return { ...seen, perSecond: seen.requests / (seen.microseconds / 1e6) }
}
