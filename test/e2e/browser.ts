import { type Browser, chromium } from 'playwright-core'

/** A wait ends when what it waits for is there. */
export const SLOW = { timeout: 90_000 }

/** Debian's Chromium. The flags prevent background requests. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  return browser.on('context', context => context.setDefaultTimeout(SLOW.timeout))
}
