import { sql } from 'drizzle-orm'
import type { Database } from './database.ts'

/**
 * Rejects unless the database keeps what is written now. A server that takes no writes answers 25006, as it would to any write, whether it is a
 * standby or a primary that was made read-only; so the client leaves it. And a commit that waits for a standby doesn't come back: the message is
 * one, of a few bytes, that nobody reads.
 */
export async function checkWritable(db: Database): Promise<void> {
  await db.execute(sql`do $$ begin
    if current_setting('transaction_read_only')::boolean then
      raise exception 'it does not accept writes' using errcode = 'read_only_sql_transaction';
    end if;
    begin perform pg_logical_emit_message(true, 'readiness', '');
    exception when insufficient_privilege or undefined_function or feature_not_supported then null; end;
  end $$`)
}
