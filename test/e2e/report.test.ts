import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportPage } from '../../cli/audit/report/page.ts'
import { reportOf } from '../../functions/domain/audit/audit-report.ts'
import { checkChain } from '../../functions/domain/audit/verify-chain.ts'
import { auditFolder } from '../../simulator/audit-folder.ts'
import { longLog } from '../fakes/long-log.ts'
import { openBrowser } from './browser.ts'

let browser: Browser
let page: Page
let folder = ''
const requests: string[] = []
const problems: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'report-'))
  await longLog(join(folder, 'audit'))
  const audit = auditFolder({ folder: join(folder, 'audit') })
  const stored = await all(audit.stored())
  const check = checkChain(stored, await audit.head())
  const file = join(folder, 'report.html')
  writeFileSync(file, reportPage(reportOf(await all(audit.records())), check, '.rolemedic/audit'))
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1180, height: 900 } })
  page.on('request', request => requests.push(request.url()))
  page.on('pageerror', error => problems.push(error.message))
  page.on('console', message => problems.push(message.text()))
  page.on('dialog', dialog => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(pathToFileURL(file).href)
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the audit report in a browser', () => {
  it('loads nothing but itself, runs no script from outside, and has no errors', () => {
    expect(requests).toHaveLength(1)
    expect(problems).toEqual([])
  })

  it('shows the pictures, the verdict and every case with its diff', async () => {
    expect(await page.locator('svg[role=img]').count()).toBe(4)
    expect(await page.locator('svg[role=img] circle').count()).toBeGreaterThan(10)
    expect(await page.locator('.verdict').textContent()).toContain('The chain is intact')
    expect(await page.locator('tbody.case').count()).toBe(24)
    expect(await page.locator('pre .added').count()).toBeGreaterThan(24)
  })

  it('filters the table by any words, and says how many are left', async () => {
    await page.fill('#filter', 'rejected jane')
    const visible = page.locator('tbody.case:visible')
    expect(await visible.count()).toBe(6)
    expect(await page.locator('#shown').textContent()).toBe('6 of 24')
    for (const text of await visible.allInnerTexts()) expect(text).toContain('rejected')
    await page.fill('#filter', '')
    expect(await visible.count()).toBe(24)
  })

  it('fits the screen and prints without the filter', async () => {
    const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
    expect(overflow).toBe(0)
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.filter').isVisible()).toBe(false)
    await page.emulateMedia({ media: 'screen' })
  })

  it('is kept as a picture for the documentation', async () => {
    const snapshots = process.env['SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'rolemedic-pictures-'))
    mkdirSync(snapshots, { recursive: true })
    const path = join(snapshots, 'audit-report.png')
    // Down to the end of a case: the first that was applied, and whatever stands before it.
    await page.evaluate('document.activeElement.blur(); scrollTo(0, 0)')
    const last = await page.locator('tbody.case', { hasText: 'confirmed' }).first().boundingBox()
    const height = Math.ceil((last?.y ?? 0) + (last?.height ?? 0))
    await page.screenshot({ path, clip: { x: 0, y: 0, width: 1180, height }, fullPage: true })
    expect(readFileSync(path).readUInt32BE(20)).toBe(height)
  })

  it('tells one story: who was denied, whose policy changes, which role it names, on one day', async () => {
    expect(await page.locator('header').textContent()).toContain('2026-11-24 00:08:00 UTC to 2026-11-24 21:15:00 UTC')
    for (const one of await page.locator('tbody.case').all()) {
      const [, caller, role] =
        /assumed-role\/([\w-]+)\/.*iam:PassRole(arn:aws:iam::\d{12}:role\/[\w-]+?)(confirmed|rejected|reverted)/.exec(
          (await one.textContent()) ?? '',
        ) ?? []
      expect(await one.locator('summary').textContent()).toContain(`role-inline-policy of ${caller}, rolemedic in`)
      expect(await one.locator('pre .added').allTextContents()).toContain(`+   "Resource": "${role}",`)
    }
  })
})

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
