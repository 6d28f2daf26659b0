import type { Person } from '../support/person.ts'
import type { World } from '../support/world.ts'
import type { HostileRequest } from './requests.ts'

/** The people whose sessions hostile requests use. Those that a request may have ended are replaced by `renew`. */
export function createActors(world: World) {
  let signedIn = world.person()
  let signingUp = world.person()
  let proved = world.person()
  let recovering = world.person()
  const other = world.person()
  let renewals = 0

  return {
    async renew(id: string): Promise<void> {
      if (!other.uid) await other.signUp()
      if (!signedIn.uid || (await signedIn.dashboard()).status !== 200) signedIn = await world.signedUpPerson()
      signingUp = world.person()
      proved = world.person()
      recovering = signedIn.elsewhere()
      await Promise.all([
        signingUp.startSignUp().then(() => signingUp.sendCode()),
        proved.proveNumber(),
        recovering
          .startRecovery()
          .then(() => recovering.sendCode())
          .then(() => recovering.enterCode()),
      ])
      await preparations[id]?.(signedIn)
      // Telegram's steps take long, and outlive a wrong answer.
      if (renewals++ % 5 === 0) await telegramPreparations[id]?.(signedIn)
    },
    /** The request with what the props stand for. */
    play({ asker, path, headers, body }: HostileRequest, method: string): Request {
      const person = asker === 'nobody' ? undefined : { signedIn, signingUp, proved, recovering }[asker]
      const real = (text: string) =>
        text.replace(/\$(\w+)/g, (whole, name: string) => propsOf(person ?? signedIn, other)[name] ?? whole)
      const sent = new Headers({
        'User-Agent': 'Test/1.0',
        'Content-Type': 'application/json',
        ...(person?.cookie && { Cookie: person.cookie }),
      })
      for (const [name, value] of Object.entries(headers)) sent.set(name, real(value))
      return new Request(`http://api.test${real(path)}`, {
        method,
        headers: sent,
        ...(body !== undefined && { body: real(body) }),
      })
    },
  }
}

/** What an operation needs to find, so that hostile requests get as far as the platforms. */
const preparations: Readonly<Record<string, (person: Person) => Promise<unknown>>> = {
  finishGrant: (person) =>
    Promise.all(['gmail', 'twitter', 'mastodon'].map((platform) => person.start(platform, 'oauth2'))),
  revokeGrant: (person) => person.connectGmail(),
}

const telegramPreparations: typeof preparations = {
  finishGrant: (person) => person.start('telegram', 'twofactor', { phone_number: '+12025550101' }),
  takeGrantStep: async (person) => {
    // Has a two-step password at the sandbox.
    const phone_number = '+12025550102'
    await person.start('telegram', 'twofactor', { phone_number })
    await person.finish('telegram', 'twofactor', { phone_number, code: '12345' })
  },
}

const propsOf = (person: Person, other: Person): Record<string, string> => ({
  phone: person.phoneNumber,
  otherPhone: other.phoneNumber,
  password: person.password,
  uid: person.uid,
  otherUid: other.uid,
  get code() {
    try {
      return person.lastCode
    } catch {
      return '000000'
    }
  },
})
