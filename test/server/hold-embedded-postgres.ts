import { openEmbeddedPostgres } from '../../src/postgres/embedded/open-embedded-postgres.ts'

// Opens the folder given as argument, prints the URL, and closes when its standard input ends.
const { url, close } = await openEmbeddedPostgres({ folder: process.argv[2] ?? '', durable: false })
process.stdout.write(`${url}\n`)
for await (const _ of process.stdin);
await close()
