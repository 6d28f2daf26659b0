import * as z from 'zod'
import { count, flag, seconds } from '../kinds.ts'
import type { SettingGroup } from '../setting.ts'
import { endpointBaseUrl } from '../urls.ts'

export const accounts = {
  title: 'Accounts, sessions and passwords',
  settings: {
    HIDE_ACCOUNTS: {
      schema: flag,
      default: 'false',
      help: 'Keep strangers from finding out which phone numbers have an account. true: sign-up, recovery and sign-in answer alike for all numbers, and whoever mistypes a number waits for a code that never comes. false: sign-up and recovery tell. Must be decided in production; works with LEGACY_CLIENTS.',
    },
    COOKIE_SECURE: {
      schema: flag,
      default: 'false',
      production: 'true',
      help: 'Send the session cookie over HTTPS only.',
    },
    SESSION_MAX_AGE: { schema: seconds, default: '7200', help: 'Seconds until an unused session expires.' },
    SESSION_ABSOLUTE_AGE: {
      schema: seconds,
      default: '86400',
      help: 'Seconds until a session expires however much it is used.',
    },
    SESSION_BIND_USER_AGENT: {
      schema: z.enum(['off', 'enforce'], 'must be off or enforce'),
      default: 'enforce',
      help: 'enforce: a session works only with the User-Agent that opened it. off: with any.',
    },
    PASSWORD_CHANGE_PURGES_GRANTS: {
      schema: flag,
      default: 'false',
      legacy: 'true',
      help: 'Revoke all saved grants when a password is changed.',
    },
    BREACHED_PASSWORDS_URL: {
      schema: endpointBaseUrl,
      help: 'Range API such as https://api.pwnedpasswords.com/range, used to refuse breached passwords. Empty: not checked.',
    },
    PASSWORD_QUEUE: {
      schema: count,
      default: '64',
      help: 'Passwords that may wait to be hashed. Beyond that, requests get 503 at once.',
    },
    LOGIN_TRIES: { schema: count, default: '5', help: 'Consecutive wrong passwords that block a phone number.' },
    LOGIN_BLOCK: { schema: seconds, default: '900', help: 'Seconds that a block lasts.' },
    LOGIN_BLOCKS: { schema: count, default: '3', help: 'Which block in a row is a long one, counted from the first.' },
    LOGIN_LONG_BLOCK: { schema: seconds, default: '86400', help: 'Seconds that a long block lasts.' },
    LOGIN_CEILING: {
      schema: count,
      default: '30',
      help: 'Wrong passwords a day for a blocked number from networks where its owner has signed in before. Those networks bypass the block until then.',
    },
    LOGIN_NETWORK_TRIES: {
      schema: count,
      default: '100',
      help: 'Wrong passwords from one network (IPv4 /24, IPv6 /48) within LOGIN_BLOCK, for any number.',
    },
    LOGIN_NETWORK_DAILY: { schema: count, default: '2000', help: 'Wrong passwords from one network within a day.' },
    LOGIN_HOURLY: {
      schema: count,
      default: '5000',
      help: 'Wrong passwords within an hour from all clients whose network is unknown.',
    },
    LOGIN_DAILY: {
      schema: count,
      default: '50000',
      help: 'Wrong passwords within a day from all clients whose network is unknown.',
    },
    SIGNUP_NETWORK_HOURLY: { schema: count, default: '120', help: 'Sign-ups started from one network within an hour.' },
    SIGNUP_NETWORK_DAILY: { schema: count, default: '600', help: 'Sign-ups started from one network within a day.' },
    SIGNUP_HOURLY: { schema: count, default: '5000', help: 'Sign-ups started by everybody within an hour.' },
    SIGNUP_DAILY: { schema: count, default: '50000', help: 'Sign-ups started by everybody within a day.' },
    RECOVERY_NETWORK_HOURLY: {
      schema: count,
      default: '60',
      help: 'Recoveries started from one network within an hour, for numbers with and without an account.',
    },
    RECOVERY_NETWORK_DAILY: {
      schema: count,
      default: '240',
      help: 'Recoveries started from one network within a day.',
    },
    RECOVERY_HOURLY: { schema: count, default: '5000', help: 'Recoveries started by everybody within an hour.' },
    RECOVERY_DAILY: { schema: count, default: '50000', help: 'Recoveries started by everybody within a day.' },
  },
} as const satisfies SettingGroup
