import { writeGo } from './go.ts'
import { writeHttp } from './http.ts'
import { writeJava } from './java.ts'
import { writeJavaScript } from './javascript.ts'
import { writePhp } from './php.ts'
import { writePython } from './python.ts'
import { writeRuby } from './ruby.ts'
import type { Sample, SampleRequest } from './sample-request.ts'
import { writeShell } from './shell.ts'
import { writeTypeScript } from './typescript.ts'

const languages = [
  ['shell', 'Shell', writeShell],
  ['http', 'HTTP', writeHttp],
  ['javascript', 'JavaScript', writeJavaScript],
  ['typescript', 'TypeScript', writeTypeScript],
  ['ruby', 'Ruby', writeRuby],
  ['python', 'Python', writePython],
  ['php', 'PHP', writePhp],
  ['java', 'Java', writeJava],
  ['go', 'Go', writeGo],
] as const

/** The same request in each language; a sample is a whole program. */
export const writeSamples = (request: SampleRequest): Sample[] =>
  languages.map(([lang, label, write]) => ({ lang, label, source: write(request) }))
