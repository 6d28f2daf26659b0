import { Gauge, type Registry } from 'prom-client'
import { throttle } from './throttle.ts'

/** What /readyz answers, check by check. */
export function showReadiness(
  registry: Registry,
  check: () => Promise<Readonly<Record<string, 'ok' | 'failing'>>>,
): () => Promise<void> {
  const ready = new Gauge({
    name: 'swob_ready',
    help: 'Whether requests should be sent here, by check as in /readyz: 1 or 0.',
    labelNames: ['check'],
    registers: [registry],
  })
  return throttle(async () => {
    for (const [name, found] of Object.entries(await check())) ready.set({ check: name }, Number(found === 'ok'))
  })
}
