import { ProviderError, RefusedError, UnavailableError } from '../errors.ts'
import type { Call, Exchanged, Finished, FinishRequest, Pending, Platform } from './platform.ts'
import { checkPassword } from './telegram/check-password.ts'
import { type TelegramConnection, type TelegramOptions, TelegramRefusal, withTelegram } from './telegram/connection.ts'
import { findAccount, grantOf } from './telegram/find-account.ts'
import { isAboutCode, refusedFor, secondsToWait } from './telegram/refused-for.ts'
import { migratedDc, readTelegramCode, sendCode } from './telegram/send-code.ts'

/** The answers by which Telegram says that a session is over. */
const sessionIsOver = new Set([
  'AUTH_KEY_UNREGISTERED',
  'AUTH_KEY_INVALID',
  'AUTH_KEY_PERM_EMPTY',
  'AUTH_KEY_DUPLICATED',
  'SESSION_REVOKED',
  'SESSION_EXPIRED',
  'USER_DEACTIVATED',
  'USER_DEACTIVATED_BAN',
])

/** A person's Telegram account, by the code that Telegram itself sends. Each grant is an authorization ("device") of its own. */
export function telegram(options: TelegramOptions): Platform {
  /** One step of signing in over the pending session. */
  function step(
    { pending, reply, signal }: FinishRequest,
    ask: (connection: TelegramConnection, attempt: Attempt) => Promise<unknown>,
  ) {
    const attempt = attemptOf(pending)
    if (reply.phoneNumber && reply.phoneNumber !== attempt.phoneNumber) {
      throw new RefusedError('forbidden', 'the code was sent to another phone number', { fields: ['phone_number'] })
    }
    return withTelegram(options, { session: attempt.session, signal }, async (connection) => {
      try {
        return await outcome(connection, pending, await ask(connection, attempt))
      } catch (error) {
        return await recover(connection, pending, error)
      }
    }).catch(translate)
  }

  async function revoke(grant: Exchanged, { signal }: Call): Promise<void> {
    try {
      await withTelegram(options, { session: sessionOf(grant), signal }, ({ Api, ask }) => ask(new Api.auth.LogOut()))
    } catch (error) {
      if (!(error instanceof TelegramRefusal)) throw error
      // Whoever owes the two-step password isn't signed in yet.
      if (sessionIsOver.has(error.message) || error.message === 'SESSION_PASSWORD_NEEDED') return
      const seconds = secondsToWait(error.message)
      throw new UnavailableError('Telegram', { cause: error, ...(seconds && { retryAfterSeconds: seconds }) })
    }
  }

  return {
    name: 'telegram',
    protocol: 'twofactor',
    type: 'messaging',
    letter: 'T',
    descriptions: {
      en: 'Connect your Telegram account to send messages to your Telegram contacts by SMS, even with no internet connection.',
      fr: 'Connectez votre compte Telegram pour écrire à vos contacts Telegram par SMS, même sans connexion internet.',
      fa: 'حساب تلگرام خود را متصل کنید تا حتی بدون اینترنت، با پیامک برای مخاطبان تلگرام خود پیام بفرستید.',
      es: 'Conecta tu cuenta de Telegram para escribir a tus contactos de Telegram por SMS, incluso sin conexión a internet.',
    },

    async start({ phoneNumber, signal }) {
      if (!phoneNumber)
        throw new RefusedError('bad_request', 'a phone number is required', { fields: ['phone_number'] })
      const pending = await withTelegram(options, { signal }, async (connection) => ({
        ...(await sendCode(connection, options, phoneNumber)),
        phoneNumber,
        session: connection.session(),
      })).catch(translate)
      return { codeSent: true, sentTo: pending.sentTo, pending }
    },

    async finish(request) {
      const { code } = request.reply
      const entered = readTelegramCode(code ?? '')
      return step(request, ({ Api, ask }, { phoneNumber, phoneCodeHash, sentTo }) => {
        const proof =
          sentTo === 'email'
            ? { emailVerification: new Api.EmailVerificationCode({ code: entered }) }
            : { phoneCode: entered }
        return ask(new Api.auth.SignIn({ phoneNumber, phoneCodeHash, ...proof }))
      })
    },

    actions: {
      async register(request) {
        const { firstName, lastName = '' } = request.reply
        if (!firstName) throw new RefusedError('bad_request', 'a first name is required', { fields: ['first_name'] })
        return step(request, ({ Api, ask }, { phoneNumber, phoneCodeHash }) =>
          ask(new Api.auth.SignUp({ phoneNumber, phoneCodeHash, firstName, lastName })),
        )
      },

      async password(request) {
        const { password } = request.reply
        if (!password) throw new RefusedError('bad_request', 'a password is required', { fields: ['password'] })
        return step(request, ({ Api, ask }) => checkPassword({ Api, ask }, password))
      },
    },

    // A sign-in whose answer was lost, or that couldn't be kept.
    abandoned: ({ session }) => ({ tokens: { session: session ?? '' } }),
    revoke,
    separateGrants: true,
    sendsCodes: true,
    takesAnotherTry: true,

    async isLive(grant, { signal }) {
      try {
        await withTelegram(options, { session: sessionOf(grant), signal }, findAccount)
        return true
      } catch (error) {
        if (error instanceof TelegramRefusal && sessionIsOver.has(error.message)) return false
        return translate(error)
      }
    },
  }
}

type Attempt = {
  readonly session: string
  readonly phoneCodeHash: string
  readonly phoneNumber: string
  /** Absent: begun by an earlier version. */
  readonly sentTo: string | undefined
}

function attemptOf({ session, phoneCodeHash, phoneNumber, sentTo }: Pending): Attempt {
  if (!session || !phoneCodeHash || !phoneNumber) throw new TypeError('not a pending authorization of Telegram')
  return { session, phoneCodeHash, phoneNumber, sentTo }
}

function sessionOf({ tokens: { session } }: Exchanged): string {
  if (typeof session !== 'string') throw new TypeError('not a grant of Telegram')
  return session
}

async function outcome(connection: TelegramConnection, pending: Pending, answer: unknown): Promise<Finished> {
  const { Api } = connection
  if (answer instanceof Api.auth.AuthorizationSignUpRequired) return { needs: 'register', pending }
  if (!(answer instanceof Api.auth.Authorization)) throw new ProviderError('Telegram answered no authorization')
  return { grant: grantOf(connection, answer.user) }
}

/** Reads a refused step: the next step, or the grant of an earlier try whose answer never reached us. */
async function recover(connection: TelegramConnection, pending: Pending, error: unknown): Promise<Finished> {
  if (!(error instanceof TelegramRefusal)) throw error
  if (error.message === 'SESSION_PASSWORD_NEEDED') return { needs: 'password', pending }
  if (error.message === 'PHONE_NUMBER_UNOCCUPIED') return { needs: 'register', pending }
  if (sessionIsOver.has(error.message) || secondsToWait(error.message) !== undefined) throw error
  try {
    return { grant: await findAccount(connection) }
  } catch (later) {
    if (!(later instanceof TelegramRefusal)) throw later
    const owesPassword = later.message === 'SESSION_PASSWORD_NEEDED' && isAboutCode(error.message)
    if (owesPassword) return { needs: 'password', pending }
    throw error
  }
}

function translate(error: unknown): never {
  if (!(error instanceof TelegramRefusal)) throw error
  // A code is good at the data centre that sent it.
  if (sessionIsOver.has(error.message) || migratedDc(error) !== undefined)
    throw new RefusedError('forbidden', 'Telegram ended this sign-in; start again')
  throw refusedFor(error.message) ?? new UnavailableError('Telegram', { cause: error })
}
