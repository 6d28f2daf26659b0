import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/** Runs the commands of the chapter on backups that stand below `<!-- backup: name -->`, as an operator would in the project's folder. What they print. */
export async function runReadme(name: string, { path = '', ...env }: Record<string, string>): Promise<string> {
  const readme = await readFile('docs/operations/backups.md', 'utf8')
  const [, commands] = new RegExp(`<!-- backup: ${name} -->\n\`\`\`sh\n([\\s\\S]*?)\`\`\``).exec(readme) ?? []
  if (!commands) throw new Error(`the chapter has no commands for ${name}`)
  const PATH = [path, process.env.PATH].join(':')
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', commands], { env: { PATH, ...env } })
  return stdout
}
