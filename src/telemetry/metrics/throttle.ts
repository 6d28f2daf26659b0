const freshMilliseconds = 10_000

/** Does `work` at most every ten seconds, however often and by however many it's asked for; meanwhile its last result stands. */
export function throttle(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  let begun = Number.NEGATIVE_INFINITY
  return () => {
    if (!done || performance.now() - begun > freshMilliseconds) {
      begun = performance.now()
      done = work()
    }
    return done
  }
}
