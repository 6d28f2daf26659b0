import { listenOnNode } from './listen-on-node.ts'
import { runServer } from './run-server.ts'
import { yieldToRequests } from './yield-to-requests.ts'

await runServer(listenOnNode())
await yieldToRequests()
