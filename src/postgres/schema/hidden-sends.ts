import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, instant } from './instant.ts'

/**
 * Codes of recoveries with HIDE_ACCOUNTS, sent after the answer. A recovery of a number without an account has the same row, and sends nothing.
 * A row lives no longer than its code.
 */
export const hiddenSends = pgTable(
  'hidden_sends',
  {
    id: uuid('id').primaryKey().default(sql`gen_random_uuid()`),
    sessionIdHash: text('session_id_hash').notNull(),
    decisionId: bigint('decision_id', { mode: 'number' }).notNull(),
    numberSealed: text('number_sealed').notNull(),
    language: text('language', { enum: ['en', 'fr', 'es', 'fa'] }).notNull(),
    /** It's sent only if this network is known to the account's owner. */
    onlyKnown: boolean('only_known').notNull(),
    network: text('network'),
    requestId: text('request_id'),
    createdAt: createdAt(),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: instant('next_attempt_at').notNull().defaultNow(),
  },
  (table) => [index('hidden_sends_due').on(table.nextAttemptAt), index('hidden_sends_created_at').on(table.createdAt)],
)
