import type * as z from 'zod'

/** One setting: all that is known of it. `.env.example` and docs/configuration.md are written from these. */
export type Setting = {
  /** Reads a value that is set. Its message goes on after the name: "PORT must be …". */
  readonly schema: z.ZodType<unknown, string>
  /** As it would be written. Absent: the setting has no value unless it is set. */
  readonly default?: string
  /** The default with NODE_ENV=production, where it differs. */
  readonly production?: string
  /** The default with LEGACY_CLIENTS=true, where it differs. */
  readonly legacy?: string
  /** Its value opens something: it's kept out of everything that is written, and in production it must not be a placeholder. */
  readonly secret?: true
  /** Whole sentences, for operators. */
  readonly help: string
}

export type SettingGroup = { readonly title: string; readonly settings: Readonly<Record<string, Setting>> }
