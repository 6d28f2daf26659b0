import { scriptNotation } from './javascript.ts'
import type { SampleRequest } from './sample-request.ts'
import { writeLiteral } from './sample-request.ts'

/** With our client. */
export function writeTypeScript({ id, server, params, body }: SampleRequest): string {
  const fields = { ...params, ...body }
  const literal = Object.keys(fields).length > 0 ? writeLiteral(fields, scriptNotation, { depth: 0, step: 2 }) : ''
  return `import { cookieJar, createClient } from '@smswithoutborders/api-client'

// Make it once: the jar keeps the session between calls. In a browser leave it out.
const client = createClient({ baseUrl: ${scriptNotation.string(server)}, cookies: cookieJar() })
const answer = await client.${id}(${literal})
console.log(answer)
`
}
