import { eq, sql } from 'drizzle-orm'
import { passwordTries } from '../db/schema.ts'
import { RefusedError } from '../errors.ts'
import type { Services } from '../services.ts'

/**
 * Counts a password try before the password is looked at, or refuses while the subject is blocked. The last try of a round starts its block
 * at once, so that parallel guesses can't pass it. A subject left alone for as long as the long block begins anew.
 */
export async function claimPasswordTry(
  { db, settings }: Pick<Services, 'db' | 'settings'>,
  subject: string,
): Promise<void> {
  const { tries, block, blocks, longBlock } = settings.logins
  const claimed = await db.execute(sql`
    insert into password_tries as known (subject, tries, blocks, blocked_until)
    values (${subject}, 1, (1 >= ${tries}::int)::int,
      case when 1 >= ${tries}::int then now() + make_interval(secs => ${blocks === 1 ? longBlock : block}) end)
    on conflict (subject) do update set (tries, blocks, blocked_until, last_tried_at) = (
      select next.tries, next.blocks,
        case when next.tries >= ${tries} then
          now() + make_interval(secs => case when next.blocks >= ${blocks} then ${longBlock}::int else ${block}::int end) end,
        now()
      from (
        select counted.tries, past.blocks + (counted.tries >= ${tries})::int as blocks
        from (
          select known.last_tried_at < now() - make_interval(secs => ${longBlock}) as forgotten
        ) as age,
        lateral (select case when age.forgotten then 0 else known.blocks end as blocks) as past,
        lateral (
          select case when age.forgotten or known.blocked_until is not null then 1 else known.tries + 1 end as tries
        ) as counted
      ) as next
    )
    where known.blocked_until is null or known.blocked_until <= now()
    returning true`)
  if (claimed.length > 0) return
  const [row] = await db.execute<{ seconds: number }>(sql`
    select ceil(extract(epoch from blocked_until - now()))::int as seconds from password_tries where subject = ${subject}`)
  throw new RefusedError('too_many_requests', 'too many wrong passwords', {
    retryAfterSeconds: Math.max(1, row?.seconds ?? 1),
  })
}

/** A right password clears the count. */
export async function clearPasswordTries({ db }: Pick<Services, 'db'>, subject: string): Promise<void> {
  await db.delete(passwordTries).where(eq(passwordTries.subject, subject))
}
