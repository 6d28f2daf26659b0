import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, pgTable, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core'
import { createdAt, instant } from './instant.ts'

export { auditEvents } from './audit-events.ts'
export { hiddenSends } from './hidden-sends.ts'
export {
  alarms,
  codeWaits,
  limitCounts,
  passwordTries,
  recoverySlots,
  sendDecisions,
  sendDenials,
} from './limit-tables.ts'
export { endedAccounts, revocations } from './revocation-tables.ts'

/*
 * `…Sealed`: AES-256-GCM (crypto/seal.ts). `…Index`: a keyed hash to find a value by (crypto/blind-index.ts).
 * `…Hash`: of something that only its holder knows. Nothing else here tells who a person is.
 */

export const users = pgTable('users', {
  id: uuid('id').primaryKey(),
  phoneNumberIndex: text('phone_number_index').notNull().unique(),
  phoneNumberSealed: text('phone_number_sealed').notNull(),
  nameSealed: text('name_sealed'),
  passwordHash: text('password_hash').notNull(),
  createdAt: createdAt(),
  lastLoginAt: instant('last_login_at'),
  previousLoginAt: instant('previous_login_at'),
  /** Sessions of an earlier epoch are over: one more ends them all at once, however many there are. */
  sessionEpoch: integer('session_epoch').notNull().default(0),
})

/** Sign-ups whose number isn't proved yet. Any number of them may wait for one phone number; their id becomes the user's. */
export const signups = pgTable(
  'signups',
  {
    id: uuid('id').primaryKey(),
    phoneNumberSealed: text('phone_number_sealed').notNull(),
    nameSealed: text('name_sealed'),
    passwordHash: text('password_hash').notNull(),
    createdAt: createdAt(),
  },
  (table) => [index('signups_created_at').on(table.createdAt)],
)

/** Sessions but for recoveries whose number nobody has proved. */
export const belongsToAccount = sql.raw(`(purpose <> 'recovery' or verified_at is not null)`)

/**
 * `user_id` has no foreign key: it is a user's, a pending sign-up's, or (HIDE_ACCOUNTS) nobody's. Whatever ends a user's sessions locks the user's
 * row first, and opening one reads it under a lock, so no session outlives its user or its password.
 * `expires_at` must stay without an index: renewals are then HOT updates.
 */
export const sessions = pgTable(
  'sessions',
  {
    idHash: text('id_hash').primaryKey(),
    userId: uuid('user_id').notNull(),
    /** The account that a recovery is about, where `user_id` is the uid shown instead of its own (HIDE_ACCOUNTS). */
    accountId: uuid('account_id'),
    purpose: text('purpose', { enum: ['signup', 'recovery', 'login'] }).notNull(),
    userAgentHash: text('user_agent_hash').notNull(),
    /** Of the number that a sign-up or recovery is about; null for a login. */
    phoneNumberIndex: text('phone_number_index'),
    /** A captcha was solved to begin it. */
    solvedCaptcha: boolean('solved_captcha'),
    /** When the number was proved by a code. */
    verifiedAt: instant('verified_at'),
    createdAt: createdAt(),
    expiresAt: instant('expires_at').notNull(),
    /**
     * The user's `session_epoch` when the session was opened. Null: opened before there were epochs, which means 0. (A trigger sets it for the
     * version before, which knows no epochs: see the migration.)
     */
    epoch: integer('epoch'),
  },
  (table) => [
    // What ends with its user and is worth removing at once: no flood of recoveries that nobody has proved.
    index('sessions_account').on(sql`coalesce(account_id, user_id)`).where(sql`${belongsToAccount}`),
    index('sessions_user_id').on(table.userId),
    index('sessions_account_id').on(table.accountId).where(sql`account_id is not null`),
    index('sessions_created_at').on(table.createdAt),
  ],
)

/** The one-time code that a session waits for; a new one replaces it, a right one removes it. */
export const codes = pgTable(
  'codes',
  {
    sessionIdHash: text('session_id_hash')
      .primaryKey()
      .references(() => sessions.idHash, { onDelete: 'cascade' }),
    /** Null when the SMS provider made the code and checks it: `reference` names it there. Both are null until a provider took the code. */
    codeHash: text('code_hash'),
    reference: text('reference'),
    /** Of the sending, as send_decisions has it. */
    decisionId: bigint('decision_id', { mode: 'number' }),
    tries: integer('tries').notNull().default(0),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('codes_expires_at').on(table.expiresAt)],
)

/** A connection between its start and its finish. A second start replaces the first. */
export const pendingAuthorizations = pgTable(
  'pending_authorizations',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id').notNull(),
    sessionIdHash: text('session_id_hash')
      .notNull()
      .references(() => sessions.idHash, { onDelete: 'cascade' }),
    platform: text('platform').notNull(),
    protocol: text('protocol').notNull(),
    pendingSealed: text('pending_sealed').notNull(),
    /** The step that may come next: `code`, or one of the platform's actions. */
    next: text('next').notNull(),
    /** Held by one finish at a time; a holder that died loses it when this has passed. */
    heldUntil: instant('held_until'),
    expiresAt: instant('expires_at').notNull(),
    /**
     * What to end at the platform if this row goes without becoming a grant: sealed as a grant with this row's id. A trigger then moves it
     * to `revocations`, however the row went.
     */
    grantSealed: text('grant_sealed'),
    /** Of the platform account, once it is known. */
    accountIndex: text('account_index'),
    /** Whether a finish was tried: before that the platform has given nothing. */
    tried: boolean('tried').notNull().default(false),
    /** Of the latest finish, for the log. */
    requestId: text('request_id'),
  },
  (table) => [
    uniqueIndex('pending_authorizations_session_platform').on(table.sessionIdHash, table.platform),
    index('pending_authorizations_user_id').on(table.userId),
    index('pending_authorizations_expires_at').on(table.expiresAt),
    index('pending_authorizations_held_until').on(table.heldUntil).where(sql`held_until is not null`),
    index('pending_authorizations_account').on(table.accountIndex).where(sql`account_index is not null`),
  ],
)

export const grants = pgTable(
  'grants',
  {
    id: uuid('id').primaryKey(),
    userId: uuid('user_id')
      .notNull()
      .references(() => users.id),
    platform: text('platform').notNull(),
    protocol: text('protocol').notNull(),
    accountIndex: text('account_index').notNull(),
    grantSealed: text('grant_sealed').notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    uniqueIndex('grants_platform_account').on(table.platform, table.accountIndex),
    uniqueIndex('grants_user_platform').on(table.userId, table.platform),
  ],
)
