import * as z from 'zod'
import { examples } from './examples.ts'
import type { Operation } from './operation.ts'

const none = z.object({})
const uid = z.object({
  uid: z.uuid().meta({ description: "The user's id.", examples: [examples.uid] }),
})

const platform = z.object({
  id: z.string().meta({ examples: ['gmail'] }),
  name: z.string().meta({ examples: ['gmail'] }),
  description: z
    .string()
    .meta({ description: 'In the language of Accept-Language: en, fr, fa or es.', examples: ['Send e-mails'] }),
  logo: z.string().meta({ description: "A path at the API's origin, without /v2.", examples: ['/public/gmail.svg'] }),
  initialization_url: z.string().meta({ examples: ['/platforms/gmail/protocols/oauth2'] }),
  type: z.enum(['email', 'text', 'messaging']),
  letter: z.string().meta({ description: 'Begins an SMS meant for this platform.', examples: ['g'] }),
})

const finished = z.object({
  body: z
    .enum(['', '202'])
    .meta({ description: 'Empty: the grant is saved. 202: one more step is needed.', examples: [''] }),
  initialization_url: z
    .string()
    .meta({ description: 'Where that step is: ends in /register or /password.', examples: [''] }),
})

const wrongPassword = 'Wrong password. Counts as a failed login.'
const passwordTries =
  'Too many wrong passwords for this number, or from this network: by default 5 in a row block for 15 minutes, the third such block for 24 hours.'
const noPlatform = 'No such platform, or not by this protocol.'
const noUser = 'No live session, or it is not of this user.'

/** One entry for each operation of the API, by its id. */
export const operations = {
  startSignup: {
    id: 'startSignup',
    tag: 'Authentication',
    summary: 'Begin to sign up',
    description:
      'Keeps a sign-up until its phone number is proved, and opens a session for it. Begun again in the same browser, for the same number with the same password, it goes on, and a code that was sent stays right. Sends no SMS: that is POST /users/{user_id}/OTP.',
    success: { status: 200, description: 'Begun. The cookie carries the sign-up.', body: uid, cookie: 'set' },
    refusals: {
      409: 'The phone number has an account.',
      429: 'Too many sign-ups begun from this network (by default 120 an hour, 600 a day), or by everybody.',
    },
  },
  finishSignup: {
    id: 'finishSignup',
    tag: 'Authentication',
    summary: 'Finish signing up',
    description: 'Makes a sign-up whose number is proved an account. The session ends: sign in next.',
    success: { status: 200, description: 'The account exists.', body: none, cookie: 'deleted' },
    refusals: { 403: 'The number is not proved yet.', 409: 'The phone number has got an account meanwhile.' },
  },
  logIn: {
    id: 'logIn',
    tag: 'Authentication',
    summary: 'Sign in with a phone number',
    description: 'An unknown number and a wrong password are one answer.',
    success: { status: 200, description: 'Signed in. The cookie carries the session.', body: uid, cookie: 'set' },
    refusals: { 401: 'Unknown number or wrong password.', 429: passwordTries },
  },
  verifyUser: {
    id: 'verifyUser',
    tag: 'Authentication',
    summary: 'Sign in with a user id',
    description: 'As POST /login, with the same limits.',
    success: { status: 200, description: 'Signed in. The cookie carries the session.', body: uid, cookie: 'set' },
    refusals: { 401: 'Unknown user or wrong password.', 429: passwordTries },
  },
  logOut: {
    id: 'logOut',
    tag: 'Authentication',
    summary: 'Sign out',
    description: 'Ends the session on the server.',
    success: { status: 200, description: 'Signed out.', body: none, cookie: 'deleted' },
  },
  sendCode: {
    id: 'sendCode',
    tag: 'OTP',
    summary: 'Send a code by SMS',
    description:
      "Sends a one-time code to the session's own number, in the language of Accept-Language (en, fr, es, fa). Between sends to one number stand, by default, 2 minutes, 5 minutes, 15 minutes and 24 hours in turn; after a right code the next wait is the first again, but what is left of the current one remains.",
    success: {
      status: 201,
      description: 'Sent.',
      body: z.object({
        expires: z
          .number()
          .meta({ description: 'When the next send is allowed: epoch milliseconds.', examples: [examples.nextSend] }),
      }),
    },
    refusals: {
      401: 'No live sign-up or recovery session of this user, or not its number.',
      409: 'The number is proved already: finish the sign-up or recovery.',
      429: "Too early for another code, or a limit of codes in an hour or a day is reached: the number's, the client network's, the country's, or that of all.",
    },
  },
  checkCode: {
    id: 'checkCode',
    tag: 'OTP',
    summary: 'Enter the code',
    description:
      'Proves the number of a sign-up or recovery. By default a code lives 10 minutes and is dead after 5 wrong tries; it works once. The session gets a new cookie.',
    success: {
      status: 200,
      description: 'The number is proved.',
      body: z.object({
        expires: z.iso
          .datetime()
          .meta({ description: 'Until when the next step may be taken.', examples: [examples.time] }),
      }),
      cookie: 'set',
    },
    refusals: { 401: 'No live sign-up or recovery session.', 403: 'Wrong, expired, used or dead code.' },
  },
  changePassword: {
    id: 'changePassword',
    tag: 'Users',
    summary: 'Change the password',
    description: "Ends the user's other sessions. Grants stay, unless the operator has set otherwise.",
    success: { status: 200, description: 'Changed.', body: none },
    refusals: { 403: wrongPassword, 429: passwordTries },
  },
  startRecovery: {
    id: 'startRecovery',
    tag: 'Users',
    summary: 'Begin to recover an account',
    description:
      'For a lost password. Opens a session in which the number of the account can be proved; next comes POST /users/{user_id}/OTP. Of one number few are open at once: one more ends the oldest that no code was sent for.',
    success: { status: 200, description: 'Begun.', body: uid, cookie: 'set' },
    refusals: {
      401: 'No account has this number. (Never, where the operator hides who has an account.)',
      429: 'Too many recoveries begun from this network (by default 60 an hour, 240 a day), or by everybody.',
    },
  },
  finishRecovery: {
    id: 'finishRecovery',
    tag: 'Users',
    summary: 'Set a new password after recovery',
    description:
      'Needs a session in which the number of this very account was proved. Ends every session, and revokes every grant: who holds the phone may not be who saved them.',
    success: { status: 200, description: 'The password is set. Sign in next.', body: none, cookie: 'deleted' },
    refusals: { 403: 'The number is not proved in this session.' },
  },
  deleteUser: {
    id: 'deleteUser',
    tag: 'Users',
    summary: 'Delete the account',
    description: "Everything of the user's is gone at once; its grants are then ended at their platforms.",
    success: { status: 200, description: 'Deleted.', body: none, cookie: 'deleted' },
    refusals: { 403: wrongPassword, 429: passwordTries },
  },
  readDashboard: {
    id: 'readDashboard',
    tag: 'Users',
    summary: 'When the user joined and last signed in',
    description: '',
    success: {
      status: 200,
      description: 'Both in UTC.',
      body: z.object({
        createdAt: z.iso.datetime().meta({ examples: [examples.time] }),
        updatedAt: z.iso
          .datetime()
          .meta({ description: 'The login before this one, or createdAt.', examples: [examples.time] }),
      }),
    },
  },
  listPlatforms: {
    id: 'listPlatforms',
    tag: 'Platforms',
    summary: 'Platforms, saved and not',
    description: 'Every platform that this server offers, once.',
    success: {
      status: 200,
      description: 'The platforms.',
      body: z.object({ unsaved_platforms: z.array(platform), saved_platforms: z.array(platform) }),
    },
  },
  startGrant: {
    id: 'startGrant',
    tag: 'Wallets',
    summary: 'Begin to save a platform',
    description:
      'OAuth platforms answer with the `url` to send the user to, who comes back to `{origin}/platforms/{platform}/protocols/{protocol}/redirect_codes/`. Telegram takes `phone_number` and sends a code of its own. The attempt lives 10 minutes and belongs to this session; beginning again replaces it.',
    success: {
      status: 200,
      description: 'Begun.',
      body: z.object({
        url: z.string().meta({ description: 'Where the user gives the permission; empty for Telegram.' }),
        body: z
          .enum(['', '200', '201'])
          .meta({ description: 'Telegram: 201, a code was sent; 200, there is a live authorization already.' }),
        platform: z.string(),
        sent_to: z.enum(['app', 'sms', 'call', 'email', 'fragment']).optional().meta({
          description:
            "Telegram: where its code went. `app`, a chat in Telegram itself, on another device; `sms`; `call`, which reads it out; `email`, the account's login e-mail; `fragment`, fragment.com, for anonymous numbers.",
        }),
      }),
    },
    refusals: { 403: 'The platform refuses this phone number.', 404: noPlatform, 429: 'The platform asks to wait.' },
  },
  finishGrant: {
    id: 'finishGrant',
    tag: 'Wallets',
    summary: 'Save the platform with what it gave the user',
    description:
      'Gmail and OAuth 2: `code`. Twitter by OAuth 1.0a: `oauth_token` and `oauth_verifier`. Telegram: `phone_number` and `code`. `state` and `code_verifier`, where sent, must be those of the start.',
    success: { status: 200, description: 'Saved, or one more step is needed.', body: finished },
    refusals: {
      403: 'Nothing was begun in this session, or the platform refuses the code.',
      404: noPlatform,
      409: 'The platform account is saved already, by this user or another.',
      422: 'A permission that is needed was not given.',
      429: 'The platform asks to wait.',
    },
  },
  takeGrantStep: {
    id: 'takeGrantStep',
    tag: 'Wallets',
    summary: 'Take the further step that a platform needs',
    description:
      'Telegram: `register` (`phone_number`, `first_name`, `last_name`) makes an account; `password` finishes a two-step one.',
    success: { status: 200, description: 'Saved, or one more step is needed.', body: finished },
    refusals: {
      403: 'Nothing in this session waits for this step, or the platform refuses it.',
      404: `${noPlatform} Or it has no such step.`,
      409: 'The platform account is saved already, by this user or another.',
      422: 'A permission that is needed was not given.',
      429: 'The platform asks to wait.',
    },
  },
  revokeGrant: {
    id: 'revokeGrant',
    tag: 'Wallets',
    summary: 'Take a platform out of the wallet',
    description:
      'Gone at once here; ended at the platform by a job that is tried for a day, and then left to the operator.',
    success: { status: 200, description: 'Removed.', body: none },
    refusals: { 403: wrongPassword, 404: `${noPlatform} Or it is not saved.`, 429: passwordTries },
  },
} as const satisfies Record<string, Operation>

/** What 401 means where a session is needed. */
export const sessionRefusal = noUser
