/** A migration of this build: `when` (epoch milliseconds, from the journal) names it in the database. */
export type Migration = { tag: string; when: number; hash: string; statements: readonly string[] }
export type Applied = { when: number; hash: string }

/**
 * What a database still lacks of this build's migrations. Throws when its history isn't the beginning of the journal's, or the other way
 * round: a migration that is skipped is never made up for, and the schema then isn't the one that the code was written for. A database that is
 * ahead is that of a newer version, beside which this one may serve.
 */
export function planMigrations(journal: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  for (const [index, { tag, when }] of journal.entries()) {
    const before = journal[index - 1]
    if (before && before.when >= when)
      throw new Error(`migration ${tag} is not newer than ${before.tag}; regenerate it`)
  }
  for (const [index, { when, hash }] of applied.entries()) {
    const expected = journal[index]
    if (!expected) return []
    if (expected.when !== when) throw outOfOrder(expected, when, journal)
    if (expected.hash !== hash) throw new Error(`migration ${expected.tag} was changed after it was applied`)
  }
  return journal.slice(applied.length)
}

function outOfOrder(expected: Migration, when: number, journal: readonly Migration[]): Error {
  const found = journal.find((migration) => migration.when === when)
  return new Error(
    found
      ? `migration ${expected.tag} was not applied, but the later ${found.tag} was`
      : `the database has a migration from another branch (${new Date(when).toISOString()}) in place of ${expected.tag}`,
  )
}
