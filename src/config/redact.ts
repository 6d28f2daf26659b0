/** Puts a placeholder where a secret stands. */
export type Redact = (text: string) => string

/** The user name, password and query of an address: where credentials stand that no setting named. */
const addressSecrets = /(\b[a-z][a-z0-9+.-]*:\/\/)(?:[^\s"'<>/@]*@)?([^\s"'<>?]*)(\?[^\s"'<>]*)?/gi

/**
 * The last guard before anything is written down: nobody who writes a line should have to rely on it. `secrets` as `secretsOf` gives them.
 */
export function createRedactor(secrets: readonly string[]): Redact {
  const pattern = new RegExp(secrets.map((secret) => secret.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|'), 'g')
  return (text) => {
    const hidden = secrets.length > 0 ? text.replace(pattern, '[secret]') : text
    return hidden.includes('://') ? hidden.replace(addressSecrets, withoutSecrets) : hidden
  }
}

const withoutSecrets = (_: string, scheme: string, rest: string, query: string | undefined) =>
  `${scheme}${rest}${query === undefined ? '' : '?…'}`
