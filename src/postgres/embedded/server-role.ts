import { createHmac } from 'node:crypto'
import postgres from 'postgres'

const role = 'smswithoutborders'

/** What the superuser owns of ours: all that earlier versions made, and the latest again where one of them has migrated since. */
const handOver = `
  do $$
  declare found record;
  begin
    for found in
      select format('alter schema %I owner to ${role}', nspname) as change
        from pg_namespace where nspowner = 'postgres'::regrole and nspname !~ '^pg_' and nspname <> 'information_schema'
      union all
      select format('alter %s %I.%I owner to ${role}',
          case relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' else 'table' end,
          nspname, relname)
        from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where relowner = 'postgres'::regrole and relkind in ('r', 'p', 'v', 'm', 'S')
          and nspname !~ '^pg_' and nspname <> 'information_schema'
          -- Those of a column go with their table.
          and not exists (select from pg_depend
            where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype in ('a', 'i', 'e'))
      union all
      select format('alter routine %s owner to ${role}', pg_proc.oid::regprocedure)
        from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
        where proowner = 'postgres'::regrole and nspname !~ '^pg_' and nspname <> 'information_schema'
          and not exists (select from pg_depend
            where classid = 'pg_proc'::regclass and objid = pg_proc.oid and deptype = 'e')
      union all
      select format('alter type %I.%I owner to ${role}', nspname, typname)
        from pg_type join pg_namespace on pg_namespace.oid = typnamespace
        where typowner = 'postgres'::regrole and typtype in ('e', 'd') and nspname !~ '^pg_' and nspname <> 'information_schema'
    loop
      execute found.change;
    end loop;
  end $$`

/**
 * The URL by which the server uses its own Postgres: as a role that owns the database, and can neither read the machine's files nor start
 * programs, as a superuser can by SQL alone. The superuser stays as it was, for this, for `pg_dump`, and for an earlier version of the server.
 * Call it under the home's lock.
 */
export async function openServerRole({ port, password }: { port: number; password: string }): Promise<string> {
  const superuser = postgres({
    ...{ host: '127.0.0.1', port, username: 'postgres', password, database: 'postgres' },
    ...{ max: 1, connect_timeout: 30, prepare: false, fetch_types: false, onnotice: () => undefined },
  })
  // Known to whoever has the superuser's, and to nobody from it.
  const derived = createHmac('sha256', password).update(`password of ${role}`).digest('hex')
  try {
    await superuser.begin(async (tx) => {
      const [found] = await tx`select from pg_roles where rolname = ${role}`
      if (!found) await tx.unsafe(`create role ${role}`)
      await tx.unsafe(
        `alter role ${role} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password '${derived}'`,
      )
      await tx.unsafe(`alter database postgres owner to ${role}`)
      await tx.unsafe(handOver)
    })
  } finally {
    await superuser.end({ timeout: 5 })
  }
  return `postgres://${role}:${derived}@127.0.0.1:${port}/postgres`
}
