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
  letter: z.string().meta({ description: 'The first letter of an SMS for this platform.', examples: ['g'] }),
})

const finished = z.object({
  body: z
    .enum(['', '202'])
    .meta({ description: 'Empty: the grant was saved. 202: one more step is required.', examples: [''] }),
  initialization_url: z
    .string()
    .meta({ description: 'The path of that step; ends in /register or /password.', examples: [''] }),
})

const wrongPassword = 'Wrong password. Counts as a failed login.'
const passwordTries =
  'Too many wrong passwords for this number or from this network. By default, 5 in a row block it for 15 minutes; the third block lasts 24 hours.'
const noPlatform = 'No such platform, or not with this protocol.'
const noUser = 'No valid session of this user.'

/** One entry for each operation of the API, by its id. */
export const operations = {
  startSignup: {
    id: 'startSignup',
    tag: 'Authentication',
    summary: 'Start signing up',
    description:
      'Stores a sign-up until its phone number is verified, and opens a session for it. Repeating it in the same browser with the same number and password resumes it; a code already sent stays valid. Sends no SMS; use POST /users/{user_id}/OTP next.',
    success: { status: 200, description: 'Started. The cookie identifies the sign-up.', body: uid, cookie: 'set' },
    refusals: {
      409: 'The phone number already has an account.',
      429: 'Too many sign-ups from this network (by default 120 an hour, 600 a day) or overall.',
    },
  },
  finishSignup: {
    id: 'finishSignup',
    tag: 'Authentication',
    summary: 'Finish signing up',
    description: 'Creates the account of a sign-up whose number is verified. The session ends; sign in next.',
    success: { status: 200, description: 'The account was created.', body: none, cookie: 'deleted' },
    refusals: { 403: 'The number is not verified yet.', 409: 'The phone number was registered in the meantime.' },
  },
  logIn: {
    id: 'logIn',
    tag: 'Authentication',
    summary: 'Sign in with a phone number',
    description: 'The response does not tell an unknown number from a wrong password.',
    success: { status: 200, description: 'Signed in. The cookie carries the session.', body: uid, cookie: 'set' },
    refusals: { 401: 'Unknown number or wrong password.', 429: passwordTries },
  },
  verifyUser: {
    id: 'verifyUser',
    tag: 'Authentication',
    summary: 'Sign in with a user id',
    description: 'Like POST /login, with the same limits.',
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
      "Sends a one-time code to the session's phone number, in the language of Accept-Language (en, fr, es, fa). By default, the waits between sends to a number are 2 minutes, 5 minutes, 15 minutes and 24 hours. A correct code resets the sequence, but the current wait still applies.",
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
      401: 'No valid sign-up or recovery session of this user, or another phone number.',
      409: 'The number is already verified; finish the sign-up or recovery.',
      429: "Too early for another code, or an hourly or daily limit is reached: for the number, the client's network, the country, or overall.",
    },
  },
  checkCode: {
    id: 'checkCode',
    tag: 'OTP',
    summary: 'Enter the code',
    description:
      'Verifies the phone number of a sign-up or recovery. By default a code expires after 10 minutes or 5 wrong attempts, and works once. The session gets a new cookie.',
    success: {
      status: 200,
      description: 'The number is verified.',
      body: z.object({
        expires: z.iso.datetime().meta({ description: 'Deadline for the next step.', examples: [examples.time] }),
      }),
      cookie: 'set',
    },
    refusals: { 401: 'No valid sign-up or recovery session.', 403: 'Wrong, expired or used code.' },
  },
  changePassword: {
    id: 'changePassword',
    tag: 'Users',
    summary: 'Change the password',
    description: "Ends the user's other sessions. Grants are kept unless the operator has configured otherwise.",
    success: { status: 200, description: 'Changed.', body: none },
    refusals: { 403: wrongPassword, 429: passwordTries },
  },
  startRecovery: {
    id: 'startRecovery',
    tag: 'Users',
    summary: 'Start recovering an account',
    description:
      "For a lost password. Opens a session to verify the account's phone number; use POST /users/{user_id}/OTP next. Few recoveries of a number can be open at once; a new one ends the oldest without a code.",
    success: { status: 200, description: 'Begun.', body: uid, cookie: 'set' },
    refusals: {
      401: 'No account has this number. Never sent if the operator hides which numbers have accounts.',
      429: 'Too many recoveries from this network (by default 60 an hour, 240 a day) or overall.',
    },
  },
  finishRecovery: {
    id: 'finishRecovery',
    tag: 'Users',
    summary: 'Set a new password after recovery',
    description:
      "Requires a session in which this account's number was verified. Ends all sessions and revokes all grants, because whoever holds the phone may not be who saved them.",
    success: { status: 200, description: 'The password was set. Sign in next.', body: none, cookie: 'deleted' },
    refusals: { 403: 'The number is not verified in this session.' },
  },
  deleteUser: {
    id: 'deleteUser',
    tag: 'Users',
    summary: 'Delete the account',
    description: 'Deletes all data of the user at once, then revokes the grants at their platforms.',
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
    summary: 'List platforms',
    description: 'Every platform that this server offers, by whether the user has saved it.',
    success: {
      status: 200,
      description: 'The platforms.',
      body: z.object({ unsaved_platforms: z.array(platform), saved_platforms: z.array(platform) }),
    },
  },
  startGrant: {
    id: 'startGrant',
    tag: 'Wallets',
    summary: 'Start saving a platform',
    description:
      'For OAuth platforms, returns the `url` to send the user to; the platform redirects back to `{origin}/platforms/{platform}/protocols/{protocol}/redirect_codes/`. Telegram takes `phone_number` and sends its own code. The attempt expires after 10 minutes and belongs to this session; starting again replaces it.',
    success: {
      status: 200,
      description: 'Begun.',
      body: z.object({
        url: z.string().meta({ description: 'Where the user grants the permission; empty for Telegram.' }),
        body: z
          .enum(['', '200', '201'])
          .meta({ description: 'Telegram: 201, a code was sent; 200, a valid authorization already exists.' }),
        platform: z.string(),
        sent_to: z.enum(['app', 'sms', 'call', 'email', 'fragment']).optional().meta({
          description:
            "Telegram: where its code was sent. `app`: a chat in Telegram on another device; `sms`; `call`: a call that reads it out; `email`: the account's login email; `fragment`: fragment.com, for anonymous numbers.",
        }),
      }),
    },
    refusals: {
      403: 'The platform refuses this phone number.',
      404: noPlatform,
      429: 'The platform is rate limiting.',
    },
  },
  finishGrant: {
    id: 'finishGrant',
    tag: 'Wallets',
    summary: 'Finish saving a platform',
    description:
      'Gmail and OAuth 2: `code`. Twitter by OAuth 1.0a: `oauth_token` and `oauth_verifier`. Telegram: `phone_number` and `code`. `state` and `code_verifier`, if sent, must match the start.',
    success: { status: 200, description: 'Saved, or one more step is required.', body: finished },
    refusals: {
      403: 'Nothing was started in this session, or the platform refuses the code.',
      404: noPlatform,
      409: 'The platform account is already saved, by this user or another.',
      422: 'A required permission was not granted.',
      429: 'The platform is rate limiting.',
    },
  },
  takeGrantStep: {
    id: 'takeGrantStep',
    tag: 'Wallets',
    summary: 'Take an additional step for a platform',
    description:
      'Telegram: `register` (`phone_number`, `first_name`, `last_name`) creates an account; `password` completes two-step verification.',
    success: { status: 200, description: 'Saved, or one more step is required.', body: finished },
    refusals: {
      403: 'Nothing in this session is waiting for this step, or the platform refuses it.',
      404: `${noPlatform} Or it has no such step.`,
      409: 'The platform account is already saved, by this user or another.',
      422: 'A required permission was not granted.',
      429: 'The platform is rate limiting.',
    },
  },
  revokeGrant: {
    id: 'revokeGrant',
    tag: 'Wallets',
    summary: 'Remove a platform from the wallet',
    description:
      'Removed here at once; revoked at the platform by a background job, which is retried for a day and then left to the operator.',
    success: { status: 200, description: 'Removed.', body: none },
    refusals: { 403: wrongPassword, 404: `${noPlatform} Or it is not saved.`, 429: passwordTries },
  },
} as const satisfies Record<string, Operation>

/** What 401 means where a session is needed. */
export const sessionRefusal = noUser
