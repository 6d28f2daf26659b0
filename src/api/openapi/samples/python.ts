import type { SampleRequest } from './sample-request.ts'
import { type Notation, writeLiteral } from './sample-request.ts'

const notation: Notation = {
  string: (value) => JSON.stringify(value),
  key: (name) => `${JSON.stringify(name)}: `,
  object: ['{', '}'],
  none: 'None',
  flags: ['True', 'False'],
}

/** The session is kept in a file, so that the next sample finds it. */
export function writePython({ method, server, path, body }: SampleRequest): string {
  const json = body ? `\n    json=${writeLiteral(body, notation, { depth: 1, step: 4 })},` : ''
  return `import os
from http.cookiejar import MozillaCookieJar

import requests

session = requests.Session()
session.cookies = MozillaCookieJar("cookies.txt")
if os.path.exists("cookies.txt"):
    session.cookies.load()

response = session.${method.toLowerCase()}(
    ${JSON.stringify(server + path)},${json}
)
session.cookies.save()
print(response.status_code, response.json())
`
}
