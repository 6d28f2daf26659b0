/** Secrets that this process has seen in use, and what each is: no log may hold one. The latest last. */
const seen = new Map<string, string>()
/** A long run sees many: those of the last few test files are enough. */
const most = 20_000
const shortest = 6

const secretFields: ReadonlySet<string> = new Set([
  ...['phone_number', 'password', 'new_password', 'code', 'captcha_token', 'name', 'first_name', 'last_name'],
  ...['oauth_token', 'oauth_verifier', 'state', 'code_verifier'],
])

export function noteSecret(what: string, value: unknown): void {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text !== 'string' || text.length < shortest) return
  seen.delete(text)
  seen.set(text, what)
  const [oldest] = seen.keys()
  if (seen.size > most && oldest !== undefined) seen.delete(oldest)
}

/** What a request carries that is secret. */
export function noteSecretsSent(body: unknown, cookie: string | null): void {
  noteSecret('cookie', cookie?.match(/SWOB=([\w-]{43})/)?.[1])
  if (typeof body !== 'string') return
  for (const [name, value] of Object.entries(parse(body))) if (secretFields.has(name)) noteSecret(name, value)
}

/** Whatever is sealed is secret: tokens of platforms, their accounts, names. */
export function noteSecretsSealed(plain: string, column: string): void {
  const rest: unknown[] = [/^[[{]/.test(plain) ? parse(plain) : plain]
  while (rest.length > 0) {
    const value = rest.pop()
    if (typeof value === 'object' && value !== null) rest.push(...Object.values(value))
    // An address stands in the settings, and in the log that tells of them.
    else if (typeof value === 'string' && !/^https?:/.test(value)) noteSecret(`sealed ${column}`, value)
  }
}

/** What development shows on purpose: the console SMS provider's lines, and at the start who lives in the sandbox. */
const shown = /^.*(SMS to \+\d+: .*| {2}(Gmail|Twitter|Mastodon) +http:\/\/127\.0\.0\.1:\d+ \(.*\))$/gm

/** The secrets that stand in what was written, each with its place. */
export function findLeaks(written: string): string[] {
  const text = written.replace(shown, '')
  return [...seen].flatMap(([secret, what]) => {
    const form = formsOf(secret).find((one) => stands(text, one))
    if (form === undefined) return []
    const at = text.indexOf(form)
    return [`${what} ${JSON.stringify(secret)} in: ${text.slice(Math.max(0, at - 100), at + form.length + 40)}`]
  })
}

/** For the end of a world or of a server's process. */
export function refuseLeaks(written: string): void {
  const leaks = findLeaks(written)
  if (leaks.length > 0) throw new Error(`the log holds secrets:\n${leaks.join('\n')}`)
}

/** Digits may stand in a time or an id by chance. */
const stands = (text: string, form: string) =>
  /^\d+$/.test(form)
    ? text.includes(form) && new RegExp(`(?<![\\w.:-])${form}(?![\\w.-])`).test(text)
    : text.includes(form)

const formsOf = (secret: string): string[] => [
  secret,
  ...(/^\+\d+$/.test(secret) ? [secret.slice(1), secret.slice(4)] : []),
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
]

function parse(text: string): object {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
