import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { buildDocs } from '../support/build-docs.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { serveWorld } from '../support/serve-world.ts'
import { openWorld } from '../support/world.ts'
import { describeInBrowser, useBrowser } from './open-browser.ts'
import { openReference } from './reference-page.ts'

const world = await openWorld({ sandbox: true, services: { passwords: plainPasswords } })
const url = await serveWorld(world, { openAsset: await buildDocs() })
const { host } = new URL(url)

const chosenIn = (operation: Locator) =>
  operation.locator('.code-samples').getByRole('tab', { selected: true }).textContent()

describeInBrowser('the reference', () => {
  const browser = useBrowser()

  test('a newcomer signs up, logs in and begins to save Gmail from the page itself', async () => {
    const { page, complaints, hosts } = await browser.openPage()
    const reference = await openReference(page, url)
    const person = { phone_number: randomPhoneNumber(), password: 'a passphrase of my own' }

    expect(await reference.tryOut('startSignup', person)).toBe(200)
    expect(await reference.tryOut('sendCode', { phone_number: person.phone_number })).toBe(201)
    expect(await reference.tryOut('checkCode', { code: world.phone.lastCodeTo(person.phone_number) })).toBe(200)
    expect(await reference.tryOut('finishSignup')).toBe(200)
    expect(await reference.tryOut('logIn', person)).toBe(200)
    expect(await reference.tryOut('readDashboard')).toBe(200)
    expect(await reference.tryOut('startGrant')).toBe(200)
    const answer = reference.operation('startGrant').locator('.live-responses-table .response-col_description')
    expect(await answer.last().textContent()).toContain(world.sandbox.google.url)

    expect(complaints).toEqual([])
    expect([...hosts]).toEqual([host])
    await page.close()
  })

  test('it fits phone and desktop, follows the colour scheme, and has no complaints', async () => {
    const { page, complaints, hosts } = await browser.openPage({ width: 390 })
    const reference = await openReference(page, url)
    expect(await reference.tooWide()).toEqual([])
    const path = reference.operation('readDashboard').locator('.opblock-summary-path')
    expect((await path.textContent())?.replaceAll('\u200b', '')).toBe('/users/{user_id}/dashboard')
    await reference.tryOut('startSignup', { phone_number: randomPhoneNumber(), password: 'a passphrase of my own' })
    for (const id of ['finishGrant', 'listPlatforms', 'deleteUser']) await reference.open(id)

    for (const colorScheme of ['light', 'dark'] as const) {
      await reference.chooseColorScheme(colorScheme)
      for (const width of [390, 1280]) {
        await page.setViewportSize({ width, height: 900 })
        expect([colorScheme, width, await reference.tooWide()]).toEqual([colorScheme, width, []])
      }
      expect(await reference.isDark()).toBe(colorScheme === 'dark')
    }
    expect(complaints).toEqual([])
    expect([...hosts]).toEqual([host])
    await page.close()
  })

  test('the samples are tabs for mouse and keyboard; the language is remembered, the user filled in', async () => {
    const { page } = await browser.openPage()
    const reference = await openReference(page, url)
    await reference.tryOut('startSignup', { phone_number: randomPhoneNumber(), password: 'a passphrase of my own' })
    await reference.open('readDashboard')
    const block = reference.operation('readDashboard').locator('.code-samples')
    const tabs = block.getByRole('tab')
    expect(await tabs.allTextContents()).toEqual([
      'Shell',
      'HTTP',
      'JavaScript',
      'TypeScript',
      'Ruby',
      'Python',
      'PHP',
      'Java',
      'Go',
    ])
    const selected = block.getByRole('tab', { selected: true })
    const sample = block.getByRole('tabpanel').locator('code')
    expect(await sample.textContent()).toMatch(new RegExp(`^curl -X GET '${url}/v2/users/[\\da-f-]{36}/dashboard'`))

    await tabs.nth(5).click()
    expect(await sample.textContent()).toContain('import requests')
    await page.keyboard.press('ArrowRight')
    expect(await selected.textContent()).toBe('PHP')
    await page.keyboard.press('End')
    expect(await selected.textContent()).toBe('Go')
    await page.keyboard.press('ArrowRight')
    expect(await selected.textContent()).toBe('Shell')
    await page.keyboard.press('ArrowLeft')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Go')
    expect(await chosenIn(reference.operation('startSignup'))).toBe('Go')

    const again = await openReference(page, url)
    await again.open('logIn')
    expect(await chosenIn(again.operation('logIn'))).toBe('Go')
    await page.close()
  })
})
