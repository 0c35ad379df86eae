/** A break-glass in the browser, from its press to its reversal and ratification, and what the audit log shows of it. */

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openBrowser } from './browser.ts'
import { type RunningBot, startBot } from './running-bot.ts'

const root = resolve(import.meta.dirname, '../..')
const REASON = 'orders are down; nobody else answers'

let browser: Browser
let bot: RunningBot
let page: Page
let state: string

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  bot = await startBot(['--port', '0', '--state', state])
  page = await browser.newPage()
  await page.goto(bot.url)
})
afterEach(async () => {
  await page.close()
  await bot.stop()
  rmSync(state, { recursive: true, force: true })
})

const lookAs = (user: string) => page.selectOption('#person', user)
const titled = (text: string) =>
  page.locator('article.card', { has: page.locator('.slack_blocks_to_jsx__header', { hasText: text }) })
const button = (title: string, words: string) => titled(title).getByRole('button', { name: words, exact: true })
const letPass = async (label: string) => {
  await page.getByText('Send a denial').click()
  await page.getByRole('button', { name: label, exact: true }).click()
}
const audit = (...args: readonly string[]): string => {
  const log = ['--from', join(state, 'audit')]
  return execFileSync(process.execPath, [join(root, 'cli/main.ts'), 'audit', ...args, ...log], { encoding: 'utf8' })
}

/** Two people are needed for it. */
const STRONG = 'cdk-hnb659fds'
const ANNOUNCED = 'High risk break-glass in orders-dev: ada (U0ONCALL1) approved'
const ASKED = 'Was this break-glass right?'

async function breakGlass(): Promise<void> {
  await lookAs('U0ONCALL1')
  await titled(STRONG).locator('.more > summary').first().click()
  await button(STRONG, 'Break glass…').click()
  const form = page.locator('dialog[open]')
  await form.waitFor()
  const shown = (await form.textContent()) ?? ''
  expect(shown).toContain('Lets /deploy/pipeline-deploy pass cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1')
  expect(shown).toContain('pipeline-deploy could become administrator')
  expect(shown).toContain('ends by itself after 4 h')
  await form.getByLabel('Why can it not wait').fill(REASON)
  await form.getByRole('button', { name: 'Approve alone' }).click()
  await titled(STRONG).getByText('allowed now').first().waitFor()
}

it('goes from the press to its reversal and ratification, with page, CSV and verification', async () => {
  await breakGlass()
  const announced = (await titled(ANNOUNCED).textContent()) ?? ''
  for (const words of [REASON, 'High risk', 'orders-dev', 'It ends by itself', 'The card'])
    expect(announced).toContain(words)
  expect(await titled(ANNOUNCED).getByRole('link', { name: 'The card' }).count()).toBe(1)

  // Anybody who may approve takes it away where it is announced.
  await lookAs('U0ONCALL2')
  await button(ANNOUNCED, 'Revert').click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revert', exact: true }).click()
  await page.locator('#audit li[data-kind="reverted"]').waitFor()
  await expect.poll(() => page.locator('#accounts .added').count()).toBe(0)
  expect(await titled(ASKED).count()).toBe(0)

  await letPass('1 day')
  await titled(ASKED).waitFor()
  // The person who broke the glass does not answer.
  await lookAs('U0ONCALL1')
  await button(ASKED, 'Ratify').click()
  await page.getByText('somebody else must say whether it was right').first().waitFor()
  await lookAs('U0ONCALL2')
  await button(ASKED, 'Ratify').click()
  await titled(ASKED).getByText('1 of 2').waitFor()
  await lookAs('U0ONCALL3')
  await button(ASKED, 'Ratify').click()
  await titled('Ratified: ada approved alone').waitFor()

  await bot.stop()
  expect(audit('verify')).toContain('intact')
  const file = join(state, 'report.html')
  audit('report', '--out', file)
  await page.goto(pathToFileURL(file).href)
  const row = page.locator('.case', { hasText: STRONG })
  expect(await row.locator('.line').textContent()).toContain('break-glass, ratified')
  await row.locator('summary').click()
  // The event that unfolds them comes after the click.
  await row.locator('.glass').waitFor()
  const details = (await row.locator('details').textContent()) ?? ''
  expect(details).toContain(`Break-glass by ada (U0ONCALL1), who approved alone: ${REASON}`)
  expect(details).toContain('ratified 2 of 2: jane (U0ONCALL2), omar (U0ONCALL3).')

  const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#csv').click()])
  const csv = readFileSync(await download.path(), 'utf8')
  const [names = '', ...lines] = csv.split('\r\n')
  const line = lines.find(one => one.includes(STRONG)) ?? ''
  expect(names).toContain('approved_as,break_glass_reason,ratification,ratified_by,not_ratified_by,not_ratified_reason')
  expect(line).toContain(`,break-glass,"${REASON}",ratified,"jane (U0ONCALL2); omar (U0ONCALL3)",,,`)
})

it('ends by itself, and is not ratified for one reason', async () => {
  await breakGlass()
  await letPass('8 hours')
  await page.locator('#audit li[data-kind="reverted"]').waitFor()
  await letPass('1 day')
  await lookAs('U0ONCALL3')
  await button(ASKED, 'Not ratified…').click()
  const form = page.locator('dialog[open]')
  await form.getByLabel('Why was it not right').fill('the rollback was enough')
  await form.getByRole('button', { name: 'Not ratified' }).click()
  await titled('Not ratified: ada approved alone').getByText('the rollback was enough').waitFor()
  await bot.stop()
  expect(audit('verify')).toContain('intact')
})
