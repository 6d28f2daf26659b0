/** How many answers have which status. */
export async function countStatuses(answers: Iterable<Promise<{ status: number }>>): Promise<Record<number, number>> {
  const counts: Record<number, number> = {}
  for (const { status } of await Promise.all(answers)) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

/** The same thing done at once, as often as said. */
export const times = <Result>(count: number, make: () => Result): Result[] => Array.from({ length: count }, make)
