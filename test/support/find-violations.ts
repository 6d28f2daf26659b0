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

const isListed = (name: string, kind: Import['kind'], listed: readonly string[]) =>
  listed.some((entry) =>
    entry.startsWith('type ')
      ? kind === 'type' && isBelow(name, entry.slice(5))
      : entry === '*' || isBelow(name, entry),
  )

const isBelow = (name: string, folder: string) =>
  name === folder || name.startsWith(folder.endsWith(':') ? folder : `${folder}/`)

/** `src/api/routes/otp.ts` is of `api`, `src/config.ts` of `config`, like `src/config/…`, and `client/…` of `client`. */
function ownerOf(path: string): string {
  const [top = '', inner = ''] = path.split('/')
  return top === 'src' ? inner.replace(/\.ts$/, '') : top
}
