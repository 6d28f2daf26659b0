/** A value that every part of the page shows, and the next visit too if it has a `key`. */
export function createRemembered(initial: string, key?: string) {
  const listeners = new Set<() => void>()
  let value = (key && readStored(key)) || initial
  return {
    read: () => value,
    write(next: string): void {
      value = next
      if (key) store(key, next)
      for (const listener of listeners) listener()
    },
    subscribe(listener: () => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Of whoever signed in from the reference: the samples and the forms show it, and the page that people come back to from a platform needs it. */
export const uid = createRemembered('', 'reference-user')

// A browser that keeps no data for pages throws.
function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Then only until the page is closed.
  }
}
