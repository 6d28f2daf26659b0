import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import postgres from 'postgres'
import { vi } from 'vitest'
import { unprivileged } from './unprivileged.ts'

/** Runs a program that serves Postgres's protocol at `url`, as nobody where we are root. Resolves when it answers. */
export async function startDaemon(program: string, args: readonly string[], url: string) {
  const child = spawn(program, args, { cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], ...unprivileged() })
  const exited = once(child, 'exit')
  const complaints = text(child.stderr)
  const ended = exited.then(async ([code]) => {
    throw new Error(`${program} ended with ${code}: ${await complaints}`)
  })
  ended.catch(() => undefined)
  await Promise.race([vi.waitFor(() => ask(url), { timeout: 60_000, interval: 50 }), ended])
  return {
    async end(signal: NodeJS.Signals) {
      child.kill(signal)
      await exited
    },
  }
}

async function ask(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, fetch_types: false, onnotice: () => undefined })
  try {
    await sql.unsafe('select 1')
  } finally {
    await sql.end({ timeout: 0 })
  }
}
