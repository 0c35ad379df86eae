import { type Browser, chromium } from 'playwright-core'

/** Of a wait that does not come true; what a busy machine takes is shorter. */
const timeout = 120_000

/** Debian's Chromium. The flags prevent background requests. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    timeout,
  })
  browser.on('context', context => context.setDefaultTimeout(timeout))
  return browser
}
