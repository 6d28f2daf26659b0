import { configDefaults, defineConfig } from 'vitest/config'

/** Seen from outside, or at random: browsers, other runtimes and languages, several instances, packed packages, killed processes, fuzzed input. */
const outside = [
  'test/browser/**/*.test.ts',
  'test/runtime/**/*.test.ts',
  'test/api/{samples,sample-texts,generated-client,http-server}.test.ts',
  'test/client/{package,runtimes}.test.ts',
  'test/database/{bound-client,broken-connections,lost-servers,tls}.test.ts',
  'test/db/indexes.test.ts',
  'test/faults/**/*.test.ts',
  'test/fuzz/**/*.test.ts',
  'test/instances/**/*.test.ts',
  'test/limits/one-sim-a-day.test.ts',
  'test/platforms/telegram-processes.test.ts',
  'test/vault/{kill,time-limits}.test.ts',
  'test/readme.test.ts',
]

/** Takes all of the machine, and has it to itself. */
const bench = ['test/bench/**/*.test.ts']

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
          exclude: [...configDefaults.exclude, ...outside, ...bench],
        },
      },
      { extends: true, test: { name: 'outside', include: outside, testTimeout: 300_000 } },
      { extends: true, test: { name: 'bench', include: bench, sequence: { groupOrder: 1 } } },
    ],
  },
})
