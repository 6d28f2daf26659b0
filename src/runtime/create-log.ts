import type { Redact } from '../config/redact.ts'
import type { Log } from '../services.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const

type Options = {
  level: (typeof levels)[number] | 'silent'
  json: boolean
  /** What every line goes through. */
  redact: Redact
  write: (line: string) => void
}

/** One line an entry: JSON for machines, or short text for the person at a terminal. */
export function createLog({ level, json, redact, write }: Options): Log {
  const least = level === 'silent' ? levels.length : levels.indexOf(level)
  const at =
    (name: (typeof levels)[number]) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      if (levels.indexOf(name) < least) return
      const time = new Date().toISOString()
      if (json) return write(redact(JSON.stringify({ time, level: name, message, ...fields })))
      const details = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ''
      write(redact(`${time.slice(11, 19)} ${name === 'info' ? '' : `${name} `}${message}${details}`))
    }
  return { ...(least === 0 && { debug: at('debug') }), info: at('info'), warn: at('warn'), error: at('error') }
}
