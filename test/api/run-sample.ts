import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll } from 'vitest'

const run = promisify(execFile)

/** What a sample printed: the status and the body of the answer. */
export type Printed = { status: number; body: string }

/** Runs samples of one language, as a reader who saves them in one folder and starts them one after the other. */
export async function openSampleFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'swob-samples-'))
  afterAll(() => rm(folder, { recursive: true }))
  const start = (command: string, ...args: string[]) =>
    run(command, args, { cwd: folder, env: { ...process.env, CURL_HOME: folder, PYTHONPATH: folder }, timeout: 60_000 })

  // Outside the sample, since it prints the body only.
  await writeFile(
    join(folder, '.curlrc'),
    String.raw`silent
show-error
write-out = "\n%{http_code}"
`,
  )
  const hasRequests = await start('python3', '-c', 'import requests').then(
    () => true,
    () => false,
  )
  if (!hasRequests) await copyFile('test/api/requests-stand-in.py', join(folder, 'requests.py'))

  return {
    async shell(source: string): Promise<Printed> {
      const { stdout } = await start('bash', '-c', source)
      const end = stdout.lastIndexOf('\n')
      return { status: Number(stdout.slice(end)), body: stdout.slice(0, end) }
    },
    async python(source: string): Promise<Printed> {
      await writeFile(join(folder, 'sample.py'), source)
      const { stdout } = await start('python3', 'sample.py')
      return { status: Number(stdout.slice(0, 3)), body: stdout.slice(4).trim() }
    },
  }
}
