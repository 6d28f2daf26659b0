import { execFileSync } from 'node:child_process'
import { build } from 'esbuild'

export const resultsFolder = 'dist/bench'

const bundle = (name: string) => `${resultsFolder}/${name}.js`

export const bundles = {
  server: 'dist/node/node.js',
  bareHono: bundle('bare-hono'),
  bareHonoPostgres: bundle('bare-hono-postgres'),
  argon2Limit: bundle('argon2-limit'),
}

/** The server as it is deployed, and the baselines bundled as it is. */
export async function buildBundles(): Promise<void> {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' })
  await build({
    entryPoints: ['bare-hono', 'bare-hono-postgres', 'argon2-limit'].map((name) => `test/bench/baselines/${name}.ts`),
    outdir: resultsFolder,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    external: ['@node-rs/argon2'],
    logLevel: 'warning',
  })
}
