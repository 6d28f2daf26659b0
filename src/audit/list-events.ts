import { sql } from 'drizzle-orm'
import type { Services } from '../services.ts'

const batch = 1000

export type EventFilter = { userId?: string; phoneNumber?: string; event?: string; since?: Date }

/** What the audit trail says, oldest first, batch by batch. `phoneNumber` (E.164) finds tries on a number that had no account. */
export async function* listEvents(
  { db, blindIndex }: Pick<Services, 'db' | 'blindIndex'>,
  { userId, phoneNumber, event, since }: EventFilter,
): AsyncGenerator<Record<string, unknown>> {
  const numbers = phoneNumber ? await blindIndex.all('phone number', phoneNumber) : undefined
  for (let last = 0, found = batch; found === batch; ) {
    const rows = await db.execute<{ id: number; at: string }>(sql`
      select id::float8 as id, to_char(at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, event, outcome,
        user_id as "userId", phone_number_index as "phoneNumberIndex", about, request_id as "requestId", network
      from audit_events where id > ${last}
        ${userId ? sql`and user_id = ${userId}` : sql``}
        ${event ? sql`and event = ${event}` : sql``}
        ${since ? sql`and at >= ${since.toISOString()}::timestamptz` : sql``}
        ${numbers ? sql`and phone_number_index in ${numbers}` : sql``}
      order by id limit ${batch}`)
    yield* rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))
    found = rows.length
    last = rows.at(-1)?.id ?? last
  }
}
