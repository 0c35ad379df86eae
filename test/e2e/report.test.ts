import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportPage } from '../../cli/formats/audit/report/page.ts'
import type { AuditRecord } from '../../functions/domain/audit/audit-record.ts'
import { reportOf } from '../../functions/domain/audit/audit-report.ts'
import { standingGrants } from '../../functions/domain/audit/standing-grants.ts'
import { type ChainCheck, checkChain } from '../../functions/domain/audit/verify-chain.ts'
import { auditFolder } from '../../simulator/audit-folder.ts'
import { cpuMs } from '../cpu-time.ts'
import { auditTrail, TRAIL_START } from '../fakes/audit-trail.ts'
import { longLog } from '../fakes/long-log.ts'
import { openBrowser } from './browser.ts'
import { pdfPages } from './pdf-pages.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const DAY_MS = 24 * 60 * 60_000
const INTACT = { intact: true, head: null, findings: [], endIsPinned: true, afterHead: 0 }

let browser: Browser
let page: Page
let folder = ''
const requests: string[] = []
const problems: string[] = []

/** Writes the page of a log, and returns its URL. */
function written(
  name: string,
  records: readonly AuditRecord[],
  nowMs: number,
  check: ChainCheck = { ...INTACT, records: 0 },
): string {
  const file = join(folder, name)
  const standing = standingGrants(records, nowMs)
  const source = '.rolemedic/audit'
  const workspace = 'https://acme.slack.com'
  writeFileSync(file, reportPage({ report: reportOf(records), standing, check, source, workspace, nowMs }))
  return pathToFileURL(file).href
}

let day = ''
let trail = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'report-'))
  await longLog(join(folder, 'audit'))
  const audit = auditFolder({ folder: join(folder, 'audit') })
  const check = checkChain(await all(audit.stored()), await audit.head())
  day = written('day.html', await all(audit.records()), Date.parse('2026-11-25T08:00:00Z'), check)
  trail = written('trail.html', auditTrail(2), TRAIL_START + DAY_MS)
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1180, height: 900 } })
  page.on('request', request => requests.push(request.url()))
  page.on('pageerror', error => problems.push(error.message))
  page.on('console', message => problems.push(message.text()))
  page.on('dialog', dialog => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  await page.goto(day)
})

afterAll(async () => {
  await browser?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Of table rows, which a list of the browser has. */
const cellsOf = (lines: readonly Element[]): readonly string[] =>
  lines.map(line => [...line.children].map(cell => cell.textContent).join(' | '))

/** The event that unfolds what is opened comes after the click. */
async function unfolded(on: Page): Promise<void> {
  await on.locator('details[open]').first().waitFor()
  await expect.poll(() => on.locator('details[open] noscript').count()).toBe(0)
}

const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'

describe('the audit report in a browser', () => {
  it('loads nothing but itself, runs no script from outside, and has no errors', () => {
    expect(requests).toHaveLength(1)
    expect(problems).toEqual([])
  })

  it('begins with what stands, then the figures, and has every case with its diff', async () => {
    expect(await page.locator('h2').allTextContents()).toEqual([
      'What still stands',
      'Figures',
      'Over time',
      'Every case',
    ])
    // 24 cases: 6 were rejected, 2 reverted.
    expect(await page.locator('#standing li').count()).toBe(16)
    expect(await page.locator('#standing li').first().textContent()).toMatch(
      /^stands arn:aws:sts::.* may iam:PassRole on arn:/,
    )
    expect(await page.locator('[data-figure=changed]').textContent()).toBe('18')
    expect(await page.locator('.verdict').textContent()).toContain('The chain is intact')
    expect(await page.locator('.case').count()).toBe(24)
    // What nobody has opened is one text.
    expect(await page.locator('pre .added').count()).toBe(0)
    for (const one of await page.locator('.case summary').all()) await one.click()
    await unfolded(page)
    expect(await page.locator('pre .added').count()).toBeGreaterThan(24)
  })

  it('filters by any words, and says how many are left', async () => {
    await page.fill('#filter', 'rejected jane')
    const visible = page.locator('.case:not([hidden])')
    expect(await visible.count()).toBe(6)
    expect(await page.locator('#shown').textContent()).toBe('6 of 24 cases')
    for (const text of await visible.allTextContents()) expect(text).toContain('rejected')
    await page.fill('#filter', '')
    expect(await visible.count()).toBe(24)
  })

  it('shows no label twice in a chart, and none cut', async () => {
    for (const svg of await page.locator('.wide svg').all()) {
      const labels = await svg.locator('g.x-axis-tick-label text').allTextContents()
      expect(labels.length).toBeGreaterThan(2)
      expect(new Set(labels).size).toBe(labels.length)
      const inside = await svg.evaluate(element => {
        const box = element.getBoundingClientRect()
        const texts = [...element.querySelectorAll('text')].map(text => text.getBoundingClientRect())
        return texts.every(one => one.left >= box.left - 1 && one.right <= box.right + 1)
      })
      expect(inside).toBe(true)
    }
    expect(await page.locator('.bars .name').allTextContents()).not.toContainEqual(expect.stringContaining('…'))
  })

  it('tells one story: who was denied, whose policy changes, which role it names, on one day', async () => {
    expect(await page.locator('header').textContent()).toContain('2026-11-24 00:08:00 UTC to 2026-11-24 21:15:00 UTC')
    for (const one of await page.locator('.case').all()) {
      const [, caller, role] =
        /assumed-role\/([\w-]+)\/.*iam:PassRole on (arn:aws:iam::\d{12}:role\/[\w-]+?)(applied, confirmed|rejected|reverted)/s.exec(
          (await one.textContent()) ?? '',
        ) ?? []
      expect(await one.locator('.target').textContent()).toContain(`role-inline-policy of ${caller}, rolemedic in`)
      expect(await one.locator('pre .added').allTextContents()).toContain(`+   "Resource": "${role}",`)
    }
  })

  it('is kept as a picture for the documentation', async () => {
    const snapshots = process.env['SCREENSHOTS'] ?? mkdtempSync(join(tmpdir(), 'rolemedic-pictures-'))
    mkdirSync(snapshots, { recursive: true })
    const path = join(snapshots, 'audit-report.png')
    const shot = await browser.newPage({ viewport: { width: 1180, height: 5000 } })
    await shot.goto(day)
    await shot.locator('.case', { hasText: 'confirmed' }).first().locator('summary').click()
    await unfolded(shot)
    const open = await shot.locator('.case:has([open])').boundingBox()
    const height = Math.ceil((open?.y ?? 0) + (open?.height ?? 0))
    await shot.screenshot({ path, clip: { x: 0, y: 0, width: 1180, height } })
    await shot.close()
    expect(readFileSync(path).readUInt32BE(20)).toBe(height)
  })
})

describe('filters and downloads of the audit report', () => {
  let list: Page
  beforeAll(async () => {
    list = await browser.newPage({ viewport: { width: 1180, height: 900 } })
    await list.goto(trail)
  })
  const shown = () => list.locator('#shown').textContent()
  const figure = (name: string) => list.locator(`[data-figure=${name}]`).textContent()

  it('combine account, outcome, principal and date, and the figures follow', async () => {
    // Of two rounds, by hand: 21 cases each.
    expect(await shown()).toBe('42 of 42 cases')
    await list.selectOption('[name=account]', '111122223333')
    expect(await shown()).toBe('26 of 42 cases')
    expect([await figure('denials'), await figure('changed'), await figure('medianSeconds')]).toEqual([
      '24',
      '8',
      '4 min 0 s',
    ])
    await list.selectOption('[name=outcome]', 'waiting')
    // half, older-half, half-twice
    expect(await shown()).toBe('6 of 42 cases')
    expect(await figure('medianSeconds')).toBe('–')
    await list.fill('[name=principal]', 'deployer-1')
    expect(await shown()).toBe('3 of 42 cases')
    expect(await list.locator('#approvers tr').evaluateAll(cellsOf)).toEqual(['ada | 3 | 0 | 0 | 0 | –'])
    expect(await list.locator('#accounts tr').evaluateAll(cellsOf)).toEqual(['111122223333 | 3 | 0 | 0 | 0 | 0 | –'])
    await list.fill('[name=to]', '2026-10-31')
    expect(await shown()).toBe('0 of 42 cases')
    await list.fill('[name=to]', '2026-11-01')
    await list.fill('[name=from]', '2026-11-01')
    expect(await shown()).toBe('3 of 42 cases')
    expect(await list.locator('.case:not([hidden])').count()).toBe(3)
    expect(await list.locator('#figures-of').textContent()).toBe('3 of 42 cases that the filter shows')
  })

  it('save the cases that are shown as CSV and JSON, and some of several approvals never as approved', async () => {
    const saved = async (button: string) => {
      const download = list.waitForEvent('download')
      await list.click(button)
      const path = join(folder, (await download).suggestedFilename())
      await (await download).saveAs(path)
      return { name: (await download).suggestedFilename(), text: readFileSync(path, 'utf8') }
    }
    const csv = await saved('#csv')
    expect(csv.name).toBe('rolemedic-audit.csv')
    const [head = '', ...lines] = csv.text.split('\r\n')
    expect(head).toMatch(/^\ufeffproposal,event,first_seen,/)
    const columns = ['outcome', 'approvals', 'approvals_needed'].map(name => head.split(',').indexOf(name))
    expect(lines.map(line => columns.flatMap(at => line.split(',')[at] ?? []).join(' '))).toEqual([
      ...['waiting 1 2', 'waiting 1 ', 'waiting 1 2'],
      '',
    ])
    const json = await saved('#json')
    expect(json.name).toBe('rolemedic-audit.json')
    const { schema, cases } = JSON.parse(json.text)
    expect(schema).toBe('rolemedic.audit-cases/1')
    expect(cases).toHaveLength(3)
    for (const one of cases)
      expect(one).toMatchObject({
        outcome: 'waiting',
        approvals: { given: 1, completed: null },
        secondsToApprove: null,
      })
    await list.click('#show-all')
    expect(await shown()).toBe('42 of 42 cases')
    expect((await saved('#csv')).text.split('\r\n')).toHaveLength(44)
  })

  it('open a case that a link of the standing grants names', async () => {
    await list.locator('#standing a', { hasText: 'confirmed-1' }).first().click()
    await list.locator('#case-both-confirmed-1 details[open], #case-confirmed-1 details[open]').first().waitFor()
  })

  it('link to the message in Slack', async () => {
    expect(await list.locator('#case-half-0 a').getAttribute('href')).toBe(
      'https://acme.slack.com/archives/C0RELEASES/p1795521600000100',
    )
  })
})

describe.each([
  [1440, 'light'],
  [1440, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('the audit report at %i px, %s', (width, colorScheme) => {
  it('fits, and axe finds nothing', async () => {
    const at = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    for (const address of [day, trail]) {
      await at.goto(address)
      await at.locator('summary').first().click()
      await unfolded(at)
      expect(await at.evaluate(OVERFLOW)).toBe(0)
      // The tables of figures too, which could scroll.
      expect(await at.locator('.scroll').evaluateAll(all => all.map(one => one.scrollWidth - one.clientWidth))).toEqual(
        [0, 0],
      )
      await at.addScriptTag({ path: AXE }).catch(() => at.evaluate(readFileSync(AXE, 'utf8')))
      const violations = await at.evaluate(
        `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ' ' + nodes.slice(0, 3).map(({ html }) => html).join(' ')))`,
      )
      expect(violations).toEqual([])
    }
    const background = await at.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    expect(background).toBe(colorScheme === 'dark' ? 'rgb(22, 24, 28)' : 'rgb(255, 255, 255)')
    await at.close()
  })
})

describe('the audit report on paper', () => {
  it('has every case in light colours, and no empty page or part of one', async () => {
    const dark = await browser.newPage({ colorScheme: 'dark' })
    await dark.goto(trail)
    const margin = { top: '15mm', bottom: '15mm', left: '12mm', right: '12mm' }
    const pages = pdfPages(await dark.pdf({ format: 'A4', margin }))
    expect(pages.length).toBeGreaterThan(5)
    for (const [index, { height, baselines }] of pages.entries()) {
      const isLast = index === pages.length - 1
      const stops = [0, ...baselines, ...(isLast ? [] : [height])]
      const gaps = stops.slice(1).map((y, n) => y - (stops[n] ?? 0))
      expect(Math.max(...gaps) / height).toBeLessThan(0.2)
    }
    await dark.emulateMedia({ media: 'print', colorScheme: 'dark' })
    expect(await dark.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe('rgb(255, 255, 255)')
    expect(await dark.locator('#filters').isVisible()).toBe(false)
    const heights = await dark
      .locator('.case pre')
      .evaluateAll(all => all.map(one => one.getBoundingClientRect().height))
    // 21 kinds of case in two rounds, less the forged and the refused, which have no change.
    expect(heights.filter(height => height > 20)).toHaveLength(42 - 2)
    await dark.close()
  })
})

describe('the audit report without its script', () => {
  it('has every case and every figure, and no filter', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    const plain = await context.newPage()
    await plain.goto(trail)
    expect(await plain.locator('#filters').isVisible()).toBe(false)
    expect(await plain.locator('.case').count()).toBe(42)
    expect(await plain.locator('.case pre').count()).toBe(42 - 2)
    expect(await plain.locator('[data-figure=waiting]').textContent()).toBe('8')
    await context.close()
  })
})

describe('the audit report of a quarter', () => {
  it('is written, opened and filtered while a person waits', async () => {
    const records = auditTrail(239)
    const start = cpuMs()
    const address = written('large.html', records, TRAIL_START + 30 * DAY_MS)
    const writeMs = cpuMs() - start
    const bytes = readFileSync(join(folder, 'large.html')).length
    const large = await browser.newPage({ viewport: { width: 1180, height: 900 } })
    const session = await large.context().newCDPSession(large)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    /** The processor time of the page’s main thread, in milliseconds. Other work on the machine adds nothing to it. */
    const pageMs = async () => {
      const { metrics } = await session.send('Performance.getMetrics')
      return 1_000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
    }
    await large.goto(address)
    expect(await large.locator('#shown').textContent()).toBe('5019 of 5019 cases')
    const openMs = await pageMs()
    const filterMs: number[] = []
    for (const text of ['deployer-1', 'deployer-', '']) {
      const before = await pageMs()
      await large.evaluate(`(async () => {
        const input = document.querySelector('[name=principal]')
        input.value = ${JSON.stringify(text)}
        input.dispatchEvent(new Event('input', { bubbles: true }))
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)))
      })()`)
      filterMs.push((await pageMs()) - before)
    }
    await large.close()
    console.log(
      `5,019 cases: written in ${Math.round(writeMs)} ms, ${(bytes / 1e6).toFixed(1)} MB, opened in ${Math.round(openMs)} ms, filtered in ${filterMs.map(Math.round).join(', ')} ms`,
    )
    expect(bytes).toBeLessThan(20_000_000)
    expect(writeMs).toBeLessThan(15_000)
    expect(openMs).toBeLessThan(10_000)
    expect(Math.max(...filterMs)).toBeLessThan(1_500)
  })
})

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
