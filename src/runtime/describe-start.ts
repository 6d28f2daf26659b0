import type { Config } from '../config.ts'
import type { Sandbox } from '../sandbox/start-sandbox.ts'

/** What an operator is told when the server has started. */
export function describeStart(config: Config, sandbox: Sandbox | undefined): string[] {
  const host = config.host === '0.0.0.0' || config.host === '127.0.0.1' ? 'localhost' : config.host
  const address = `http://${host}:${config.port}/v2`
  const lines = [`Serving ${address}`]
  if (config.docs) lines.push(`Reference: ${address}/docs (DOCS)`)
  if (config.sms.provider === 'console')
    lines.push(
      `Codes are not sent: they are printed here and kept in ${config.dataFolder}/sms.txt (SMS_PROVIDER is console).`,
    )
  if (sandbox) {
    lines.push('SANDBOX: the platforms are local stand-ins; no real account is ever touched.')
    lines.push(`  Gmail    ${sandbox.google.url} (${sandbox.google.people.map(({ email }) => email).join(', ')})`)
    lines.push(
      `  Twitter  ${sandbox.twitter.url} (${sandbox.twitter.people.map(({ username }) => `@${username}`).join(', ')})`,
    )
    lines.push(
      `  Telegram ${sandbox.telegram.servers.map(({ dc, host, port }) => `dc ${dc} at ${host}:${port}`).join(', ')}`,
    )
    lines.push(
      `  Mastodon ${sandbox.mastodon.url} (${sandbox.mastodon.people.map(({ username }) => `@${username}`).join(', ')})`,
    )
  }
  return lines
}
