/** What the document shows as values; its samples and its page's forms are filled with these. No real person has them. */
export const examples = {
  phoneNumber: '+237670000001',
  countryCode: '237',
  name: 'Ada',
  password: 'a long passphrase of mine',
  newPassword: 'another long passphrase',
  code: '123456',
  gmailCode: '4/0AfJohXkEXAMPLE',
  uid: '4a1c7a37-13a4-4a53-9b0c-0d8c1f3c8f6e',
  time: '2026-11-22T12:00:00.000Z',
  /** Epoch milliseconds. */
  nextSend: 1795348920000,
} as const

const gmail = { platform: 'gmail', protocol: 'oauth2' }
const telegram = { platform: 'telegram', protocol: 'twofactor' }

/** Requests of operations whose fields don't all belong together: path and body by what they are for. The samples show the first. */
export const requestsOf: Readonly<Record<string, readonly ExampleRequest[]>> = {
  startGrant: [
    { title: 'Gmail', path: gmail, body: {} },
    { title: 'Twitter', path: { platform: 'twitter', protocol: 'oauth' }, body: {} },
    { title: 'Telegram', path: telegram, body: { phone_number: examples.phoneNumber } },
  ],
  finishGrant: [
    { title: 'Gmail', path: gmail, body: { code: examples.gmailCode } },
    {
      title: 'Twitter',
      path: { platform: 'twitter', protocol: 'oauth' },
      body: { oauth_token: 'EXAMPLEtoken', oauth_verifier: 'EXAMPLEverifier' },
    },
    { title: 'Telegram', path: telegram, body: { phone_number: examples.phoneNumber, code: '12345' } },
  ],
  takeGrantStep: [
    {
      title: 'A new account',
      path: { ...telegram, action: 'register' },
      body: { phone_number: examples.phoneNumber, first_name: 'Ada', last_name: 'Lovelace' },
    },
    {
      title: 'A two-step account',
      path: { ...telegram, action: 'password' },
      body: { password: 'the two-step password' },
    },
  ],
  revokeGrant: [{ title: 'Gmail', path: gmail, body: { password: examples.password } }],
}

export type ExampleRequest = {
  title: string
  path: Readonly<Record<string, string>>
  body: Readonly<Record<string, unknown>>
}
