/** A page's own scheme says that it can't be told from others with this one, or that it isn't a page. */
const noOrigins = new Set(['about:', 'blob:', 'content:', 'data:', 'filesystem:', 'ftp:', 'javascript:', 'ws:', 'wss:'])

/** As browsers write it, since it's compared with what they send. Those of web views (`capacitor://localhost`) have no form but their own. */
export function readOrigin(entry: string) {
  const [, scheme = '', host] = /^([a-z][a-z\d+.-]*:)\/\/([^\s/\\?#@*]+)\/?$/i.exec(entry) ?? []
  const protocol = scheme.toLowerCase()
  if (host === undefined || noOrigins.has(protocol)) return undefined
  return /^https?:$/.test(protocol) ? URL.parse(entry)?.origin : `${protocol}//${host}`
}
