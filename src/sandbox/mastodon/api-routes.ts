import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { readFields } from '../web/oauth.ts'
import type { Memory } from './memory.ts'

const firstStatusId = 115_000_000_000_000_000n
const maxStatusLength = 500

/** What a grant is used for: https://docs.joinmastodon.org/methods/statuses/#create */
export function apiRoutes({ people, tokens, statuses, sent }: Memory) {
  const routes = new Hono()

  routes.get('/api/v1/accounts/verify_credentials', (c) => {
    const caller = callerOf(c, ['profile', 'read', 'read:accounts'])
    return 'refused' in caller ? caller.refused : c.json(caller.account)
  })

  routes.post('/api/v1/statuses', async (c) => {
    const caller = callerOf(c, ['write', 'write:statuses'])
    if ('refused' in caller) return caller.refused
    const { account } = caller
    const { status: text = '' } = await readFields(c)
    if (!text.trim()) return c.json({ error: "Validation failed: Text can't be blank" }, 422)
    if ([...text].length > maxStatusLength) {
      return c.json({ error: `Validation failed: Text character limit of ${maxStatusLength} exceeded` }, 422)
    }
    const key = c.req.header('idempotency-key')
    const name = key && `${account.id} ${key}`
    const id = (name && sent.get(name)) || String(firstStatusId + BigInt(statuses.length + 1))
    if (!statuses.some((status) => status.id === id)) statuses.push({ id, accountId: account.id, text })
    if (name) sent.set(name, id)
    return c.json({
      id,
      visibility: 'public',
      content: String(html`<p>${text}</p>`),
      url: `${account.url}/${id}`,
      account,
    })
  })

  function callerOf(c: Context, scopes: readonly string[]) {
    const [, bearer = ''] = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    const token = tokens.get(bearer)
    const person = people.find(({ id }) => id === token?.personId)
    if (!token || !person) return { refused: c.json({ error: 'The access token is invalid' }, 401) }
    if (token.isRevoked) return { refused: c.json({ error: 'The access token was revoked' }, 401) }
    if (!token.scope.split(' ').some((scope) => scopes.includes(scope))) {
      return { refused: c.json({ error: 'This action is outside the authorized scopes' }, 403) }
    }
    const { id, name, username } = person
    const url = `${new URL(c.req.url).origin}/@${username}`
    return { account: { id, username, acct: username, display_name: name, locked: false, bot: false, note: '', url } }
  }

  return routes
}
