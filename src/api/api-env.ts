import type { Services } from '../services.ts'
import type { Session } from '../sessions/session.ts'

/** What the runtime hands over with each request, and what middleware adds. */
export type ApiEnv = {
  Bindings: {
    services: Services
    /** The address at the other end of the connection, where the runtime knows it. */
    remoteAddress?: string
    /** It is the client's own, whatever headers say: the runtime has read those. */
    isClientAddress?: boolean
    /** What only the runtime knows of whether requests should come here. `hasDisk`: absent where the database is elsewhere. */
    health?: { isStopping: () => boolean; hasDisk?: () => Promise<boolean> }
    /** Development only: this server's own origin, whose page finishes a grant when the sandbox sends people back. */
    returnOrigin?: string
    /** Absent: this server has no pages. */
    openAsset?: (name: string) => Promise<Asset | undefined>
  }
  Variables: { requestId: string; session: Session }
}

/** A file that a page of ours uses, made by the build. */
export type Asset = {
  body: Uint8Array<ArrayBuffer>
  /** The same, where the runtime doesn't compress answers itself. */
  gzip?: Uint8Array<ArrayBuffer>
  /** Of its content: another content has another tag. Letters and digits. */
  tag: string
}
