import { ApiError, type ClientOptions, createClient } from '../../client/src/index.ts'

/** What somebody does with the client in any runtime, from sign-up to sign-out; `codes`: where the phone's last code can be read. */
export async function journey(options: ClientOptions, codes: string) {
  const api = createClient(options)
  const phone_number = `+23767${String(Math.floor(Math.random() * 1e7)).padStart(7, '0')}`
  const password = 'a passphrase of my own'
  const { uid: user_id } = await api.startSignup({ phone_number, password })
  await api.sendCode({ user_id, phone_number })
  const limit = await api.sendCode({ user_id, phone_number }).catch((error: unknown) => error)
  const code = await (await fetch(`${codes}?to=${encodeURIComponent(phone_number)}`)).text()
  await api.checkCode({ code })
  await api.finishSignup()
  const { uid } = await api.logIn({ phone_number, password })
  const { unsaved_platforms } = await api.listPlatforms({ user_id }, { signal: AbortSignal.timeout(10_000) })
  const left = await api.readDashboard({ user_id }, { signal: AbortSignal.abort() }).catch(({ name }: Error) => name)
  const signedIn = (await api.readDashboard.response({ user_id })).status
  await api.logOut({ user_id })
  const signedOut = (await api.readDashboard.response({ user_id })).status
  return {
    isSameUser: uid === user_id,
    offersGmail: unsaved_platforms.some(({ name }) => name === 'gmail'),
    limit: limit instanceof ApiError && [
      limit.status,
      limit.code,
      Number(limit.retryAfterSeconds) > 0,
      !!limit.requestId,
    ],
    left,
    signedIn,
    signedOut,
  }
}
