import type * as z from 'zod'
import type { Setting, SettingGroup } from './setting.ts'
import { accounts } from './settings/accounts.ts'
import { captcha } from './settings/captcha.ts'
import { codes } from './settings/codes.ts'
import { data } from './settings/data.ts'
import { platforms } from './settings/platforms.ts'
import { server } from './settings/server.ts'
import { baseUrl, endpointBaseUrl, endpointUrl } from './urls.ts'

/** In the order in which operators are shown them. */
export const settingGroups: readonly SettingGroup[] = [server, data, accounts, codes, captcha, platforms]

const entries = {
  ...server.settings,
  ...data.settings,
  ...accounts.settings,
  ...codes.settings,
  ...captcha.settings,
  ...platforms.settings,
}
type Entries = typeof entries

export type SettingName = keyof Entries

/** Every setting of the server. */
export const settings: Readonly<Record<SettingName, Setting>> = entries

export const settingNames = Object.keys(entries) as SettingName[]

export const secretNames = settingNames.filter((name) => settings[name].secret)

const urlSchemas: ReadonlySet<Setting['schema']> = new Set([baseUrl, endpointBaseUrl, endpointUrl])
/** Where requests are sent, with people's numbers or secrets in them. */
export const urlNames = settingNames.filter((name) => urlSchemas.has(settings[name].schema))

type ValueOf<Name extends SettingName> = z.output<Entries[Name]['schema']>

/** The settings that are set, as they were read. */
export type SetValues = { [Name in SettingName]?: ValueOf<Name> }

type WithDefault = { [Name in SettingName]: 'default' extends keyof Entries[Name] ? Name : never }[SettingName]

/** All settings: those that aren't set have their default, if they have one. */
export type Values = { [Name in WithDefault]: ValueOf<Name> } & {
  [Name in Exclude<SettingName, WithDefault>]?: ValueOf<Name>
}

/** The texts among these settings, by name, as far as they are set. */
export const textsOf = (set: SetValues, names: readonly SettingName[]): [SettingName, string][] =>
  names.flatMap((name) => {
    const value = set[name]
    return typeof value === 'string' ? [[name, value] satisfies [SettingName, string]] : []
  })

export function withDefaults(set: SetValues): Values {
  const isProduction = set.NODE_ENV === 'production'
  const values: Record<string, unknown> = { ...set }
  for (const name of settingNames) {
    if (values[name] !== undefined) continue
    const { schema, production, legacy, ...setting } = settings[name]
    const written = (isProduction && production) || (set.LEGACY_CLIENTS && legacy) || setting.default
    if (written !== undefined) values[name] = schema.parse(written)
  }
  return values as Values
}
