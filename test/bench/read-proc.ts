import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Microseconds of processor time that a process has used, with the children that it has waited for. */
export function cpuOf(pid: number): number {
  const ticks = (statOf(pid) ?? []).slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return (ticks / ticksPerSecond) * 1e6
}

/** The same of a Postgres: its server process and all its backends. */
export function cpuOfPostgres(pid: number): number {
  const backends = pids().filter((child) => Number(statOf(child)?.[1]) === pid)
  return [pid, ...backends].reduce((sum, one) => sum + cpuOf(one), 0)
}

/** Resident memory in MiB. */
export function memoryOf(pid: number): number {
  const [, kib = ''] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / 1024
}

const pids = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** The fields after the command, which may itself hold spaces and parentheses: state, parent … Undefined: it has ended. */
function statOf(pid: number): string[] | undefined {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return line.slice(line.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
