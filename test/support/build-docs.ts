import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll } from 'vitest'
import { openAssets } from '../../src/server/http/assets.ts'

/** The reference's page as the build makes it; gone after the file's tests. */
export async function buildDocs() {
  const folder = await mkdtemp(join(tmpdir(), 'swob-docs-'))
  afterAll(() => rm(folder, { recursive: true }))
  await build({
    entryPoints: ['src/reference-page/page.ts', 'src/reference-page/page.css', 'src/reference-page/consent-return.ts'],
    bundle: true,
    minify: true,
    target: ['es2022', 'safari16'],
    outdir: folder,
    logLevel: 'error',
  })
  return openAssets(folder)
}
