import type { SampleRequest } from './sample-request.ts'
import { type Notation, singleQuoted, writeLiteral } from './sample-request.ts'

export const scriptNotation: Notation = {
  string: (value) => singleQuoted(value).replaceAll('\n', '\\n'),
  key: (name) => `${/^[a-z_$][\w$]*$/i.test(name) ? name : singleQuoted(name)}: `,
  object: ['{', '}'],
  none: 'null',
  flags: ['true', 'false'],
}

/** For a web page: the browser keeps the session. */
export function writeJavaScript({ method, server, path, body }: SampleRequest): string {
  const literal = body && writeLiteral(body, scriptNotation, { depth: 1, step: 2 })
  const sent = literal
    ? `\n  headers: { 'Content-Type': 'application/json' },\n  body: JSON.stringify(${literal}),`
    : ''
  return `const response = await fetch(${scriptNotation.string(server + path)}, {
  method: '${method}',
  credentials: 'include',${sent}
})
console.log(response.status, await response.json())
`
}
