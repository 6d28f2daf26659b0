import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const dist = join(here, 'dist')

rmSync(dist, { recursive: true, force: true })
await build({
  entryPoints: [join(here, 'src/index.ts')],
  outfile: join(dist, 'index.js'),
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  logLevel: 'warning',
})
const declarations = mkdtempSync(join(tmpdir(), 'api-client-'))
try {
  execFileSync('tsc', ['-p', here, '--outDir', declarations], { stdio: 'inherit' })
  writeFileSync(join(dist, 'index.d.ts'), mergeDeclarations(join(declarations, 'client/src')))
} finally {
  rmSync(declarations, { recursive: true })
}
copyFileSync(join(here, '../LICENSE'), join(dist, 'LICENSE'))
copyFileSync(join(here, '../node_modules/hono/LICENSE'), join(dist, 'LICENSE.hono'))

/** One file of index.d.ts and all that it reaches: what the compiler wrote, without the imports between the files. */
function mergeDeclarations(folder: string): string {
  const reached = new Set(['index'])
  let merged = ''
  // A set's loop also visits what is added meanwhile.
  for (const name of reached) {
    const text = readFileSync(join(folder, `${name}.d.ts`), 'utf8')
    for (const [, sibling = ''] of text.matchAll(/["']\.\/([\w-]+)\.ts["']/g)) reached.add(sibling)
    merged += name === 'index' ? text.replace(/ from .*;/g, ';') : asSibling(text)
  }
  const foreign = merged.match(/(from|import\() ?["'].*["']/)
  if (foreign) throw new Error(`the declarations refer to something else: ${foreign[0]}`)
  return merged
}

/** Only index.d.ts says what is exported. */
function asSibling(text: string): string {
  return text
    .replace(/^import .*;\n/gm, '')
    .replace(/import\("\.\/[\w-]+\.ts"\)\./g, '')
    .replace(/^export \{\};\n/gm, '')
    .replace(/^export (declare )?/gm, 'declare ')
}
