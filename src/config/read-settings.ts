import { type Given, type SettingName, settingNames, settings } from './settings.ts'

export type Env = Readonly<Record<string, string | undefined>>
export type ReadFile = (path: string) => string

/** What is wrong, by setting: the first problem of each. A value or a file's name never stands in it, since it may be a secret. */
export type Problems = Map<SettingName, string>

/** Reads each setting by itself, from its value or from the file that `NAME_FILE` names. */
export function readSettings(env: Env, readFile: ReadFile | undefined): { given: Given; problems: Problems } {
  const given: Record<string, unknown> = {}
  const problems: Problems = new Map()
  for (const name of settingNames) {
    const { value, problem } = writtenValue(env, name, readFile)
    const read = value ? settings[name].safeParse(value) : undefined
    const wrong = problem ?? (read?.error && `${name} ${read.error.issues[0]?.message}`)
    if (wrong) problems.set(name, wrong)
    else if (read) given[name] = read.data
  }
  return { given, problems }
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
