import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'

/** What the runtime hands over with each request, and what middleware adds. */
export type ApiEnv = {
  Bindings: {
    services: Services
    /** The address at the other end of the connection, where the runtime knows it. */
    remoteAddress?: string
  }
  Variables: { requestId: string; session: Session }
}
