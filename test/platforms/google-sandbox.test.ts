import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type GmailWorld,
  grantOf,
  openGmailWorld,
  otherRedirectUri,
  redirectUri,
  unavailable,
  userPath,
} from '../support/gmail-world.ts'
import { consent } from '../support/google-consent.ts'

let world: GmailWorld
beforeEach(async () => {
  world = await openGmailWorld()
})
afterEach(() => world.google.close())

describe('the sandbox', () => {
  test('says that it is one', async () => {
    const page = await (await fetch((await world.started()).url)).text()
    expect(page).toContain('Sandbox, not Google')
    expect(page).not.toContain('Sign in to Google')
  })

  test('lets a shell agree without the page', async () => {
    const { url, pending } = await world.started()
    const answer = await fetch(`${url}&sandbox_consent=bola@example.com`, { redirect: 'manual' })
    const back = new URL(answer.headers.get('location') ?? '')
    expect(back.href).toMatch(redirectUri)
    const reply = { code: back.searchParams.get('code') ?? '', state: back.searchParams.get('state') ?? '' }
    expect(grantOf(await world.finishWith({ pending, reply })).profile.email).toBe('bola@example.com')
    expect((await fetch(`${url}&sandbox_consent=nobody@example.com`, { redirect: 'manual' })).status).toBe(400)
  })

  test('takes a code only with the redirect URI that it was given for', async () => {
    const { reply, pending } = await world.agreed()
    const elsewhere = world.finishWith({
      pending: { ...pending, redirectUri: otherRedirectUri },
      reply: { code: reply.code },
    })
    await expect(elsewhere).rejects.toMatchObject({
      ...unavailable,
      cause: { message: 'Google answered 400 redirect_uri_mismatch' },
    })
    await expect(consent((await world.started('https://evil.example.com/')).url)).rejects.toThrow(
      'redirect_uri_mismatch',
    )
  })

  test('takes no token that it did not give', async () => {
    for (const path of [userPath, '/gmail/v1/users/me/profile']) {
      const answer = await fetch(world.google.url + path, { headers: { authorization: 'Bearer made-up' } })
      expect(answer.status).toBe(401)
    }
  })
})
