import { readdir, readFile } from 'node:fs/promises'

/** All that a process has started, and that these have, which still run: their command lines and environments. Linux alone shows them. */
export async function childProcesses(pid: number): Promise<{ pid: number; command: string; environment: string }[]> {
  const all = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(readProcess))
  const running = all.filter((process) => process !== undefined)
  const below = (parent: number): typeof running =>
    running.filter((process) => process.parent === parent).flatMap((child) => [child, ...below(child.pid)])
  return below(pid)
}

/** One process of these. */
export async function readProcess(name: string) {
  const read = (file: string) => readFile(`/proc/${name}/${file}`, 'utf8')
  try {
    const [stat, command, environment] = await Promise.all([read('stat'), read('cmdline'), read('environ')])
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    return { pid: Number(name), parent, command: command.replaceAll('\0', ' ').trim(), environment }
  } catch {
    // It has ended meanwhile.
    return undefined
  }
}
