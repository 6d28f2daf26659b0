import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** For the tests that start servers and commands as processes, once for the run. */
export default async function buildPrograms(): Promise<void> {
  await promisify(execFile)(process.execPath, ['scripts/build.js', 'node'])
}
