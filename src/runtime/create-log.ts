import type { Log } from '../services.ts'

const levels = ['debug', 'info', 'warn', 'error'] as const

type Options = { level: (typeof levels)[number] | 'silent'; json: boolean; write: (line: string) => void }

/** One line an entry: JSON for machines, or short text for the person at a terminal. */
export function createLog({ level, json, write }: Options): Log {
  const least = level === 'silent' ? levels.length : levels.indexOf(level)
  const at =
    (name: (typeof levels)[number]) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      if (levels.indexOf(name) < least) return
      const time = new Date().toISOString()
      if (json) return write(JSON.stringify({ time, level: name, message, ...fields }))
      const details = Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ''
      write(`${time.slice(11, 19)} ${name === 'info' ? '' : `${name} `}${message}${details}`)
    }
  return { ...(least === 0 && { debug: at('debug') }), info: at('info'), warn: at('warn'), error: at('error') }
}
