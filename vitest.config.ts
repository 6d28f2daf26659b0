import { configDefaults, defineConfig } from 'vitest/config'

/** Seen from outside, or at random: browsers, other runtimes and languages, several instances, packed packages, killed processes, fuzzed input. */
const slow = ['test/**/*.slow.test.ts']

/** Takes all of the machine, and has it to itself. */
const bench = ['test/**/*.bench.test.ts']

export default defineConfig({
  test: {
    globalSetup: ['test/support/start-postgres.ts'],
    // Every world has a database of its own, so files share a process: importing the app anew for each would take most of the time.
    isolate: false,
    maxWorkers: 3,
    // Nothing is asserted by its time: what only needs patience gets it, on however busy a machine.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'server',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...slow, ...bench],
        },
      },
      {
        extends: true,
        test: { name: 'slow', include: slow, globalSetup: ['test/support/build-programs.ts'], testTimeout: 300_000 },
      },
      { extends: true, test: { name: 'bench', include: bench, sequence: { groupOrder: 1 } } },
    ],
  },
})
