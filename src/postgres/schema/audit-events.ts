import { sql } from 'drizzle-orm'
import { bigint, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'

const instant = (name: string) => timestamp(name, { withTimezone: true }).notNull()

/**
 * Security events. Append-only. Neither a number nor its index stands here for a user: what is kept beyond an account's end tells nobody whose
 * it was.
 */
export const auditEvents = pgTable(
  'audit_events',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant('at').defaultNow(),
    event: text('event').notNull(),
    outcome: text('outcome', { enum: ['done', 'refused', 'blocked'] }).notNull(),
    userId: uuid('user_id'),
    /** Of a number that has no account. */
    phoneNumberIndex: text('phone_number_index'),
    /** The platform, the key. */
    about: text('about'),
    requestId: text('request_id'),
    /** 24 bits of IPv4, 48 of IPv6. */
    network: text('network'),
    keepUntil: instant('keep_until'),
  },
  (table) => [
    index('audit_events_user_id').on(table.userId),
    index('audit_events_keep_until').on(table.keepUntil),
    index('audit_events_blocked').on(table.at).where(sql`outcome = 'blocked'`),
  ],
)

/**
 * Makes the table append-only, for the server too: nothing changes, nothing goes before its time. Not a migration: drizzle's schema
 * knows no triggers. Run after each migration; it does nothing where it was run before.
 */
export const keepEvents = `
do $do$ begin
  if exists (select from pg_trigger where tgname = 'audit_events_keep_row' and tgrelid = 'audit_events'::regclass)
    and exists (select from pg_trigger where tgname = 'audit_events_keep_all' and tgrelid = 'audit_events'::regclass)
  then return; end if;
  create or replace function keep_audit_events() returns trigger language plpgsql as $keep$ begin
    if tg_op = 'DELETE' and old.keep_until < now() then return old; end if;
    raise exception 'audit_events is append-only' using errcode = 'integrity_constraint_violation';
  end $keep$;
  create or replace trigger audit_events_keep_row before update or delete on audit_events
    for each row execute function keep_audit_events();
  create or replace trigger audit_events_keep_all before truncate on audit_events
    for each statement execute function keep_audit_events();
end $do$`
