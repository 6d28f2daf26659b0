import type { SampleRequest } from './sample-request.ts'
import { type Notation, singleQuoted, writeLiteral } from './sample-request.ts'

const notation: Notation = {
  string: singleQuoted,
  key: (name) => `${singleQuoted(name)} => `,
  object: ['[', ']'],
  emptyObject: 'new \\stdClass()',
  none: 'null',
  flags: ['true', 'false'],
}

/** With Guzzle, which keeps the session in a file. */
export function writePhp({ method, server, path, body }: SampleRequest): string {
  const options = body ? `, [\n    'json' => ${writeLiteral(body, notation, { depth: 1, step: 4 })},\n]` : ''
  return `<?php

require 'vendor/autoload.php';

$client = new \\GuzzleHttp\\Client([
    'cookies' => new \\GuzzleHttp\\Cookie\\FileCookieJar('cookies.json', true),
    'http_errors' => false,
]);
$response = $client->request('${method}', ${singleQuoted(server + path)}${options});

echo $response->getStatusCode(), ' ', $response->getBody(), PHP_EOL;
`
}
