import { jsonOf, type SampleRequest } from './sample-request.ts'

export function writeHttp({ method, server, path, body, needsSession }: SampleRequest): string {
  const { host, pathname } = new URL(server)
  const content = body ? jsonOf(body) : ''
  const lines = [
    `${method} ${pathname}${path} HTTP/1.1`,
    `Host: ${host}`,
    'User-Agent: example',
    'Accept: application/json',
  ]
  if (needsSession) lines.push('Cookie: SWOB={session}')
  if (body) lines.push('Content-Type: application/json', `Content-Length: ${new TextEncoder().encode(content).length}`)
  return `${lines.join('\n')}\n\n${content}`
}
