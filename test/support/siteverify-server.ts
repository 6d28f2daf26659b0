import { type StandIn, standInServer } from './stand-in-server.ts'

export type SiteverifyServer = StandIn & {
  readonly secret: string
  /** A token as the widget would give the browser after a solved challenge: good once. */
  solve(): string
  /** Answers every check with these errors instead of looking at the token. */
  errors: readonly string[] | undefined
  /** Of the answers: some providers say no with a 4xx. */
  status: number
}

/** The siteverify form that reCAPTCHA, hCaptcha and Turnstile share; each call of a token after the first is a duplicate. */
export async function siteverifyServer(
  secret = '0x0000000000000000000000000000000000000000',
): Promise<SiteverifyServer> {
  const fresh = new Set<string>()
  const used = new Set<string>()

  function errorsOf(form: URLSearchParams): readonly string[] {
    if (server.errors) return server.errors
    const token = form.get('response')
    if (!form.get('secret')) return ['missing-input-secret']
    if (form.get('secret') !== secret) return ['invalid-input-secret']
    if (!token) return ['missing-input-response']
    if (used.has(token)) return ['timeout-or-duplicate']
    if (!fresh.delete(token)) return ['invalid-input-response']
    used.add(token)
    return []
  }

  const standIn = await standInServer(({ method, path, headers, body }) => {
    if (method !== 'POST' || path !== '/siteverify') return { status: 404 }
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded')
    const errors = isForm ? errorsOf(new URLSearchParams(body)) : ['bad-request']
    const success = errors.length === 0 && !server.errors
    const details = success ? { challenge_ts: new Date().toISOString(), hostname: 'localhost' } : {}
    return { status: server.status, json: { success, 'error-codes': errors, ...details } }
  })
  const server: SiteverifyServer = Object.assign(standIn, {
    secret,
    errors: undefined,
    status: 200,
    solve() {
      const token = crypto.randomUUID()
      fresh.add(token)
      return token
    },
  })
  return server
}
