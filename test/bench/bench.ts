import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { buildBundles, resultsFolder } from './build-bundles.ts'
import { type Figure, printFigures } from './figures.ts'
import { openBench } from './open-bench.ts'
import { measureReads } from './parts/measure-reads.ts'

/**
 * `npm run bench [-- --only reads,…] [--rounds 5] [--seconds 3]`: how fast the server is, as ratios to baselines that are measured in turn
 * with it. Wants wrk.
 */
const parts = { reads: measureReads }

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(parts).join() },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
  },
})
const wanted = values.only.split(',')

await buildBundles()
const bench = await openBench({ rounds: Number(values.rounds), seconds: Number(values.seconds), accounts: 1000 })
const figures: Figure[] = []
try {
  for (const [name, measure] of Object.entries(parts)) {
    if (!wanted.includes(name)) continue
    process.stderr.write(`${name} …\n`)
    figures.push(...(await measure(bench)))
  }
} finally {
  await bench.close()
}
process.stdout.write(`${printFigures(figures)}\n`)
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version }
await writeFile(`${resultsFolder}/results.json`, JSON.stringify({ machine, figures }, null, 2))
