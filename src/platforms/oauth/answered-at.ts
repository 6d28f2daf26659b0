/** When a platform answered, by its own clock, in epoch milliseconds. This machine's, which may be wrong, where the answer doesn't say. */
export function answeredAt(headers: Headers): number {
  const date = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(date) ? Date.now() : date
}
