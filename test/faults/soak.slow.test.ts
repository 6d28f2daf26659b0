import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openFaultWorld } from './fault-world.ts'
import { isFull, report, rounds } from './report.ts'
import { simulateUsers } from './simulate.ts'

const world = await openFaultWorld()

/** What a process holds: open files and sockets, and MB of memory. */
function held(pid: number) {
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { files: readdirSync(`/proc/${pid}/fd`).length, megabytes: Number(rss) / 1024 }
}

const median = (values: readonly number[]) =>
  values.toSorted((first, second) => first - second)[Math.floor(values.length / 2)] ?? 0

// From /proc.
test.skipIf(process.platform !== 'linux')(
  'people who come and go, and hang up in the middle, leave neither memory nor sockets behind',
  { timeout: 1_800_000 },
  async () => {
    const server = await world.start()
    const people = simulateUsers(world, server, 1)
    const hangingUp = new AbortController()
    const rude = hangUp(server.port, hangingUp.signal)
    const samples: ReturnType<typeof held>[] = []
    const seconds = rounds(1200, 12)
    for (let second = 0; second < seconds; second += isFull ? 5 : 0.5) {
      await sleep(isFull ? 5000 : 500)
      samples.push(held(server.pid))
    }
    hangingUp.abort()
    const hungUp = await rude
    const verdict = await people.end()
    // The second quarter against the last: by then all that grows has grown.
    const quarter = Math.floor(samples.length / 4)
    const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)]
    const files = [early, late].map((part) => median(part.map((sample) => sample.files)))
    const megabytes = [early, late].map((part) => Math.round(median(part.map((sample) => sample.megabytes))))
    expect(hungUp).toBeGreaterThan(seconds)
    expect(files[1]).toBeLessThanOrEqual((files[0] ?? 0) + 10)
    // In CI it's still warming up.
    if (isFull) expect(megabytes[1]).toBeLessThanOrEqual((megabytes[0] ?? 0) * 1.25)
    // What is left when everybody has gone: what it had when nobody had come, and the pool.
    await expect.poll(() => held(server.pid).files, { timeout: 90_000 }).toBeLessThan(60)
    expect(await server.end('SIGTERM')).toBe(0)
    report(
      `${seconds} s soak, ${hungUp} hung up: files ${files.join(' → ')}, MB ${megabytes.join(' → ')}`,
      people.journal,
      verdict,
    )
  },
)

/** Begins requests and breaks off at every stage of them. How many. */
async function hangUp(port: number, signal: AbortSignal): Promise<number> {
  const body = JSON.stringify({ phone_number: '+237670000000', password: 'a passphrase of nobody' })
  const request = `POST /v2/login HTTP/1.1\r\nHost: localhost\r\nUser-Agent: Rude/1.0\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  let count = 0
  while (!signal.aborted) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.write(request.slice(0, Math.ceil(request.length * Math.random() * 1.3)))
    await sleep(20 + 60 * Math.random())
    if (count++ % 2) socket.destroy()
    else socket.resetAndDestroy()
  }
  return count
}
