import type { PendingQuery, Row } from 'postgres'

/* What the driver does when things go wrong, and what it has to be kept from. */

/**
 * Asks Postgres to cancel the statement, if it is the one that its connection is at. Again and again: a request that arrives between two messages of
 * one statement is lost. No other: the driver gives the answer to a statement that is cancelled in its queue to the next, and loses a connection
 * whose first statement is cancelled while it connects.
 */
export function cancel(query: PendingQuery<Row[]>): void {
  const sent = query as { active?: unknown; canceller?: unknown }
  const { active, canceller } = sent
  if (!active) return
  query.cancel()
  // The driver forgets it, to ask but once.
  sent.canceller = canceller
}

/** Whether a statement's error ends its connection too: a failure of the network, or Postgres's own last word on it. */
export function breaksConnection(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  if ('severity' in error) return error.severity === 'FATAL' || error.severity === 'PANIC'
  return 'syscall' in error || String(error.code).startsWith('CONNECTION_')
}

/**
 * Makes the driver's first message on a connection so long that it's sent at once. The driver writes a turn later than it says, and a connection
 * that ends in between leaves what it had to say, and its belief that it is about to say it, to the next one, whose messages then wait
 * until they are 1 KiB. Sent together with such a rest the message is refused, and the next try is a clean one.
 */
export const startupPadding = ' '.repeat(1024)
