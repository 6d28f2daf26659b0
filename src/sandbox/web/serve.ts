import { createServer } from 'node:http'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { Hono, type NotFoundHandler } from 'hono'
import { createFaults, type Fault } from './faults.ts'
import { closeServer, listen } from './listen.ts'

type ReceivedRequest = {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly authorization: string | undefined
  readonly body: string
}

/** A stand-in that listens at 127.0.0.1. */
export type Serving = {
  /** The base URL for clients, and where people's browsers go. No slash at the end. */
  readonly url: string
  /** The latest 500, oldest first. */
  readonly received: readonly ReceivedRequest[]
  /** Makes the next request to a path go wrong; called again: the one after it too. */
  failNext(path: string, fault: Fault): void
  close(): Promise<void>
}

type Site = {
  readonly routes: Hono
  readonly notFound: NotFoundHandler
  /** 0: any free one. */
  readonly port: number
}

const maxRecords = 500

/** Serves a stand-in's routes, keeps what it received, and makes the faults that are asked for. */
export async function serve({ routes, notFound, port }: Site): Promise<Serving> {
  const received: ReceivedRequest[] = []
  const { middleware, failNext } = createFaults()
  const site = new Hono<{ Bindings: HttpBindings }>()
    .use(async ({ req }, next) => {
      const { method, path } = req
      const body = await req.text()
      received.push({ method, path, query: req.query(), authorization: req.header('authorization'), body })
      if (received.length > maxRecords) received.shift()
      await next()
    })
    .use(middleware)
    .route('/', routes)
    .notFound(notFound)

  const server = createServer(getRequestListener(site.fetch, { overrideGlobalObjects: false }))
  const url = `http://127.0.0.1:${await listen(server, port)}`
  return { url, received, failNext, close: () => closeServer(server) }
}
