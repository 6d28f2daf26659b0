import type { Context } from 'hono'

type Client = { readonly clientId: string; readonly clientSecret: string }

/** Whether a request has the client's id and secret, in its form or in a Basic header. */
export function isClient(c: Context, fields: Record<string, string>, { clientId, clientSecret }: Client) {
  const [, basic] = /^Basic (.+)$/i.exec(c.req.header('authorization') ?? '') ?? []
  const credentials = basic ? Buffer.from(basic, 'base64').toString() : `${fields.client_id}:${fields.client_secret}`
  return credentials === `${clientId}:${clientSecret}`
}
