import { and, eq, ne } from 'drizzle-orm'
import { sessions } from '../db/schema.ts'
import type { Services } from '../services.ts'

/** Ends one session on the server. False: it had ended already. */
export async function closeSession({ db }: Pick<Services, 'db'>, idHash: string): Promise<boolean> {
  const closed = await db.delete(sessions).where(eq(sessions.idHash, idHash)).returning({ idHash: sessions.idHash })
  return closed.length > 0
}

/** Ends every session of a user, whatever its purpose; `except` is the one that may stay. */
export async function closeSessionsOf({ db }: Pick<Services, 'db'>, userId: string, except?: string): Promise<void> {
  await db.delete(sessions).where(and(eq(sessions.userId, userId), except ? ne(sessions.idHash, except) : undefined))
}
