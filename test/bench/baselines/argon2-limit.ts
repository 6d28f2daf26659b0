import { availableParallelism } from 'node:os'
import { verify } from '@node-rs/argon2'

/*
 * How many passwords this machine can check in a second, on all cores, when it does nothing else, and in how many microseconds of processor
 * time. Arguments: hash, password, seconds.
 */

const [hash = '', password = '', seconds = '1'] = process.argv.slice(2)
const end = performance.now() + Number(seconds) * 1000
const began = performance.now()
let checked = 0

async function checkOn(): Promise<void> {
  while (performance.now() < end) {
    if (!(await verify(hash, password))) throw new Error('the password is wrong')
    checked++
  }
}

await Promise.all(Array.from({ length: availableParallelism() }, checkOn))
const perSecond = checked / ((performance.now() - began) / 1000)
const { user, system } = process.cpuUsage()
process.stdout.write(JSON.stringify({ perSecond, cpu: (user + system) / checked }))
