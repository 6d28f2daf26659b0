import type * as z from 'zod'
import { parseDatabaseUrl } from '../../postgres/url/parse-database-url.ts'
import { count, flag, listOf, shortTime, text, wholeNumber } from '../kinds.ts'
import type { SettingGroup } from '../setting.ts'

export const data = {
  title: 'Data and keys',
  settings: {
    DATABASE_URL: {
      schema: text.superRefine(checkDatabaseUrl),
      help: 'Postgres, as postgres://user:password@host:5432/name?sslmode=verify-full; libpq parameters work. Empty: the server runs a Postgres of its own.',
    },
    DATABASE_POOL: { schema: count, default: '10', help: 'Maximum number of database connections.' },
    DATABASE_TIMEOUT: {
      schema: shortTime,
      default: '2',
      help: 'Seconds that one request may spend waiting for the database, over all its statements. Then it gets 503.',
    },
    DATABASE_PREPARE: {
      schema: flag,
      default: 'true',
      help: 'Use prepared statements. Turned off automatically behind a pooler that loses them; false turns them off from the start.',
    },
    DATA_DIR: {
      schema: text,
      default: '.data',
      help: "Folder for the server's own Postgres and for the keys of development.",
    },
    AUDIT_DAYS: {
      schema: wholeNumber(4, 'must be a whole number of days'),
      default: '365',
      help: 'Days to keep security events (`npm run audit`). The database refuses to change or remove them earlier.',
    },
    SECRET_KEYS: {
      schema: listOf(readKey, 'must be id:key[,…] with keys of 32 bytes in base64, ids of letters and digits').refine(
        (keys) => new Set(keys.map(({ id }) => id)).size === keys.length,
        'has two keys with one id',
      ),
      secret: true,
      help: 'Encryption keys as id:base64 (32 bytes), newest first. Remove one only when `npm run keys:check` says so. Required in production; development generates its own.',
    },
  },
} as const satisfies SettingGroup

function checkDatabaseUrl(value: string, context: z.RefinementCtx) {
  try {
    parseDatabaseUrl(value)
  } catch (error) {
    context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : '' })
  }
}

function readKey(entry: string) {
  const [, id, encoded] = /^([A-Za-z0-9]{1,32}):([A-Za-z0-9+/]{43}=?)$/.exec(entry) ?? []
  return id && encoded
    ? { id, bytes: Uint8Array.from(atob(encoded.padEnd(44, '=')), (letter) => letter.charCodeAt(0)) }
    : undefined
}
