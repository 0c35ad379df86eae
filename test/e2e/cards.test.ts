import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from './browser.ts'
import { type RunningBot, startBot } from './running-bot.ts'

/** Where the pictures go; the documentation is renewed with SCREENSHOTS=docs/cards. */
const pictures = process.env['SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'rolemedic-pictures-'))

let browser: Browser
let bot: RunningBot
let page: Page
let state: string

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true })
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  browser = await openBrowser()
  bot = await startBot(['--port', '0', '--state', state])
  page = await browser.newPage({ viewport: { width: 1400, height: 1000 } })
  await page.goto(bot.url)
})
afterAll(async () => {
  await browser.close()
  await bot.stop()
  rmSync(state, { recursive: true, force: true })
})

const cardAbout = (words: string) => page.locator('article.card', { hasText: words }).first()

async function picture(words: string, name: string): Promise<void> {
  const card = cardAbout(words)
  await card.waitFor()
  const path = join(pictures, `${name}.png`)
  await card.screenshot({ path })
  expect(statSync(path).size).toBeGreaterThan(10_000)
}

describe('every kind of card', () => {
  it('offers a small change to one approver', async () => {
    await picture('was denied iam:PassRole on orders-task', 'low-risk')
    expect(await cardAbout('iam:PassRole on orders-task').textContent()).toContain('1 person needed')
  })

  it('asks two people where the role is strong', async () => {
    await picture('was denied sts:AssumeRole on orders-admin', 'high-risk')
    expect(await cardAbout('sts:AssumeRole on orders-admin').textContent()).toContain('2 people needed')
  })

  it('shows what a token presented, and the one value that changes', async () => {
    await picture('sts:AssumeRoleWithWebIdentity', 'web-identity')
    expect(await cardAbout('sts:AssumeRoleWithWebIdentity').textContent()).toContain('refs/heads/release')
  })

  it('changes both sides across accounts, inside the organization', async () => {
    await picture('was denied sts:AssumeRole on deploy-target', 'cross-account')
    expect(await cardAbout('sts:AssumeRole on deploy-target').textContent()).toContain('trust policy')
  })

  it('has no Approve where nothing may be changed', async () => {
    await picture('rds-monitoring', 'role-not-found')
    await picture('root', 'not-ours')
    for (const words of ['rds-monitoring', 'root can never']) {
      expect(await cardAbout(words).getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0)
    }
  })

  it('opens the details, and says what became of an approval', async () => {
    await cardAbout('iam:PassRole on orders-task').getByRole('button', { name: 'Details' }).click()
    await page.locator('dialog[open]').waitFor()
    await page.screenshot({ path: join(pictures, 'details.png') })
    expect(await page.locator('dialog').textContent()).toContain('aws_iam_role_policy')
    await page.locator('dialog [data-close]').click()

    await cardAbout('iam:PassRole on orders-task').getByRole('button', { name: 'Approve', exact: true }).click()
    await cardAbout('iam:PassRole on orders-task').getByText('allowed now').first().waitFor()
    await picture('iam:PassRole on orders-task', 'applied')
    await page.screenshot({ path: join(pictures, 'page.png') })
  })
})
