import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type GmailWorld,
  grantOf,
  openGmailWorld,
  otherRedirectUri,
  redirectUri,
  tokenPath,
  unavailable,
  userPath,
} from '../support/gmail-world.ts'
import { consent } from '../support/google-consent.ts'
import { submitConsent } from '../support/submit-consent.ts'

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

  test('tells the app of a person who cancels', async () => {
    const { url, pending } = await world.started()
    const { state } = pending
    expect(Object.fromEntries(await submitConsent('Google', url, 'cancel'))).toEqual({ error: 'access_denied', state })
  })

  test.for<[name: string, changes: Record<string, string>, error: string]>([
    ['another client', { client_id: 'other' }, 'invalid_client'],
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['no scope', { scope: '' }, 'invalid_scope'],
    ['a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'],
  ])('refuses %s before anybody can agree', async ([, changes, error]) => {
    const url = new URL((await world.started()).url)
    for (const [name, value] of Object.entries(changes)) url.searchParams.set(name, value)
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(url, { method, redirect: 'manual' })
      expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(error)])
    }
  })

  test.for<[name: string, changes: Record<string, string>, status: number, error: string]>([
    ['no grant type', { grant_type: '' }, 400, 'unsupported_grant_type'],
    ['another redirect URI', { redirect_uri: otherRedirectUri }, 400, 'redirect_uri_mismatch'],
    ['no verifier', { code_verifier: '' }, 400, 'invalid_grant'],
    ['another verifier', { code_verifier: 'A'.repeat(43) }, 400, 'invalid_grant'],
    ['another client', { client_id: 'other' }, 401, 'invalid_client'],
    ['a wrong secret', { client_secret: 'wrong' }, 401, 'invalid_client'],
  ])('refuses an exchange with %s, and the code still works, once', async ([, changes, status, error]) => {
    const { reply, pending } = await world.agreed()
    const { url, clientId, clientSecret } = world.google
    const right = {
      grant_type: 'authorization_code',
      code: reply.code,
      redirect_uri: redirectUri,
      code_verifier: String(pending.codeVerifier),
      client_id: clientId,
      client_secret: clientSecret,
    }
    const exchange = async (fields: Record<string, string>) => {
      const answer = await fetch(url + tokenPath, { method: 'POST', body: new URLSearchParams(fields) })
      return { status: answer.status, body: await answer.json() }
    }
    expect(await exchange({ ...right, ...changes })).toMatchObject({ status, body: { error } })
    expect(await exchange(right)).toMatchObject({ status: 200, body: { expires_in: 3600, token_type: 'Bearer' } })
    expect(await exchange(right)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test('takes no token that it did not give', async () => {
    for (const path of [userPath, '/gmail/v1/users/me/profile']) {
      const answer = await fetch(world.google.url + path, { headers: { authorization: 'Bearer made-up' } })
      expect(answer.status).toBe(401)
    }
  })
})
