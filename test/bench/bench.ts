import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { buildBundles, resultsFolder } from './build-bundles.ts'
import { type Figure, printFigures } from './figures.ts'
import { type Bench, openBench } from './open-bench.ts'
import { countWrites } from './parts/count-writes.ts'
import { measureGrowth } from './parts/measure-growth.ts'
import { measureLogins } from './parts/measure-logins.ts'
import { measureMemory } from './parts/measure-memory.ts'
import { measureReads } from './parts/measure-reads.ts'
import { measureStart } from './parts/measure-start.ts'
import { measureStorm } from './parts/measure-storm.ts'

/*
 * How fast the server is, as ratios to baselines that are measured in turn with it; the figures in docs/performance.md come from here. Wants wrk.
 *   npm run bench                                all but growth
 *   npm run bench -- --only reads,logins         some of it
 *   npm run bench -- --rounds 9 --seconds 5      longer
 *   npm run bench -- --scale                     growth alone: fills a large database, some 10 GB
 *   npm run bench -- --smoke                     all of it in seconds, to see that it works: its figures say nothing
 *   npm run bench -- --only reads --profile      also leaves the server's CPU profiles in dist/bench
 */

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    scale: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})

const large = values.smoke
  ? { users: 2000, sessions: 5000, grants: 2000, others: 2000 }
  : { users: 1_000_000, sessions: 5_000_000, grants: 1_000_000, others: 1_000_000 }

const parts: Record<string, (bench: Bench) => Promise<Figure[]>> = {
  reads: measureReads,
  logins: measureLogins,
  storm: measureStorm,
  start: measureStart,
  memory: measureMemory,
  writes: countWrites,
  growth: (bench) => measureGrowth(bench, large),
}
const usual = values.scale ? ['growth'] : Object.keys(parts).filter((name) => values.smoke || name !== 'growth')
const wanted = (values.only?.split(',') ?? usual).map((name) => {
  const measure = parts[name]
  if (!measure) throw new Error(`--only takes some of ${Object.keys(parts).join()}`)
  return [name, measure] as const
})

await buildBundles()
const bench = await openBench({
  rounds: values.smoke ? 1 : Number(values.rounds),
  seconds: values.smoke ? 1 : Number(values.seconds),
  accounts: values.smoke ? 50 : 1000,
  profiles: values.profile ? resultsFolder : '',
})
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void bench.close().finally(() => process.exit(1)))

const figures: Figure[] = []
try {
  for (const [name, measure] of wanted) {
    process.stderr.write(`${name} …\n`)
    figures.push(...(await measure(bench)))
  }
} finally {
  await bench.close()
}
process.stdout.write(`${printFigures(figures)}\n`)
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
const file = values.smoke ? 'smoke.json' : 'results.json'
await writeFile(`${resultsFolder}/${file}`, JSON.stringify({ machine, figures }, null, 2))
