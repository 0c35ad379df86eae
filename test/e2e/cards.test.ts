import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from './browser.ts'
import { type RunningBot, startBot } from './running-bot.ts'

const AXE = readFileSync(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8')

/** The folder of the pictures. SCREENSHOTS=docs/cards renews those of the documentation. */
const snapshots = process.env['SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'rolemedic-pictures-'))

let browser: Browser
let bot: RunningBot
let page: Page
let album: Page
let state: string

beforeAll(async () => {
  mkdirSync(snapshots, { recursive: true })
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  browser = await openBrowser()
  bot = await startBot(['--port', '0', '--state', state])
  page = await browser.newPage({ viewport: { width: 1400, height: 1000 }, bypassCSP: true })
  album = await browser.newPage({ viewport: { width: 720, height: 400 } })
  await page.goto(bot.url)
})
afterAll(async () => {
  await browser.close()
  await bot.stop()
  rmSync(state, { recursive: true, force: true })
})

/** The first card, in every state. */
const TASK = /pipeline-deploy (was denied iam:PassRole on|may pass) orders-task/
const cardAbout = (words: string | RegExp) =>
  page.locator('article.card', { hasText: words }).filter({ hasNotText: 'Settling:' }).first()

/** A picture of the card in its current state. Renders it alone, because in the channel it moves while others arrive. Returns its text. */
async function snapshot(words: string | RegExp, name: string): Promise<string> {
  const card = cardAbout(words)
  await card.waitFor()
  const shown = await alone(await card.innerHTML())
  await keep(shown, name)
  const shownText = (await shown.textContent()) ?? ''
  expect(shownText).toMatch(words)
  return shownText
}

async function alone(html: string): Promise<Locator> {
  const address = `${bot.url}/album`
  const styles = ['slack', 'style'].map(name => `<link rel="stylesheet" href="/${name}.css">`).join('')
  const body = `<!doctype html><meta charset="utf-8">${styles}<body style="display: block; height: auto"><article class="card">${html}</article>`
  await album.route(address, route => route.fulfill({ contentType: 'text/html', body }))
  await album.goto(address, { waitUntil: 'networkidle' })
  await album.unroute(address)
  return album.locator('article.card')
}

/** The picture has the size of the element, so nothing was cut off. */
async function keep(shown: Locator, name: string): Promise<void> {
  const path = join(snapshots, `${name}.png`)
  await shown.screenshot({ path })
  const box = await shown.boundingBox()
  const header = readFileSync(path).subarray(16, 24)
  expect(Math.abs(header.readUInt32BE(0) - (box?.width ?? 0))).toBeLessThanOrEqual(2)
  expect(Math.abs(header.readUInt32BE(4) - (box?.height ?? 0))).toBeLessThanOrEqual(2)
}

/** A picture of the whole page, with an axe-core check of everything on it. */
async function screen(
  anchor: '#channel' | '#home',
  size: { readonly width: number; readonly height: number },
  colorScheme: 'light' | 'dark',
  name: string,
): Promise<void> {
  await page.setViewportSize(size)
  await page.emulateMedia({ colorScheme })
  await page.goto(`${bot.url}/${anchor}`)
  await page.locator(`html[data-theme="${colorScheme}"]`).waitFor()
  await page.locator(`${anchor} .card`).first().waitFor()
  await page.screenshot({ path: join(snapshots, `${name}.png`) })
  await page.evaluate(AXE)
  const violations =
    'axe.run().then(({ violations }) => violations.flatMap(({ nodes }) => nodes.map(({ html }) => html)))'
  expect(await page.evaluate(violations)).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0)
}

/** False also while the page replaces the element, so it is polled. */
async function isWhole(shown: Locator, on: Page): Promise<boolean> {
  const { width, height } = on.viewportSize() ?? { width: 0, height: 0 }
  const box = await shown.boundingBox()
  return box !== null && box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height
}

describe('the pictures of the documentation', () => {
  it('offers a small change to one approver', async () => {
    const shownText = await snapshot('pipeline-deploy was denied iam:PassRole on orders-task', 'low-risk')
    expect(shownText).toContain('Needs 1')
  })

  it('asks two people where the role is strong', async () => {
    expect(await snapshot('was denied iam:PassRole on cdk-hnb659fds', 'high-risk')).toContain('Needs 2')
  })

  it('says who comes in with a token', async () => {
    const shownText = await snapshot('sts:AssumeRoleWithWebIdentity', 'web-identity')
    expect(shownText).toContain('Anybody who can push a branch named release')
  })

  it('changes both sides across accounts, inside the organization', async () => {
    expect(await snapshot('was denied sts:AssumeRole on deploy-target', 'cross-account')).toContain('trust policy')
  })

  it('has no Approve where nothing may be changed', async () => {
    await snapshot('rds-monitoring', 'role-not-found')
    await snapshot('the root user was denied', 'not-ours')
    for (const words of ['rds-monitoring', 'the root user was denied']) {
      expect(await cardAbout(words).getByRole('button', { name: 'Approve, no end', exact: true }).count()).toBe(0)
    }
  })

  it('opens the details, and shows the result of an approval', async () => {
    await cardAbout(TASK).locator('.more > summary').click()
    await cardAbout(TASK).getByRole('button', { name: 'Details' }).click()
    await page.locator('dialog[open]').waitFor()
    // In the page its body scrolls; alone it has unlimited space.
    const form = (await page.locator('dialog[open]').innerHTML()).replace('class="dialog-body"', '')
    const details = await alone(form)
    await keep(details, 'details')
    for (const words of ['arn:aws:iam::111122223333:role/app/orders-task', 'aws_iam_role_policy'])
      expect(await details.textContent()).toContain(words)
    await page.locator('dialog [data-close]').click()

    await cardAbout(TASK).getByRole('button', { name: 'Approve, no end', exact: true }).click()
    await cardAbout(TASK).getByText('allowed now').first().waitFor()
    expect(await snapshot(TASK, 'applied')).toContain('allowed now')
  })

  it('shows the App Home, and the page on a phone and in the dark', async () => {
    // The last changes by the approval: of its card and of two for the same role.
    await expect.poll(() => page.getByText('2 in the thread', { exact: true }).count()).toBe(3)
    await screen('#home', { width: 1400, height: 1000 }, 'light', 'home')
    await screen('#channel', { width: 1400, height: 1000 }, 'dark', 'page-dark')
    await screen('#channel', { width: 390, height: 844 }, 'light', 'phone')
    await screen('#channel', { width: 390, height: 844 }, 'dark', 'phone-dark')
    await screen('#home', { width: 390, height: 844 }, 'dark', 'home-phone')
  })

  it('is next to the policies and the audit trail that it mentions', async () => {
    const alone = await startBot([
      'events/ecs-register-task-definition.json',
      '--port',
      '0',
      '--state',
      join(state, 'one'),
    ])
    try {
      const one = await browser.newPage({ viewport: { width: 1400, height: 1200 } })
      await one.goto(alone.url)
      await one.getByRole('button', { name: 'Approve, no end', exact: true }).click()
      await one.locator('#audit li').first().getByText('applied', { exact: true }).waitFor()
      const card = one.locator('article.card', { hasText: 'Allowed now: pipeline-deploy may pass orders-task' })
      await card.getByText('allowed now').first().waitFor()
      for (const shown of [card, one.locator('#accounts'), one.locator('#audit')])
        await expect.poll(() => isWhole(shown, one)).toBe(true)
      expect(await one.locator('#accounts').textContent()).toContain('role pipeline-deploy: inline policy rolemedic')
      await one.screenshot({ path: join(snapshots, 'page.png') })
    } finally {
      await alone.stop()
    }
  })
})
