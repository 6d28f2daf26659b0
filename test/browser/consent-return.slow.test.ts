import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cloneDatabase } from '../support/clone-database.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { startServer } from '../support/start-server.ts'
import { describeInBrowser, useBrowser } from './open-browser.ts'
import { openReference } from './reference-page.ts'

describeInBrowser("the sandbox's consent page, in development", () => {
  const browser = useBrowser()
  let folder: string
  let server: Awaited<ReturnType<typeof startServer>>
  beforeAll(async () => {
    execFileSync('npm', ['run', '--silent', 'build:docs'])
    folder = await mkdtemp(join(tmpdir(), 'swob-consent-'))
    server = await startServer({ DATABASE_URL: await cloneDatabase(), DATA_DIR: folder })
  })
  afterAll(async () => {
    await server.end('SIGTERM')
    await rm(folder, { recursive: true, force: true })
  })
  const codeOf = async () =>
    (await readFile(join(folder, 'sms.txt'), 'utf8'))
      .trim()
      .split('\n')
      .at(-1)
      ?.match(/\b\d{6}\b/)?.[0]

  test('leads back to a page that saves Gmail for whoever began on the reference', async () => {
    const url = `http://localhost:${server.port}`
    const { page, complaints } = await browser.openPage()
    const reference = await openReference(page, url)
    const person = { phone_number: randomPhoneNumber(), password: 'a passphrase of my own' }
    await reference.tryOut('startSignup', person)
    await reference.tryOut('sendCode', { phone_number: person.phone_number })
    await reference.tryOut('checkCode', { code: await codeOf() })
    await reference.tryOut('finishSignup')
    expect(await reference.tryOut('logIn', person)).toBe(200)
    expect(await reference.tryOut('startGrant')).toBe(200)
    const answer = await reference
      .operation('startGrant')
      .locator('.live-responses-table .response-col_description')
      .last()
      .textContent()
    const [, consent = ''] = /"url": "([^"]+)"/.exec(answer ?? '') ?? []
    await page.goto(consent)
    await page.getByText('ada@example.com').first().click()
    await page.locator('#result', { hasText: 'gmail is saved' }).waitFor()
    expect(new URL(page.url()).search).toBe('')
    expect(complaints).toEqual([])
    await page.close()
  })

  test('shows whoever began elsewhere the request that finishes it, and says so when it was declined', async () => {
    const { page, complaints } = await browser.openPage()
    const back = `http://localhost:${server.port}/platforms/twitter/protocols/oauth/redirect_codes/`
    await page.goto(`${back}?oauth_token=abc&oauth_verifier=it's`)
    const shown = page.locator('#result')
    await expect.poll(() => shown.textContent()).toContain(`-d '{"oauth_token":"abc","oauth_verifier":"it'\\''s"}'`)
    expect(await shown.textContent()).toContain(
      `"http://localhost:${server.port}/v2/users/$uid/platforms/twitter/protocols/oauth"`,
    )
    await page.goto(`${back}?denied=abc`)
    await expect.poll(() => shown.textContent()).toContain('declined')
    expect(complaints).toEqual([])
    await page.close()
  })
})

test('elsewhere there is no such page', async () => {
  const server = await startServer({
    DATABASE_URL: await cloneDatabase(),
    SANDBOX: 'false',
    DATA_DIR: await mkdtemp(join(tmpdir(), 'swob-')),
  })
  const answer = await fetch(`${server.url}/platforms/gmail/protocols/oauth2/redirect_codes/?code=1`)
  expect(answer.status).toBe(404)
  await server.end('SIGTERM')
})
