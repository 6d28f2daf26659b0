import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The URL of an embedded Postgres for who may do everything there, which the server mayn't. */
export const superuserUrl = async (folder: string, url: string): Promise<string> =>
  Object.assign(new URL(url), {
    username: 'postgres',
    password: await readFile(join(folder, 'password'), 'utf8'),
  }).href
