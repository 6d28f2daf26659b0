import { noopObserver, type Observer } from '../../src/telemetry/observer.ts'

/** Is told the text of each SQL statement, and nothing else. */
export const observeStatements = (tell: (text: string) => void): Observer => ({
  ...noopObserver,
  statement(text) {
    tell(text)
    return () => undefined
  },
})
