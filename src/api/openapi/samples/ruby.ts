import type { SampleRequest } from './sample-request.ts'
import { type Notation, singleQuoted, writeLiteral } from './sample-request.ts'

const notation: Notation = {
  string: singleQuoted,
  key: (name) => `${singleQuoted(name)} => `,
  object: ['{', '}'],
  none: 'nil',
  flags: ['true', 'false'],
}

/** Ruby's own library has no cookie jar, so the session is kept in a file. */
export function writeRuby({ method, server, path, body }: SampleRequest): string {
  const kind = method.charAt(0) + method.slice(1).toLowerCase()
  const sent = body
    ? `request['Content-Type'] = 'application/json'
request.body = JSON.generate(${writeLiteral(body, notation, { depth: 0, step: 2 })})
`
    : ''
  return `require 'json'
require 'net/http'

uri = URI(${singleQuoted(server + path)})
request = Net::HTTP::${kind}.new(uri)
request['Cookie'] = File.read('session.txt') if File.exist?('session.txt')
${sent}
response = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https') { |http| http.request(request) }
File.write('session.txt', response['Set-Cookie'][/[^;]*/]) if response['Set-Cookie']
puts response.code, JSON.parse(response.body)
`
}
