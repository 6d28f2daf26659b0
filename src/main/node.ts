import { listenOnNode } from '../server/http/listen-on-node.ts'
import { runServer } from '../server/run-server.ts'
import { yieldToRequests } from '../server/yield-to-requests.ts'

await runServer(listenOnNode())
await yieldToRequests()
