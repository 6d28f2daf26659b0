import { runProcess } from '../command-process.ts'
import { newKey } from '../development-keys.ts'

/** `npm run --silent keys:generate`: an entry for SECRET_KEYS. */
await runProcess(
  async ({ print }) => {
    print(newKey())
    return 0
  },
  (error) => ({ message: String(error), exitCode: 1 }),
)
