import { Hono } from 'hono'
import type { RouterRoute } from 'hono/types'
import type { ApiEnv } from '../api-env.ts'
import { buildDocument } from '../openapi/build-document.ts'

/** Serves the OpenAPI document of `routes`, made when first asked for. */
export function openapiRoutes(routes: readonly RouterRoute[]) {
  let document: ReturnType<typeof buildDocument> | undefined
  return new Hono<ApiEnv>().get('/openapi.json', (c) => {
    document ??= buildDocument(routes, { server: '/v2' })
    return c.body(JSON.stringify(document), 200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'public, max-age=300',
    })
  })
}
