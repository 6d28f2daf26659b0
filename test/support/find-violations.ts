import { posix } from 'node:path'
import { type Import, readModule } from './read-module.ts'

export type Rules = {
  /** What each folder, or file beside them, may import of ours besides itself: folders and files; `type`: only types of it; `*`: all. */
  table: Readonly<Record<string, readonly string[]>>
  /** Who may import a package; whatever isn't named here may be imported by all. */
  packages: Readonly<Record<string, readonly string[]>>
  /** Loaded when first used (dynamic import), since most starts need none of it; but by each other at once. */
  lazy: readonly string[]
  /** Which folders, or files, may use a global name. */
  names: Readonly<Record<string, readonly string[]>>
  longest: number
  /** Files that are longer, and why they may be. */
  long: Readonly<Record<string, string>>
}

/** Everything in the modules (source by path from the project's folder) that is against the rules, a line each. */
export function findViolations(modules: Readonly<Record<string, string>>, rules: Rules): string[] {
  return Object.entries(modules).flatMap(([path, source]) => {
    const { imports, names } = readModule(path, source)
    const owner = ownerOf(path)
    const wrongNames = Object.entries(rules.names).filter(
      ([name, owners]) => names.has(name) && !owners.includes(owner) && !owners.includes(path),
    )
    const isTooLong = source.split('\n').length - 1 > rules.longest && !(path in rules.long)
    return [
      ...(owner in rules.table ? [] : [`${path}: ${owner} has no row in the table`]),
      ...imports.flatMap((found) => wrongImport(path, found, rules) ?? []),
      ...wrongNames.map(([name]) => `${path}: uses ${name}`),
      ...(isTooLong ? [`${path}: is longer than ${rules.longest} lines`] : []),
    ]
  })
}

function wrongImport(path: string, { specifier, kind }: Import, rules: Rules): string | undefined {
  const owner = ownerOf(path)
  const isOurs = specifier.startsWith('.')
  const target = isOurs ? posix.join(posix.dirname(path), specifier) : specifier
  const name = isOurs ? target.replace(/^src\//, '') : specifier
  const isOwn = isOurs && ownerOf(target) === owner
  const complain = (why: string) => `${path}: imports ${name}, ${why}`

  if (isOurs && !isOwn && !isListed(name, kind, rules.table[owner] ?? [])) return complain(`which ${owner} may not`)
  const owners = Object.entries(rules.packages).find(([of]) => isBelow(specifier, of))?.[1]
  if (owners && !owners.includes(owner)) return complain(`which ${owner} may not`)
  const isLazy = (module: string) => rules.lazy.some((lazy) => isBelow(module, lazy))
  if (isLazy(name) && kind === 'static' && !isLazy(path.replace(/^src\//, '')))
    return complain('which is loaded when first used')
  return undefined
}

/** Permissions in the tables that no module needs, a line each. */
export function findUnused(modules: Readonly<Record<string, string>>, { table, packages }: Rules): string[] {
  const found = Object.entries(modules).flatMap(([path, source]) =>
    readModule(path, source).imports.map(({ specifier, kind }) => {
      const isOurs = specifier.startsWith('.')
      const target = isOurs ? posix.join(posix.dirname(path), specifier) : specifier
      return {
        owner: ownerOf(path),
        name: target.replace(/^src\//, ''),
        kind,
        isOwn: ownerOf(target) === ownerOf(path),
      }
    }),
  )
  const isUsed = (owner: string, entry: string) =>
    found.some((one) => one.owner === owner && !one.isOwn && isListed(one.name, one.kind, [entry]))
  return [
    ...Object.entries(table).flatMap(([owner, entries]) =>
      entries.filter((entry) => !isUsed(owner, entry)).map((entry) => `${owner}: ${entry} is not needed`),
    ),
    ...Object.entries(packages).flatMap(([name, owners]) =>
      owners
        .filter((owner) => !found.some((one) => one.owner === owner && isBelow(one.name, name)))
        .map((owner) => `${name}: ${owner} does not need it`),
    ),
  ]
}

/** Modules that import themselves by way of others, each circle as its paths in turn. Types count too: a reader follows them as well. */
export function findCircles(modules: Readonly<Record<string, string>>): string[] {
  const imported = (path: string) =>
    readModule(path, modules[path] ?? '')
      .imports.filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier }) => posix.join(posix.dirname(path), specifier))
      .filter((target) => target in modules)
  const circles: string[] = []
  const done = new Set<string>()
  const follow = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) circles.push([...trail.slice(at), path].join(' → '))
    if (at >= 0 || done.has(path)) return
    for (const target of imported(path)) follow(target, [...trail, path])
    done.add(path)
  }
  for (const path of Object.keys(modules)) follow(path, [])
  return circles
}

const isListed = (name: string, kind: Import['kind'], listed: readonly string[]) =>
  listed.some((entry) =>
    entry.startsWith('type ')
      ? kind === 'type' && isBelow(name, entry.slice(5))
      : entry === '*' || isBelow(name, entry),
  )

const isBelow = (name: string, folder: string) =>
  name === folder || name.startsWith(folder.endsWith(':') ? folder : `${folder}/`)

/** `src/api/routes/otp.ts` is of `api`, `src/config/config.ts` of `config`, like `src/config/…`, and `client/…` of `client`. */
function ownerOf(path: string): string {
  const [top = '', inner = ''] = path.split('/')
  return top === 'src' ? inner.replace(/\.ts$/, '') : top
}
