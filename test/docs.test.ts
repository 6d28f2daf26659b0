import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { settingNames } from '../src/config/config.ts'

const pages = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'AGENTS.md', 'client/README.md'].concat(
  globSync('docs/**/*.{md,yml}').sort(),
)
const read = (path: string) => readFileSync(path, 'utf8')
const scriptsOf = (path: string): string[] => Object.keys(JSON.parse(read(path)).scripts)

/** Variables of other programs, and of the tests and commands themselves. */
const foreign = [/^OTEL_/, /^POSTGRES_/, /^XDG_/, /^(ENV_FILE|UV_THREADPOOL_SIZE)$/]
/** What `NAME_FILE` stands for. */
const placeholders = ['NAME_FILE']

test('the pages are found', () => {
  expect(pages.length).toBeGreaterThan(30)
})

test('the README has at most 110 lines', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(110)
})

test("the README's first steps are the walkthrough's", () => {
  const firstWalk = (path: string) => /<!-- walk: accounts -->\n```sh\n([\s\S]*?)```/.exec(read(path))?.[1]
  expect(firstWalk('README.md')).toMatch(/PUT \/signup/)
  expect(firstWalk('README.md')).toBe(firstWalk('docs/walkthrough.md'))
})

test('the architecture has a row for every folder of src', () => {
  const rows = read('docs/architecture.md').match(/^\| `.*$/gm) ?? []
  const told = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([\w-]+)\/`/g)].map(([, name]) => name))
  const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(told.sort()).toEqual(folders.map(({ name }) => name).sort())
})

test.each(pages)('%s names only commands, settings, pages and files that there are', (page) => {
  const text = read(page)
  expect({
    scripts: unknownScripts(page, text),
    settings: unknownSettings(text),
    links: brokenLinks(page, text),
    files: missingFiles(page, text),
  }).toEqual({ scripts: [], settings: [], links: [], files: [] })
})

function unknownScripts(page: string, text: string): string[] {
  const known = [...scriptsOf('package.json'), ...(page.startsWith('client/') ? scriptsOf('client/package.json') : [])]
  const named = [
    ...text.matchAll(/\b(?:npm|bun)\s+run\s+(?:--silent\s+)?([a-z][\w:]*)/g),
    ...text.matchAll(/\bnpm (start|test)\b/g),
    ...text.matchAll(/\bswob\.js ([a-z][\w:]*)/g),
  ]
  return named.map(([, name = '']) => name).filter((name) => !known.includes(name))
}

/** Also of names that are cut short, such as `SIGNUP_…`. */
function unknownSettings(text: string): string[] {
  const names = [...text.matchAll(/\b[A-Z][A-Z0-9]*(?:(?:_[A-Z0-9]+)*_…|(?:_[A-Z0-9]+)+)/g)].map(([name]) => name)
  return names.filter((name) => !(name.endsWith('…') ? isPrefix(name.slice(0, -1)) : isSetting(name)))
}

const isForeign = (name: string) => placeholders.includes(name) || foreign.some((pattern) => pattern.test(name))
const isPrefix = (start: string) => isForeign(start) || settingNames.some((name) => name.startsWith(start))
const isSetting = (written: string) =>
  isForeign(written) || settingNames.some((name) => name === written || `${name}_FILE` === written)

function brokenLinks(page: string, text: string): string[] {
  const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  return links.filter((target) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target))
}

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', heading] = target.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  return existsSync(file) && (heading === undefined || headingsOf(read(file)).includes(heading))
}

/** As hosts make anchors of them. */
const headingsOf = (text: string) =>
  [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )

/** Of what stands in backticks: paths from the top, and any file's that is told by its folder, seen from the top, from `src` or from the page. */
function missingFiles(page: string, text: string): string[] {
  const spans = [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].flatMap(([, span = '']) => span.split(/\s+/))
  const paths = spans.filter((span) => /^(src|test|docs|client|scripts|drizzle)\//.test(span) || isFile(span))
  return paths.filter(
    (path) => !/[*<>…{}$]/.test(path) && ![path, join('src', path), join(dirname(page), path)].some(existsSync),
  )
}

const isFile = (span: string) =>
  /^[\w-]+(\/[\w.-]+)+\.(ts|js|sh|md|json|yml)$/.test(span) && !/^(dist|node_modules)\//.test(span)

const withoutBlocks = (text: string) => text.replace(/^ *```[\s\S]*?^ *```$/gm, '')
const withoutCode = (text: string) => withoutBlocks(text).replace(/`[^`\n]*`/g, '``')
