import { type SettingName, type SetValues, settingNames, settings } from './settings.ts'

export type Env = Readonly<Record<string, string | undefined>>
export type ReadFile = (path: string) => string

/** What is wrong, by setting: the first problem of each. A value or a file's name never stands in it, since it may be a secret. */
export type Problems = Map<SettingName, string>

/** Reads each setting by itself, from its value or from the file that `NAME_FILE` names. */
export function readSettings(written: Env, readFile: ReadFile | undefined): { set: SetValues; problems: Problems } {
  const env = withoutMark(written)
  const set: Record<string, unknown> = {}
  const problems: Problems = new Map()
  for (const name of settingNames) {
    const { value, problem } = writtenValue(env, name, readFile)
    const read = value ? settings[name].schema.safeParse(value) : undefined
    const wrong = problem ?? misread(name, value) ?? (read?.error && `${name} ${read.error.issues[0]?.message}`)
    if (wrong) problems.set(name, wrong)
    else if (read) set[name] = read.data
  }
  return { set, problems }
}

const byteOrderMark = '\uFEFF'

/** An editor's byte order mark becomes part of a file's first name, which would then be nobody's: NODE_ENV of all. */
function withoutMark(env: Env): Env {
  const marked = Object.keys(env).filter((name) => name.startsWith(byteOrderMark))
  if (marked.length === 0) return env
  const unmarked = marked.map((name) => [name.replace(byteOrderMark, ''), env[name]] as const)
  return { ...env, ...Object.fromEntries(unmarked.filter(([name]) => !env[name]?.trim())) }
}

/** A value that isn't what its author wrote. */
function misread(name: string, value = ''): string | undefined {
  if (/[\0\uFFFD]/.test(value)) return `${name} is not in UTF-8: save its file as UTF-8`
  if (/^(["']).*\1$/s.test(value)) return `${name} has quotes around its value, which belong to it here: remove them`
  return undefined
}

function writtenValue(env: Env, name: string, readFile: ReadFile | undefined): { value?: string; problem?: string } {
  const value = env[name]?.trim() ?? ''
  const file = env[`${name}_FILE`]?.trim()
  if (!file) return { value }
  if (value) return { problem: `${name} and ${name}_FILE are both set; keep one` }
  if (!readFile) return { problem: `${name}_FILE can't be used here: this runtime has no files` }
  try {
    return { value: readFile(file).trim() }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : ''
    return { problem: `${name}_FILE names a file that can't be read${code}` }
  }
}
