import { hash } from 'node:crypto'
import { serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { getCookie } from 'hono/cookie'
import postgres from 'postgres'

/*
 * What remains of a signed-in read when everything is taken away but cookie, hash, the statement of src/sessions/find-session.ts and JSON; and
 * of a login, but the password's hash. No layers, no validation, no headers: a limit to measure against, not a server to imitate.
 */

const { DATABASE_URL = '', DATABASE_POOL, PORT, PLATFORMS = '[]' } = process.env
const sql = postgres(DATABASE_URL, { max: Number(DATABASE_POOL), fetch_types: false })
const platforms: { name: string }[] = JSON.parse(PLATFORMS)

type Found = { user_id: string; created_at: number; previous_login_at: number | null; platforms: string[] }

async function find(c: Context): Promise<Found | undefined> {
  const idHash = hash('sha256', getCookie(c, 'SWOB') ?? '', 'base64url')
  const userAgentHash = hash('sha256', c.req.header('User-Agent') ?? '', 'base64url')
  const [row] = await sql<Found[]>`
    with found as (
      select sessions.*, users.id as live_account_id, users.created_at as joined_at, users.previous_login_at
      from sessions
      left join users on users.id = coalesce(sessions.account_id, sessions.user_id)
        and users.session_epoch = coalesce(sessions.epoch, 0)
      where id_hash = ${idHash} and expires_at > now()
        and sessions.created_at > now() - make_interval(secs => ${86_400})
        and (user_agent_hash = ${userAgentHash} or not ${true})
        and (users.id is not null or purpose = 'signup'
          or (${false} and purpose = 'recovery' and verified_at is null))
    ), renewed as (
      update sessions set expires_at = now() + make_interval(secs => ${7200})
      from found
      where sessions.id_hash = found.id_hash and sessions.expires_at < now() + make_interval(secs => ${6480})
      returning true as renewed
    )
    select user_id, live_account_id as account_id, purpose, phone_number_index, verified_at is not null as verified,
      coalesce(solved_captcha, false) as solved_captcha,
      coalesce((select renewed from renewed), false) as renewed,
      extract(epoch from joined_at)::float8 as created_at,
      extract(epoch from previous_login_at)::float8 as previous_login_at,
      array(select platform from grants where grants.user_id = found.user_id) as platforms
    from found`
  return row?.user_id === c.req.param('user_id') ? row : undefined
}

const iso = (seconds: number) => new Date(seconds * 1000).toISOString()

const app = new Hono()
  .get('/v2/users/:user_id/dashboard', async (c) => {
    const found = await find(c)
    if (!found) return c.json('unauthorized', 401)
    const { created_at, previous_login_at } = found
    return c.json({ createdAt: iso(created_at), updatedAt: iso(previous_login_at ?? created_at) }, 200)
  })
  .get('/v2/users/:user_id/platforms', async (c) => {
    const found = await find(c)
    if (!found) return c.json('unauthorized', 401)
    const isSaved = ({ name }: { name: string }) => found.platforms.includes(name)
    return c.json(
      {
        unsaved_platforms: platforms.filter((platform) => !isSaved(platform)),
        saved_platforms: platforms.filter(isSaved),
      },
      200,
    )
  })
  .post('/v2/login', async (c) => {
    const { verify } = await import('@node-rs/argon2')
    const { password } = await c.req.json()
    return c.json({}, (await verify(process.env.PASSWORD_HASH ?? '', password)) ? 200 : 401)
  })

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(PORT) }, ({ port }) =>
  process.stdout.write(`Serving http://localhost:${port}\n`),
)
