import journal from '../../../drizzle/meta/_journal.json' with { type: 'json' }

/** The newest migration that this build was written for, as `drizzle.__drizzle_migrations` names it. */
export const schemaVersion: number = journal.entries.at(-1)?.when ?? 0
