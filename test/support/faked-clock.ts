import { execFileSync } from 'node:child_process'
import { findProgram } from './find-program.ts'

const faketime = findProgram('faketime')

/** The environment of a process whose clock is `minutes` wrong; timers run as ever. Undefined where libfaketime isn't installed. */
export const fakedClock = faketime
  ? (minutes: number): Record<string, string> => ({
      LD_PRELOAD: execFileSync(faketime, ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim(),
      FAKETIME: `${minutes < 0 ? '' : '+'}${minutes}m`,
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    })
  : undefined
