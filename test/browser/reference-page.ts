import type { Page } from 'playwright-core'

/** The reference as a reader works with it. */
export async function openReference(page: Page, url: string) {
  await page.goto(`${url}/v2/docs`)
  await page.locator('.opblock').first().waitFor()
  const operation = (id: string) => page.locator(`[id$="-${id}"].opblock`)

  return {
    operation,
    open: (id: string) => operation(id).locator('button.opblock-summary-control').click(),
    /** What is wider than the page, by class. */
    tooWide: () =>
      page.evaluate(() => {
        if (document.documentElement.scrollWidth <= innerWidth) return []
        const beyond = [...document.querySelectorAll('body *')].filter(
          (element) => element.getBoundingClientRect().right > innerWidth,
        )
        return beyond.map(({ className, tagName }) => `${tagName} ${className}`)
      }),
    /** The page follows the reader's choice at the browser's next frame. */
    async chooseColorScheme(colorScheme: 'light' | 'dark') {
      await page.emulateMedia({ colorScheme })
      await page.waitForFunction(
        (dark) => document.documentElement.matches('.dark-mode') === dark,
        colorScheme === 'dark',
      )
    },
    isDark: () =>
      page.evaluate(() => {
        const shown = [document.documentElement, document.body].map((each) => getComputedStyle(each).backgroundColor)
        const [red = 255] =
          shown
            .find((colour) => colour !== 'rgba(0, 0, 0, 0)')
            ?.match(/\d+/g)
            ?.map(Number) ?? []
        return red < 128
      }),
    /** Opens an operation, fills its body in if one is given, sends it. The status of the answer. */
    async tryOut(id: string, body?: object): Promise<number> {
      const block = operation(id)
      if (!(await block.locator('.try-out__btn').isVisible()))
        await block.locator('button.opblock-summary-control').click()
      await block.locator('.try-out__btn').click()
      if (body) await block.getByLabel('Request body').fill(JSON.stringify(body))
      await block.locator('.execute').click()
      const status = block.locator('.live-responses-table .response-col_status').last()
      return Number((await status.textContent())?.slice(0, 3))
    },
  }
}
