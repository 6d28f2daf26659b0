import { listenOnNode } from './listen-on-node.ts'
import { runServer } from './run-server.ts'

await runServer(listenOnNode())
