import { recheckKeys } from '../maintenance/keys-fit.ts'
import { purgeExpired } from '../maintenance/purge-expired.ts'
import { watchClock } from '../maintenance/watch-clock.ts'
import { watchCodes } from '../maintenance/watch-codes.ts'
import { watchSends } from '../maintenance/watch-sends.ts'
import { runHiddenSends } from '../otp/hidden-sends.ts'
import type { Services } from '../services.ts'
import { runRevocations } from '../vault/run-revocations.ts'

/*
 * All that is done without a request: by the job loop of a server, and by a Worker after its requests and at its cron trigger. Any number of
 * instances may do it at once.
 */

/** Does the jobs that requests have stored, a batch of each kind; the answer is how many were tried. */
export const runStoredJobs = async (services: Services): Promise<number> =>
  (await runHiddenSends(services)) + (await runRevocations(services))

/** Tidies up and looks for what an operator should know: every ten minutes or so. */
export async function runMaintenance(services: Services): Promise<void> {
  const { observer } = services
  await observer.step({ kind: 'job', job: 'purge' }, () => purgeExpired(services))
  await observer.step({ kind: 'job', job: 'watch' }, async () => {
    await watchCodes(services)
    await watchSends(services)
    await watchClock(services)
  })
}

/** Everything, for a cron trigger. Nothing while the keys don't fit: what can't be decrypted would be given up on in the end. */
export async function runAllJobs(services: Services): Promise<void> {
  if (!(await recheckKeys(services))) return
  while ((await runStoredJobs(services)) > 0);
  await runMaintenance(services)
}
