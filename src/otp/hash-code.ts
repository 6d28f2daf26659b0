import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'

/** Codes are few enough to try them all, so their hash is keyed; bound to the session, it's of no use in another. */
export const hashCode = ({ index }: Pick<Services, 'index'>, session: Session, code: string): Promise<string> =>
  index.of('code', `${session.purpose} ${session.idHash} ${code}`)
