import { sql } from 'drizzle-orm'
import { check, index, integer, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, instant } from './instant.ts'

/* How grants end. Names as in schema.ts, of which these tables are a part. */

/** Grants on their way out: removed from the wallet, to be ended at the platform. Same id and ciphertext as the grant had. */
export const revocations = pgTable(
  'revocations',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id').notNull(),
    platform: text('platform').notNull(),
    protocol: text('protocol').notNull(),
    grantSealed: text('grant_sealed').notNull(),
    /** Of the platform account; null while it isn't known, and for separate grants of an earlier version. */
    accountIndex: text('account_index'),
    /** That took the grant out of the wallet, for the log. */
    requestId: text('request_id'),
    createdAt: createdAt(),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: instant('next_attempt_at').notNull().defaultNow(),
    /** While it is being carried out. */
    heldUntil: instant('held_until'),
    lastError: text('last_error'),
    /** Given up on: kept for the operator to see. */
    deadAt: instant('dead_at'),
  },
  (table) => [
    index('revocations_user_platform').on(table.userId, table.platform),
    index('revocations_account').on(table.accountIndex).where(sql`account_index is not null`),
    index('revocations_due').on(table.nextAttemptAt).where(sql`dead_at is null`),
    index('revocations_dead').on(table.deadAt).where(sql`dead_at is not null`),
    check('revocations_attempts', sql`${table.attempts} >= 0`),
  ],
)

/**
 * Platform accounts whose grants were lately ended, where ending one ends all: what was exchanged before may have died with them. Kept for
 * longer than a connection lives.
 */
export const endedAccounts = pgTable(
  'ended_accounts',
  {
    accountIndex: text('account_index').primaryKey(),
    endedAt: instant('ended_at').notNull(),
  },
  (table) => [index('ended_accounts_ended_at').on(table.endedAt)],
)
