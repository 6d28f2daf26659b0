const frame = (title: string, colour: string, shape: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64" role="img"><title>${title}</title>` +
  `<rect width="64" height="64" rx="14" fill="${colour}"/>${shape}</svg>`

const line = 'fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"'

/** Our own drawings, by platform: what kind of message it carries, not its owner's trademark. */
export const logos: ReadonlyMap<string, string> = new Map([
  ['gmail', frame('Gmail', '#c5392c', `<path d="M14 20h36v26H14zM14 22l18 14 18-14" ${line}/>`)],
  ['twitter', frame('Twitter', '#1b6fa8', `<path d="M14 18h36v22H32L22 50V40h-8zM22 26h20M22 33h12" ${line}/>`)],
  ['telegram', frame('Telegram', '#2a86b8', `<path d="M50 16 12 31l12 5 4 14 6-9 10 7zM24 36l20-15" ${line}/>`)],
  ['mastodon', frame('Mastodon', '#5a4fcf', `<path d="M14 27v10h8l20 11V16L22 27zM49 26v12" ${line}/>`)],
])
