import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

type Package = { resolved?: string; integrity?: string; dev?: boolean; devOptional?: boolean; optional?: boolean }

const { packages }: { packages: Record<string, Package> } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
const installed = Object.entries(packages).filter(([path]) => path)
const needed = installed.filter(([, { dev, devOptional }]) => !dev && !devOptional)
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

test('every package comes from the registry, and what production needs is what its hash says', () => {
  expect(needed.length).toBeGreaterThan(50)
  // Where nothing is said it's the registry.
  const elsewhere = installed.filter(
    ([, { resolved }]) => resolved && !resolved.startsWith('https://registry.npmjs.org/'),
  )
  expect(elsewhere.map(([path]) => path)).toEqual([])
  const unproved = needed.filter(([, { integrity, optional }]) => !optional && !integrity?.startsWith('sha512-'))
  expect(unproved.map(([path]) => path)).toEqual([])
})

/** Not every npm that starts the tests can. */
const hasSbom = Number.parseInt(execFileSync('npm', ['--version'], { encoding: 'utf8' }), 10) >= 10

test.skipIf(!hasSbom)('npm lists them as CycloneDX, without the network (needs npm 10)', () => {
  const options = ['sbom', '--offline', '--package-lock-only', '--sbom-format', 'cyclonedx']
  const bom = JSON.parse(execFileSync('npm', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  expect(bom.bomFormat).toBe('CycloneDX')
  const listed = new Set(bom.components.map(({ purl }: { purl: string }) => decodeURIComponent(purl)))
  const names = new Set([...listed].map((purl) => /^pkg:npm\/(.+)@/.exec(String(purl))?.[1]))
  // Is `teleproto` by its own name.
  const aliases = ['telegram']
  // Not `--omit dev`: npm then leaves out what production and development both need, such as zod.
  expect(needed.map(([path]) => nameOf(path)).filter((name) => !names.has(name) && !aliases.includes(name))).toEqual([])
})
