/** Where this folder says what happened to the database. The server's log is one. */
export type PostgresLog = Readonly<
  Record<'info' | 'warn' | 'error', (message: string, fields?: Readonly<Record<string, unknown>>) => void>
>
