import { serve } from '@hono/node-server'
import { Hono } from 'hono'

/* The least that a Hono server on Node can be: what starting one costs. */

const app = new Hono().get('/', (c) => c.json({}, 200))

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT) }, ({ port }) =>
  process.stdout.write(`Serving http://localhost:${port}\n`),
)
