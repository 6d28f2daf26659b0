import type { Setting } from './setting.ts'
import { settingGroups } from './settings.ts'

const widest = 120

const exampleHead = `# Every setting of the server with its default (empty: none). Set them as environment variables, or copy this file to .env in the
# folder that the server starts in. NAME_FILE=/path, in place of NAME, reads any of them from a file.
# Times are in seconds, lists are comma-separated. Written by \`npm run settings\`.
`

/** `.env.example`. */
export function describeInEnvExample(): string {
  const groups = settingGroups.map(({ title, settings }) => {
    const entries = Object.entries(settings).map(([name, setting]) => {
      const help = wrap(`${setting.help}${otherDefaults(setting)}`)
      return `${help.map((line) => `# ${line}\n`).join('')}#${name}=${setting.default ?? ''}\n`
    })
    return `\n# --- ${title} ---\n\n${entries.join('')}`
  })
  return exampleHead + groups.join('')
}

const pageHead = `# Configuration

Every setting of the server. Set them as environment variables, or in a \`.env\` file in the folder that the server starts in (\`ENV_FILE\` names another
file). \`NAME_FILE=/path\` reads the value of \`NAME\` from a file. Times are in seconds, lists are comma-separated. The server lists everything that is wrong
with its settings when it starts, and warns about names that it doesn't know. This page is written by \`npm run settings\` from \`src/config/settings/\`.
`

/** docs/configuration.md. */
export function describeInPage(): string {
  const groups = settingGroups.map(({ title, settings }) => {
    const rows = Object.entries(settings).map(([name, setting]) => {
      const value = setting.default === undefined ? '' : `\`${setting.default}\``
      return `| \`${name}\` | ${value} | ${cell(`${setting.help}${otherDefaults(setting)}`)} |\n`
    })
    return `\n## ${title}\n\n| setting | default | |\n|---|---|---|\n${rows.join('')}`
  })
  return pageHead + groups.join('')
}

function otherDefaults({ production, legacy }: Setting): string {
  return [
    production === undefined ? '' : ` Default in production: ${production}.`,
    legacy === undefined ? '' : ` Default with LEGACY_CLIENTS: ${legacy}.`,
  ].join('')
}

const cell = (text: string) => text.replaceAll('|', '\\|')

/** Lines of about the same length. */
function wrap(text: string): string[] {
  const count = Math.ceil(text.length / widest)
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    const isFull = last === undefined || last.length + 1 + word.length > Math.max(text.length / count + 10, 60)
    if (isFull) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
