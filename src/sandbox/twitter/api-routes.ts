import { type Context, Hono } from 'hono'
import { problem } from './answers.ts'
import { checkSignature } from './check-signature.ts'
import type { Memory } from './memory.ts'

const firstTweetId = 1_790_000_000_000_000_000n

/** The v2 endpoints that a grant is used for, with OAuth 1.0a signatures and with bearer tokens. */
export function apiRoutes(memory: Memory) {
  const { people, accessTokens, bearers, tweets, now } = memory
  const routes = new Hono()

  routes.get('/2/users/me', async (c) => {
    const caller = await callerOf(c, ['users.read', 'tweet.read'])
    return 'refused' in caller ? caller.refused : c.json({ data: people.find(({ id }) => id === caller.personId) })
  })

  routes.post('/2/tweets', async (c) => {
    const caller = await callerOf(c, ['tweet.write', 'tweet.read', 'users.read'])
    if ('refused' in caller) return caller.refused
    const text = await tweetText(c)
    if (!text)
      return problem(
        c,
        400,
        'One or more parameters to your request was invalid.',
        'https://api.x.com/2/problems/invalid-request',
      )
    const authorId = caller.personId
    if (tweets.some((tweet) => tweet.authorId === authorId && tweet.text === text)) {
      return problem(c, 403, 'You are not allowed to create a Tweet with duplicate content.')
    }
    const id = String(firstTweetId + BigInt(tweets.length + 1))
    tweets.push({ id, authorId, text })
    return c.json({ data: { id, text, edit_history_tweet_ids: [id] } }, 201)
  })

  async function callerOf(c: Context, scopes: readonly string[]) {
    const [, bearer] = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '') ?? []
    if (bearer === undefined) {
      const signed = await checkSignature(c, memory, (token) => accessTokens.get(token)?.secret)
      const held = signed.refusal ? undefined : accessTokens.get(signed.token ?? '')
      return held ?? { refused: problem(c, 401, 'Unauthorized') }
    }
    const held = bearers.get(bearer)
    if (held === undefined || held.expiresAt <= now()) return { refused: problem(c, 401, 'Unauthorized') }
    const granted = held.scope.split(' ')
    return scopes.every((scope) => granted.includes(scope)) ? held : { refused: problem(c, 403, 'Forbidden') }
  }

  return routes
}

async function tweetText(c: Context) {
  const body: unknown = await c.req.json().catch(() => undefined)
  return body && typeof body === 'object' && 'text' in body && typeof body.text === 'string' ? body.text : undefined
}
