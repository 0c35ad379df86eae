import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HomeView, OpenView } from '../../simulator/fake-slack/fake-slack.ts'
import { serveWebUi, type WebUiSource } from '../../simulator/web-ui/server.ts'
import { openBrowser } from './browser.ts'
import { KINDS, SCREENS, type ShownCard, World } from './card-kinds.ts'

const AXE = readFileSync(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8')
const SIZES = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
] as const
const SCHEMES = ['light', 'dark'] as const
/** Taller than any card, because content outside the view is not checked for contrast. */
const WHOLE_PX = 8_000

let browser: Browser
let page: Page
let state: string
let world: World
let server: Awaited<ReturnType<typeof serveWebUi>>
let shown: ShownCard = []
let form: OpenView | null = null
let home: HomeView | null = null
let changed = (): void => {}

/** The real page with one card in its channel. */
const source: WebUiSource = {
  viewers: [{ person: { id: 'U0ONCALL1', name: 'ada' }, may: 'approver' }],
  samples: [],
  accounts: { all: () => [] } as unknown as WebUiSource['accounts'],
  modeOf: async () => ({ mode: 'approve', setting: 'mode', unread: null }),
  messages: () => shown,
  modalFor: () => form,
  homeFor: () => home,
  audit: async () => [],
  onChange(listener) {
    changed = listener
  },
  press: async () => {},
  page: async () => ({ statusCode: 404, headers: {}, body: '' }),
  explain: async () => '',
}

beforeAll(async () => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-kinds-'))
  world = new World(state)
  server = await serveWebUi(source, 0)
  browser = await openBrowser()
  page = await browser.newPage({ bypassCSP: true })
  await page.goto(server.url)
  await page.evaluate(AXE)
  // A form scrolls; here all of it is seen.
  await page.addStyleTag({ content: 'dialog, .dialog-body { max-height: none !important }' })
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await world?.close()
  rmSync(state, { recursive: true, force: true })
})

/** Runs in the page: finds elements wider than the screen, and elements that hide part of their content. */
const clipped = (where: string): string => `(() => {
  const found = []
  for (const element of document.querySelectorAll('${where} *')) {
    const { left, right, width, height } = element.getBoundingClientRect()
    if (width === 0 || height === 0) continue
    const name = element.tagName + ' ' + element.textContent.slice(0, 60)
    const isLeaf = element.childElementCount === 0
    if (isLeaf && (left < -0.5 || right > innerWidth + 0.5)) found.push('beyond the screen: ' + name)
    const { overflowX, overflowY, textOverflow, display } = getComputedStyle(element)
    if (display === 'inline') continue
    if (overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1) found.push('cut at the side: ' + name)
    if (overflowY !== 'visible' && element.scrollHeight > element.clientHeight + 1) found.push('cut at the end: ' + name)
    if (isLeaf && element.scrollWidth > element.clientWidth + 1) found.push('too wide: ' + name)
    if (textOverflow === 'ellipsis') found.push('may be cut: ' + name)
  }
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth > clientWidth) found.push('the page is ' + scrollWidth + ' px wide')
  return found
})()`

/** Each rule on the whole page. Details of what has passed are left out, because nobody reads them. */
const VIOLATIONS = `axe.run({ resultTypes: ['violations'], selectors: false }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html, failureSummary }) => id + ': ' + html.slice(0, 120) + ' ' + failureSummary)))`

const FIRST_BUTTON = `(() => {
  const button = document.querySelector('.card button')
  return button === null ? null : button.getBoundingClientRect().bottom - document.querySelector('.card').getBoundingClientRect().top
})()`

/** What is wrong on a phone and on a desktop, in light and in dark. */
async function problemsIn(where: string): Promise<readonly string[]> {
  const problems: string[] = []
  for (const { width } of SIZES) {
    await page.setViewportSize({ width, height: WHOLE_PX })
    problems.push(...(await page.evaluate<string[]>(clipped(where))).map(found => `${width}: ${found}`))
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme })
      await page.locator(`html[data-theme="${colorScheme}"]`).waitFor()
      problems.push(...(await page.evaluate<string[]>(VIOLATIONS)).map(found => `${width} ${colorScheme}: ${found}`))
    }
  }
  return problems
}

async function show(card: ShownCard): Promise<void> {
  shown = card
  changed()
  const [root] = card
  const wanted = root === undefined ? '#channel:not(:has(article))' : `article[data-ts="${root.ts}"]`
  await page.locator(wanted).waitFor()
  await page.evaluate(
    'for (const folded of document.querySelectorAll("details.thread, details.more")) folded.open = true',
  )
}

describe.each(KINDS)('the card: $name', ({ make, firstButton }) => {
  it('fits the screens in light and dark, has enough contrast, and its first button where it belongs', async () => {
    await show([])
    await show(await make(world))
    const buttons: (number | null)[] = []
    for (const size of SIZES) {
      await page.setViewportSize(size)
      buttons.push(await page.evaluate<number | null>(FIRST_BUTTON))
    }
    expect(await problemsIn('#channel')).toEqual([])
    if (firstButton === null) expect(buttons).toEqual([null, null])
    else for (const [at, most] of firstButton.entries()) expect(buttons[at]).toBeLessThanOrEqual(most)
  })
})

describe('the question that a press asks first', () => {
  it('fits the screens in light and dark, and has enough contrast', async () => {
    await show([])
    await show(await world.send('question', 'cloudformation-create-change-set', 'build'))
    await page.locator('article.card button').first().click()
    await page.locator('#confirm[open]').waitFor()
    const problems = await problemsIn('#confirm')
    await page.keyboard.press('Escape')
    expect(problems).toEqual([])
  })
})

describe.each(SCREENS)('the form, Home tab or answer: $name', ({ make }) => {
  it('fits the screens in light and dark, and has enough contrast', async () => {
    const screen = await make(world)
    const isForm = 'triggerId' in screen
    // What was shown before has gone.
    form = null
    home = null
    await page.evaluate("location.hash = 'channel'")
    await show([])
    await expect.poll(() => page.locator('dialog[open], #home .card').count()).toBe(0)
    form = isForm ? screen : null
    home = isForm || Array.isArray(screen) ? null : (screen as HomeView)
    const where = isForm ? '#form' : home === null ? '#channel' : '#home'
    if (isForm || home !== null) changed()
    else await show(screen as ShownCard)
    if (home !== null) await page.evaluate("location.hash = 'home'")
    await page.locator(isForm ? 'dialog[open]' : `${where} .card`).waitFor()
    expect(await problemsIn(where)).toEqual([])
  })
})
