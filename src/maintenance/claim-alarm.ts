import { sql } from 'drizzle-orm'
import type { Services } from '../services.ts'

/** True once an hour over all instances: whoever gets it raises the alarm. */
export async function claimAlarm(
  { db }: Pick<Services, 'db'>,
  name: 'codes not entered' | 'codes sent',
): Promise<boolean> {
  const claimed = await db.execute(sql`
    insert into alarms (name, raised_at) values (${name}, now())
    on conflict (name) do update set raised_at = now() where alarms.raised_at <= now() - interval '1 hour'
    returning true`)
  return claimed.length > 0
}
