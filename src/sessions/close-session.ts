import { eq } from 'drizzle-orm'
import { sessions } from '../postgres/schema/schema.ts'
import type { Services } from '../services.ts'
import { hashSessionToken, isSessionToken } from './session-token.ts'

/** Ends one session on the server. False: it had ended already. */
export async function closeSession({ db }: Pick<Services, 'db'>, idHash: string): Promise<boolean> {
  const closed = await db.delete(sessions).where(eq(sessions.idHash, idHash)).returning({ idHash: sessions.idHash })
  return closed.length > 0
}

/** The same by the token that a cookie carries. */
export async function closeSessionOf(services: Pick<Services, 'db'>, token: string): Promise<void> {
  if (isSessionToken(token)) await closeSession(services, hashSessionToken(token))
}
