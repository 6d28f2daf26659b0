/** What a command prints goes to standard output; what is wrong, and the log, to standard error. */
export type Print = (line: string) => void

export type CommandProcess = {
  print: Print
  printError: Print
  /** From then on `printError` writes no secret. */
  setRedactor(redact: (text: string) => string): void
  /** Closed in the end, however the command ends; the last opened first. */
  closers: (() => Promise<void>)[]
}

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/**
 * A command's life as a process: it ends when it has done its work, at a signal, and quietly when nobody reads its output any more
 * (`… | head -1`). What it has opened is closed in each case. `explain` words an error.
 */
export async function runProcess(
  command: (process: CommandProcess) => Promise<number>,
  explain: (error: unknown) => { message: string; exitCode: number },
): Promise<void> {
  const closers: (() => Promise<void>)[] = []
  const interrupted = Promise.withResolvers<number>()
  for (const signal of Object.keys(exitCodes) as (keyof typeof exitCodes)[])
    process.on(signal, () => interrupted.resolve(exitCodes[signal]))
  const print: Print = (line) => void process.stdout.write(`${line}\n`)
  let redact = (text: string) => text
  const printError: Print = (line) => void process.stderr.write(`${redact(line)}\n`)
  const setRedactor = (redactor: typeof redact) => {
    redact = redactor
  }
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') printError(`Cannot write the output: ${error.message}`)
    interrupted.resolve(error.code === 'EPIPE' ? 0 : 1)
  })
  let isInterrupted = false
  void interrupted.promise.then(() => {
    isInterrupted = true
  })
  const fail = (error: unknown) => {
    const { message, exitCode } = explain(error)
    // What is closed under a command that was interrupted is no news.
    if (!isInterrupted) printError(message)
    return exitCode
  }
  const done = command({ print, printError, setRedactor, closers }).catch(fail)
  process.exitCode = await Promise.race([done, interrupted.promise])
  for (const close of closers.reverse()) await close().catch(fail)
  if (isInterrupted) process.exit()
}
