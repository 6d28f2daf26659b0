import { settingNames } from './settings.ts'

/** What other programs read from the same file or environment: OpenTelemetry, Node, compose, the C library. */
const othersPrefixes = ['OTEL_', 'NODE_', 'BUN_', 'NPM_', 'POSTGRES_', 'COMPOSE_', 'LC_']
const others = new Set(['ENV_FILE', 'UV_THREADPOOL_SIZE', 'TZ', 'LANG', 'PATH', 'HOME'])

/** Shorter names are too near to those of other programs. */
const shortestMisspelt = 6

export type UnknownName = { name: string; nearest: string | undefined }

/**
 * Names that no setting has: all of them in the settings' file, and of the environment, which holds other programs' too, those that are nearly a
 * setting's.
 */
export function findUnknownNames(inFile: readonly string[], inEnvironment: readonly string[]): UnknownName[] {
  const isOurs = (name: string) =>
    known.has(name) || others.has(name) || othersPrefixes.some((one) => name.startsWith(one))
  const fromFile = new Set(inFile)
  const unknown = [...fromFile, ...inEnvironment.filter((name) => !fromFile.has(name))]
    .filter((name) => !isOurs(name))
    .map((name) => ({ name, nearest: nearestTo(name) }))
  return unknown.filter(({ name, nearest }) => fromFile.has(name) || (nearest && name.length >= shortestMisspelt))
}

const known: ReadonlySet<string> = new Set(settingNames.flatMap((name) => [name, `${name}_FILE`]))

function nearestTo(name: string): string | undefined {
  const most = name.length < 9 ? 1 : 2
  const upper = name.toUpperCase()
  const near = [...known].map((one) => ({ one, distance: distanceOf(upper, one) }))
  const [nearest] = near.sort((first, second) => first.distance - second.distance)
  return nearest && nearest.distance <= most ? nearest.one : undefined
}

/** How many letters must be put in, left out, replaced or swapped with the next one. */
function distanceOf(from: string, to: string): number {
  let [before, last] = [[] as number[], Array.from({ length: to.length + 1 }, (_, column) => column)]
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1]
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
    ;[before, last] = [last, current]
  }
  return at(last, to.length)
}

const at = (row: readonly number[], column: number): number => row[column] ?? Number.POSITIVE_INFINITY
