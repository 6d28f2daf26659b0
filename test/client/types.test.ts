import { expectTypeOf, test } from 'vitest'
import { ApiError, type Client, createClient, type Platform, type Problem } from '../../client/src/index.ts'

// The compiler is what tests here (`tsc --noEmit`): every line below is checked and none is sent.
const api = createClient({ baseUrl: 'http://api.test/v2', fetch: async () => Response.json({}) })
const path = { user_id: 'a', platform: 'gmail', protocol: 'oauth2' }

test('bodies are typed', () => {
  expectTypeOf(api.logIn).returns.resolves.toEqualTypeOf<{ uid: string }>()
  expectTypeOf(api.sendCode).returns.resolves.toEqualTypeOf<{ expires: number }>()
  expectTypeOf(api.checkCode).returns.resolves.toEqualTypeOf<{ expires: string }>()
  expectTypeOf(api.readDashboard).returns.resolves.toEqualTypeOf<{ createdAt: string; updatedAt: string }>()
  expectTypeOf(api.startGrant).returns.resolves.toEqualTypeOf<{
    url: string
    body: string
    platform: string
    sent_to?: 'app' | 'sms' | 'call' | 'email' | 'fragment' | undefined
  }>()
  expectTypeOf<Platform['type']>().toEqualTypeOf<'email' | 'text' | 'messaging'>()
})

test('the fields of path and body are typed', () => {
  expectTypeOf<Fields<'logIn'>>().toEqualTypeOf<{
    phone_number: string
    password: string
    captcha_token?: string | null | undefined
  }>()
  expectTypeOf<Fields<'changePassword'>>().toEqualTypeOf<{ user_id: string; password: string; new_password: string }>()
  expectTypeOf<Fields<'takeGrantStep'>>().toHaveProperty('action')
  expectTypeOf(api.finishSignup).toBeCallableWith()
  expectTypeOf(api.startGrant).toBeCallableWith(path)
})

type Fields<Name extends keyof Client> = NonNullable<Parameters<Client[Name]>[0]>

test('a wrong field is a compile error', () => {
  // @ts-expect-error a field that logIn hasn't got
  void (() => api.logIn({ phone_number: '+237', password: 'p', phone: '+237' }))
  // @ts-expect-error a number where a string goes
  void (() => api.logIn({ phone_number: 237, password: 'p' }))
  // @ts-expect-error an answer has no such field
  void (() => api.logIn({ phone_number: '+237', password: 'p' }).then(({ user_id }) => user_id))
})

test('a missing field is a compile error', () => {
  // @ts-expect-error no password
  void (() => api.logIn({ phone_number: '+237' }))
  // @ts-expect-error no fields at all
  void (() => api.logIn())
  // @ts-expect-error no platform in the path
  void (() => api.revokeGrant({ user_id: 'a', protocol: 'oauth2', password: 'p' }))
  // @ts-expect-error no base URL
  void (() => createClient({}))
})

test('an unhandled status is a compile error', () => {
  type Answer = Awaited<ReturnType<typeof api.finishGrant.response>>
  expectTypeOf<Answer['status']>().toEqualTypeOf<
    200 | 400 | 401 | 403 | 404 | 409 | 413 | 415 | 422 | 429 | 500 | 503
  >()

  void (async (answer: Answer) => {
    switch (answer.status) {
      case 200:
        return expectTypeOf(await answer.json()).toEqualTypeOf<{ body: string; initialization_url: string }>()
      case 409:
        return expectTypeOf(await answer.json()).toEqualTypeOf<Problem<'conflict'>>()
      // @ts-expect-error this operation never answers so
      case 201:
        return undefined
      default:
        // @ts-expect-error the other refusals are left
        return answer satisfies never
    }
  })
  void (async (answer: Answer): Promise<string> => {
    if (answer.ok) return (await answer.json()).initialization_url
    return (await answer.json()).code
  })
})

test('the code of an error is one of those that are', () => {
  void ((error: unknown) => {
    if (!(error instanceof ApiError)) return
    // @ts-expect-error no such code
    if (error.code === 'not found') return
    if (error.code === 'conflict') expectTypeOf(error.retryAfterSeconds).toEqualTypeOf<number | undefined>()
  })
})
