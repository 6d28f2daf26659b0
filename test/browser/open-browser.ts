import { execFileSync } from 'node:child_process'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'

/** The one that the machine has; nothing is downloaded. */
const executablePath = findChromium()

function findChromium(): string | undefined {
  try {
    return execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}

/** Runs where there is a Chromium; elsewhere says that it doesn't. */
export const describeInBrowser = (name: string, tests: () => void): void =>
  void describe.skipIf(!executablePath)(executablePath ? name : `${name} (skipped: no chromium on this machine)`, tests)

/** One browser for the tests of a `describe`. */
export function useBrowser() {
  let browser: Browser | undefined
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: executablePath ?? '',
      args: ['--no-sandbox', '--disable-quic', '--disable-background-networking'],
    })
  })
  afterAll(() => browser?.close())
  return {
    async openPage({ width = 1280 }: { width?: number } = {}) {
      if (!browser) throw new Error('there is no browser yet')
      const page = await browser.newPage({
        colorScheme: 'light',
        reducedMotion: 'reduce',
        viewport: { width, height: 900 },
      })
      return { page, ...listen(page) }
    },
  }
}

/** What went wrong on a page, and whom it talked to. */
function listen(page: Page) {
  const complaints: string[] = []
  const hosts = new Set<string>()
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', ({ message }) => complaints.push(message))
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url())
    if (protocol !== 'data:') hosts.add(host)
  })
  return { complaints, hosts }
}
