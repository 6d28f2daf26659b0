import axe from 'axe-core'
import { expect, test } from 'vitest'
import { buildDocs } from '../support/build-docs.ts'
import { randomPhoneNumber } from '../support/person.ts'
import { plainPasswords } from '../support/plain-passwords.ts'
import { serveWorld } from '../support/serve-world.ts'
import { openWorld } from '../support/world.ts'
import { describeInBrowser, useBrowser } from './open-browser.ts'
import { openReference } from './reference-page.ts'

const world = await openWorld({ services: { passwords: plainPasswords } })
const url = await serveWorld(world, { openAsset: await buildDocs() })

describeInBrowser('the reference, for everybody', () => {
  const browser = useBrowser()

  test('axe finds nothing serious, light and dark', async () => {
    const { page } = await browser.openPage()
    const reference = await openReference(page, url)
    await reference.tryOut('startSignup', { phone_number: randomPhoneNumber(), password: 'a passphrase of my own' })
    for (const id of ['finishGrant', 'listPlatforms', 'deleteUser']) await reference.open(id)
    await reference.operation('finishGrant').locator('.try-out__btn').click()
    // Through the debugger: the page's own policy would refuse it.
    await page.evaluate(axe.source)
    for (const colorScheme of ['light', 'dark'] as const) {
      await reference.chooseColorScheme(colorScheme)
      const found = await page.evaluate(async () => {
        const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run()
        return violations.map(({ id, impact, nodes }) => ({
          id,
          impact,
          at: nodes.map(({ target }) => target.join(' ')),
        }))
      })
      const serious = found.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect({ colorScheme, serious }).toEqual({ colorScheme, serious: [] })
    }
    await page.close()
  })
})
