import { runProcess } from '../../server/command/command-process.ts'
import { newKey } from '../../server/key-ring-of.ts'

/** `npm run --silent keys:generate`: an entry for SECRET_KEYS. */
await runProcess(
  async ({ print }) => {
    print(newKey())
    return 0
  },
  (error) => ({ message: String(error), exitCode: 1 }),
)
