import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'

type Client = { readonly clientId: string; readonly clientSecret: string }

/** Whether a request has the client's id and secret, in its form or in a Basic header. */
export function isClient(c: Context, fields: Record<string, string>, { clientId, clientSecret }: Client) {
  const [, basic] = /^Basic (.+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  const credentials = basic ? Buffer.from(basic, 'base64').toString() : `${fields.client_id}:${fields.client_secret}`
  return credentials === `${clientId}:${clientSecret}`
}

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

export function randomToken(bytes = 24) {
  return randomBytes(bytes).toString('base64url')
}
