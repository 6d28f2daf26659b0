/** The secrets that providers publish for tests, which accept any answer, and the key of the Standard Webhooks specification. */
const published: ReadonlySet<string> = new Set([
  ...[
    '1x0000000000000000000000000000000AA',
    '2x0000000000000000000000000000000AA',
    '3x0000000000000000000000000000000AA',
  ],
  ...['0x0000000000000000000000000000000000000000', '6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe'],
  ...['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
])

const placeholder =
  /(?<![a-z0-9])(change[-_ ]?(me|this)|your[-_ ]|example|placeholder|replace[-_ ]?(me|this)|dummy|insert[-_ ])|^(<.*>|\$\{.*\}|\{\{.*\}\}|(my[-_ ]?)?(secret|token|password|api[-_ ]?key|key)[-_ ]?\d*|todo|none|null|undefined|test(ing)?)$/i

/** Whether a secret is one that anybody knows: out of an example, a provider's documentation, or not filled in. */
export const isPlaceholder = (secret: string): boolean =>
  published.has(secret) || placeholder.test(secret) || new Set(secret).size === 1

/** Whether bytes that should be random can't be: repeated, counted up, or few different ones. A random 32 have some 30 different ones. */
export function isGuessable(bytes: Uint8Array): boolean {
  const steps = new Set(bytes.slice(1).map((byte, index) => byte - (bytes[index] ?? 0)))
  return steps.size <= 2 || new Set(bytes).size < bytes.length / 2
}

/** Whether bytes are text, such as a passphrase or a key's hexadecimal digits: far fewer could stand there than random ones. */
export const isText = (bytes: Uint8Array): boolean => bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
