import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Home } from './programs.ts'
import { lastLines } from './programs.ts'

/** Of the last start: whatever it, or a program that should have run it, wrote in the end. */
export const readLog = async ({ folder }: Pick<Home, 'folder'>): Promise<string> =>
  lastLines(await readFile(join(folder, 'postgres.log'), 'utf8').catch(() => ''))

/** For our own log: without the statements that it was about, which are people's. */
export const readLastWords = async (home: Pick<Home, 'folder'>): Promise<string[]> =>
  (await readLog(home)).split('\n').filter((line) => !/ STATEMENT: |^\t|^$/.test(line))
