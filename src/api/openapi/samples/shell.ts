import { jsonOf, type SampleRequest } from './sample-request.ts'

/** The session is kept in curl's cookie jar. */
export function writeShell({ method, server, path, body }: SampleRequest): string {
  const lines = [`curl -X ${method} ${quoted(server + path)}`, '-b cookies.txt -c cookies.txt']
  if (body) lines.push(`-H 'Content-Type: application/json'`, `-d ${quoted(jsonOf(body))}`)
  return lines.join(' \\\n  ')
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`
