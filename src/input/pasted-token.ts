const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

/**
 * A token, state or code as a platform wrote it into a URL: visible ASCII and spaces (RFC 6749's VSCHAR). White space around it and invisible
 * characters came along when it was copied; nothing else is altered. Undefined where it can't be one, the empty string where nothing was given.
 */
export function readToken(typed: string): string | undefined {
  const token = typed.replace(invisible, '').trim()
  return /^[ -~]*$/.test(token) ? token : undefined
}

/** The same for an authorization code. No platform's code has a `%`: with one it was copied from the address bar, perhaps with all of the address. */
export function readAuthorizationCode(typed: string): string | undefined {
  const token = readToken(typed) ?? ''
  const [, inAddress] = /(?:^|[?&#])code=([^&#]*)/.exec(token) ?? []
  const code = inAddress ?? token
  if (!code || code.includes('://')) return undefined
  try {
    return readToken(decodeURIComponent(code)) || undefined
  } catch {
    return undefined
  }
}
