import type { Redact } from '../config/redact.ts'
import type { Log } from '../services.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const

/** Entries with one message that are written within a minute: whoever causes more of them can't fill the log. */
const maxPerMinute = 60
const minute = 60_000

type Options = {
  level: (typeof levels)[number] | 'silent'
  json: boolean
  /** What every line goes through. */
  redact: Redact
  write: (line: string) => void
  now?: () => number
}

/** Whether an entry is one of the first of its minute, and how many of the minute before were not. Messages are few: they stand in the source. */
function createThrottle(now: () => number) {
  const counts = new Map<string, { since: number; entries: number }>()
  return (message: string): { isWritten: boolean; leftOut: number } => {
    const known = counts.get(message)
    if (known && now() - known.since < minute) {
      known.entries++
      return { isWritten: known.entries <= maxPerMinute, leftOut: 0 }
    }
    counts.set(message, { since: now(), entries: 1 })
    return { isWritten: true, leftOut: Math.max(0, (known?.entries ?? 0) - maxPerMinute) }
  }
}

/** One line an entry: JSON for machines, or short text for the person at a terminal. */
export function createLog({ level, json, redact, write, now = Date.now }: Options): Log {
  const throttle = createThrottle(now)
  const least = level === 'silent' ? levels.length : levels.indexOf(level)
  const at =
    (name: (typeof levels)[number]) =>
    (message: string, data: Readonly<Record<string, unknown>> = {}) => {
      if (levels.indexOf(name) < least) return
      const { isWritten, leftOut } = name === 'debug' ? { isWritten: true, leftOut: 0 } : throttle(message)
      if (!isWritten) return
      const fields = leftOut > 0 ? { ...data, leftOut } : data
      const time = new Date().toISOString()
      if (json) return write(redact(JSON.stringify({ time, level: name, message, ...fields })))
      const details = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ''
      write(redact(`${time.slice(11, 19)} ${name === 'info' ? '' : `${name} `}${message}${details}`))
    }
  return { ...(least === 0 && { debug: at('debug') }), info: at('info'), warn: at('warn'), error: at('error') }
}
