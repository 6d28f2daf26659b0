import type { Context } from 'hono'

/** The fields of a form or JSON body. */
export async function readFields(c: Context): Promise<Record<string, string>> {
  const text = await c.req.text()
  if (!c.req.header('content-type')?.includes('json')) return Object.fromEntries(new URLSearchParams(text))
  try {
    return Object.fromEntries(Object.entries(JSON.parse(text)).map(([name, value]) => [name, String(value)]))
  } catch {
    return {}
  }
}
