import { sql } from 'drizzle-orm'
import { bigint, boolean, index, integer, pgTable, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core'
import { createdAt, instant } from './instant.ts'

/* What limits count. Names as in schema.ts, of which these tables are a part. */

/** When a number may be sent its next code. */
export const codeWaits = pgTable(
  'code_waits',
  {
    phoneNumberIndex: text('phone_number_index').primaryKey(),
    sends: integer('sends').notNull(),
    nextAt: instant('next_at').notNull(),
  },
  (table) => [index('code_waits_next_at').on(table.nextAt)],
)

/** Codes that were allowed to be sent, which the limits for those that follow count. (The version before kept denials here too.) */
export const sendDecisions = pgTable(
  'send_decisions',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    createdAt: createdAt(),
    /** ISO 3166, or ZZ for a number of no country. */
    country: text('country').notNull(),
    /** 24 bits of IPv4, 48 of IPv6. */
    network: text('network'),
    /** Null after a day: no limit needs it any more. */
    phoneNumberIndex: text('phone_number_index'),
    outcome: text('outcome', { enum: ['allowed', 'denied'] }).notNull(),
    reason: text('reason', {
      enum: ['wait', 'country', 'network_budget', 'country_budget', 'global_budget', 'unsent'],
    }),
    attempts: integer('attempts').notNull().default(1),
    /** The reserve that it was taken from, when the limits were used up; null: from none. */
    reserve: smallint('reserve'),
    /** Whether the SMS provider checks the code itself; null when none took it. */
    isCheckedByProvider: boolean('is_checked_by_provider'),
    /** When a code sent to this number was entered: a person has it. */
    verifiedAt: instant('verified_at'),
    /** The newest decision at the time of an alarm. */
    alarmedAt: instant('alarmed_at'),
  },
  (table) => [
    index('send_decisions_created_at').on(table.createdAt),
    index('send_decisions_allowed').on(table.createdAt).where(sql`outcome = 'allowed'`),
    index('send_decisions_network').on(table.network, table.createdAt).where(sql`outcome = 'allowed'`),
    index('send_decisions_country').on(table.country, table.createdAt).where(sql`outcome = 'allowed'`),
    index('send_decisions_not_entered')
      .on(table.country, table.createdAt)
      .where(sql`outcome = 'allowed' and verified_at is null`),
    index('send_decisions_named').on(table.createdAt).where(sql`phone_number_index is not null`),
    index('send_decisions_number').on(table.phoneNumberIndex, table.createdAt),
    index('send_decisions_verified').on(table.country, table.createdAt).where(sql`verified_at is not null`),
    index('send_decisions_alarmed_at').on(table.alarmedAt).where(sql`alarmed_at is not null`),
  ],
)

/** Codes that were denied. All of an hour, network, country and reason are one row. */
export const sendDenials = pgTable(
  'send_denials',
  {
    /** Empty where it isn't known. */
    network: text('network').notNull(),
    country: text('country').notNull(),
    reason: text('reason').notNull(),
    /** When it began. */
    hour: instant('hour').notNull(),
    attempts: integer('attempts').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.network, table.country, table.reason, table.hour] }),
    index('send_denials_hour').on(table.hour),
  ],
)

/**
 * Password tries since the last right one, by phone number (`subject`: its keyed hash, with an account or without) or by a uid that nobody has.
 * `network`: a hash, bound to the subject; empty for the count over all networks. The functions in the migration password_try_functions change
 * these. A row with `entered_at` is a network that is known to a user: its subject is the uid, and nothing is counted there.
 */
export const passwordTries = pgTable(
  'password_tries',
  {
    subject: text('subject').notNull(),
    network: text('network').notNull().default(''),
    tries: integer('tries').notNull(),
    blocks: integer('blocks').notNull().default(0),
    blockedUntil: instant('blocked_until'),
    lastTriedAt: instant('last_tried_at').notNull().defaultNow(),
    /** The last right password from this network. */
    enteredAt: instant('entered_at'),
    /** Of one network: how many tries, and whole rounds, of the count over all networks are its own; the former in the round after so many blocks. */
    share: integer('share').notNull().default(0),
    shareBlocks: integer('share_blocks').notNull().default(0),
    shareRound: integer('share_round').notNull().default(0),
  },
  (table) => [
    primaryKey({ columns: [table.subject, table.network] }),
    // For purges: known networks are kept longer than tries.
    index('password_tries_last_tried_at').on(table.lastTriedAt).where(sql`entered_at is null`),
    index('password_tries_entered_at').on(table.enteredAt).where(sql`entered_at is not null`),
    index('password_tries_blocked').on(table.blockedUntil).where(sql`blocked_until is not null`),
  ],
)

/**
 * How often one key (a network's hash, a number's, a uid, or empty for everybody) has used a limit, in two windows that each begin with a first
 * use. A key that has used up its limit is only read: refusals write nothing here.
 */
export const limitCounts = pgTable(
  'limit_counts',
  {
    name: text('name').notNull(),
    key: text('key').notNull().default(''),
    hourUsed: integer('hour_used').notNull(),
    hourEndsAt: instant('hour_ends_at').notNull(),
    dayUsed: integer('day_used').notNull(),
    dayEndsAt: instant('day_ends_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.name, table.key] }), index('limit_counts_day_ends_at').on(table.dayEndsAt)],
)

/**
 * Recoveries begun for a number, of which few may be unproved at once: a new one takes the place of an older one. A slot outlives the session
 * that it was given to, whatever becomes of that: what a stranger's recoveries replace must not tell what the number's owner did.
 */
export const recoverySlots = pgTable(
  'recovery_slots',
  {
    /** The session as it was opened; once it is proved it has another id. */
    sessionIdHash: text('session_id_hash').primaryKey(),
    phoneNumberIndex: text('phone_number_index').notNull(),
    /** The account that the recovery is about, until that ends it. */
    accountId: uuid('account_id'),
    /** A hash; empty where the client's network isn't known. */
    network: text('network').notNull().default(''),
    createdAt: createdAt(),
    /** While a code that was sent for it may be entered, no other recovery takes its place. */
    heldUntil: instant('held_until'),
  },
  (table) => [
    index('recovery_slots_number').on(table.phoneNumberIndex, table.createdAt),
    index('recovery_slots_account').on(table.accountId).where(sql`account_id is not null`),
    index('recovery_slots_created_at').on(table.createdAt),
  ],
)

/** When each alarm was last raised, by whichever instance. */
export const alarms = pgTable('alarms', {
  name: text('name').primaryKey(),
  raisedAt: instant('raised_at').notNull(),
})
