import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser } from './browser.ts'
import { freePort } from './free-port.ts'
import { type RunningBot, type ServedBot, serveBot, startBot } from './running-bot.ts'

/** An ECS deploy that may not pass the task role: the default sample. */
const DENIED_ROLE = /pipeline-deploy (was denied iam:PassRole on|may pass|pass) orders-task/

/** The cards of a fresh start, newest first: title and buttons. */
const OFFERED = 'Approve, no end Reject… Approve for 8 h Break glass… Details'
const CLICKED = '🚫 pipeline-deploy was denied iam:PassRole on orders-task'
const START = [
  [
    '❌ The deploy of stack orders failed',
    'Approve, with pull request (72 h) Reject… Pull request only Approve, no end Approve for 8 h Break glass… Details',
  ],
  [CLICKED, OFFERED],
  ['🚫 ci-deployer was denied iam:PassRole on orders-worker', OFFERED],
  ['🚫 pipeline-deploy was denied iam:PassRole on cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1', OFFERED],
  [
    '🚫 AWSReservedSSO_DeployAccess_0123456789abcdef was denied sts:AssumeRole on orders-admin',
    'Approve for 8 h Reject… Approve, no end Break glass… Details',
  ],
  ['🚫 repo:acme/orders:ref:refs/heads/release was denied sts:AssumeRoleWithWebIdentity on github-deploy', OFFERED],
  ['🚫 pipeline-deploy was denied sts:AssumeRole on deploy-target', OFFERED],
  ['ℹ️ pipeline-deploy was denied iam:PassRole on rds-monitoring', 'Details'],
  ['ℹ️ the root user was denied sts:AssumeRole on an unnamed role', 'Details'],
  ['rolemedic is on', ''],
]

let browser: Browser
let bot: ServedBot
let page: Page
let state: string

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())

async function start(): Promise<void> {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  bot = await serveBot(state)
}
async function stop(): Promise<void> {
  await bot.stop()
  rmSync(state, { recursive: true, force: true })
}
async function open(): Promise<void> {
  page = await browser.newPage()
  await page.goto(bot.url)
}

const lookAs = (user: string) => page.selectOption('#person', user)
const card = () =>
  page.locator('article.card', { hasText: DENIED_ROLE }).filter({ hasNotText: 'Only visible to you' }).first()
async function press(words: string): Promise<void> {
  const shown = card().getByRole('button', { name: words, exact: true }).or(card().locator('.more > summary')).first()
  await shown.waitFor()
  if (!(await card().getByRole('button', { name: words, exact: true }).first().isVisible()))
    await card().locator('.more > summary').first().click()
  await card().getByRole('button', { name: words, exact: true }).first().click()
}
const question = () => page.getByRole('alertdialog')
const answer = (words: 'Revert' | 'Cancel') => question().getByRole('button', { name: words, exact: true }).click()
/** At one moment: the list grows at its top. */
const auditKinds = () =>
  page.locator('#audit li').evaluateAll(items => items.map(item => item.getAttribute('data-kind')))
const focusedText = () => page.evaluate('document.activeElement.innerText')

/** Id, title and buttons of each card. */
const cards = () =>
  page.evaluate<[id: string, title: string, buttons: string][]>(`[...document.querySelectorAll('#channel > article')]
    .map(card => [card.id, card.querySelector('.slack_blocks_to_jsx__header')?.innerText.trim() ?? 'rolemedic is on',
      [...card.querySelector('.slack_blocks_to_jsx--blocks')?.querySelectorAll('button') ?? []].map(({ textContent }) => textContent).join(' ')])`)
/** The samples are processed in parallel, so the order of cards can differ. */
const shownOf = (all: Awaited<ReturnType<typeof cards>>) => all.map(([, ...shown]) => shown).sort()
const threads = (replies: number) => page.getByText(`${replies} in the thread`, { exact: true }).count()

/** Every card of the start has its thread, and the deploy its alert: no card moves or changes by itself any more. */
async function started(): Promise<void> {
  await expect.poll(async () => shownOf(await cards())).toEqual([...START].sort())
  await expect.poll(() => threads(1)).toBe(START.length - 1)
  await page.getByText('The fix waits for approval until').waitFor()
}

describe('the page', () => {
  beforeEach(async () => {
    await start()
    await open()
  })
  afterEach(async () => {
    await page.close()
    await stop()
  })

  it('applies what an approver approves, shows it without a reload, and undoes it', async () => {
    await lookAs('U0ONCALL1')
    await press('Approve, no end')
    await card().getByText('allowed now').first().waitFor()
    expect(await auditKinds()).toContain('applied')
    expect(await page.locator('#accounts .added').count()).toBeGreaterThan(0)

    await press('Revert')
    await answer('Revert')
    await page.locator('#audit li[data-kind="reverted"]').waitFor()
    await expect.poll(() => page.locator('#accounts .added').count()).toBe(0)
  })

  it('refuses a person who is not an approver, and tells only them', async () => {
    await lookAs('U0VISITOR')
    // Below other cards, so that the top is out of view.
    await page.setViewportSize({ width: 1200, height: 500 })
    await press('Approve, no end')
    await page.getByText('not among the approvers').first().waitFor()
    expect(
      await page.locator('.ephemeral').evaluateAll(all => all.map(one => one.getBoundingClientRect().top > 0)),
    ).toEqual([true])
    expect(await auditKinds()).not.toContain('approved')

    await lookAs('U0ONCALL1')
    await expect.poll(() => page.getByText('not among the approvers').count()).toBe(0)
  })

  it('tells a second approver who approved first', async () => {
    await lookAs('U0ONCALL1')
    const stale = await browser.newPage()
    let [isCut, inFlight] = [false, 0]
    await stale.route('**/state*', async route => {
      if (isCut) return
      inFlight += 1
      await route.fulfill({ response: await route.fetch() })
      inFlight -= 1
    })
    await stale.goto(bot.url)
    await stale.selectOption('#person', 'U0ONCALL2')
    const old = stale.locator('article.card', { hasText: DENIED_ROLE }).first()
    const approve = old.getByRole('button', { name: 'Approve, no end', exact: true })
    // IAM has settled.
    await approve.waitFor()
    // The second person's page misses the update, like a slow client.
    isCut = true
    await expect.poll(() => inFlight).toBe(0)
    await press('Approve, no end')
    await card().getByText('allowed now').first().waitFor()

    await approve.click()
    await lookAs('U0ONCALL2')
    await page
      .locator('article.card', { hasText: 'Only visible to you' })
      .getByText(/Approved by .*U0ONCALL1/)
      .waitFor()
    expect((await auditKinds()).filter(kind => kind === 'approved')).toHaveLength(1)
    await stale.close()
  })

  it('asks for the reason of a rejection in words of its own, and keeps the form open without one', async () => {
    await lookAs('U0ONCALL1')
    await press('Reject…')
    const dialog = page.locator('dialog[open]')
    await dialog.waitFor()
    const reason = dialog.getByLabel('Why?')
    expect(await dialog.textContent()).not.toMatch(/to submit|Write something/)
    await reason.fill('  ')
    await dialog.getByRole('button', { name: 'Reject' }).click()
    await expect.poll(() => dialog.getByRole('alert').textContent()).not.toBe('')
    await reason.fill('not needed any more')
    await dialog.getByRole('button', { name: 'Reject' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.locator('#audit li[data-kind="rejected"]').getByText('not needed any more').waitFor()
  })

  it('leaves focus and open threads where they are when something changes', async () => {
    await lookAs('U0ONCALL1')
    await press('Approve, no end')
    await card().getByText('allowed now').first().waitFor()
    // The last change of this card by the approval.
    await card().getByText('2 in the thread').waitFor()
    await card().getByRole('button', { name: 'Revert', exact: true }).focus()
    await card().locator('summary').click()
    await card().getByRole('button', { name: 'Details', exact: true }).focus()

    // Another card changes: this one is not touched.
    const other = page.locator('article.card', { hasText: /ci-deployer (was denied|may pass)/ }).first()
    await page.evaluate('document.activeElement.closest("article").isTheSame = true')
    await other.getByRole('button', { name: 'Approve, no end', exact: true }).dispatchEvent('click')
    await other.getByText('allowed now').first().waitFor()
    expect(await focusedText()).toBe('Details')
    expect(await page.evaluate('document.activeElement.closest("article").isTheSame')).toBe(true)

    // This card changes: the same button of the new rendering has the focus, and its thread is open.
    await card().getByRole('button', { name: 'Revert', exact: true }).dispatchEvent('click')
    await question().getByRole('button', { name: 'Revert', exact: true }).dispatchEvent('click')
    await card().getByText('Reverted').first().waitFor()
    expect(await focusedText()).toBe('Details')
    expect(await card().locator('details').getAttribute('open')).toBe('')
  })

  it('asks before a press that Slack asks about, and sends nothing after Cancel or Escape', async () => {
    await lookAs('U0ONCALL1')
    const title = page.locator('.slack_blocks_to_jsx__header', { hasText: 'cdk-hnb659fds' })
    const strong = page.locator('article.card', { has: title })
    const approve = strong.getByRole('button', { name: 'Approve, no end', exact: true })
    await approve.click()
    expect(await question().textContent()).toContain('Approve this change?')
    expect(await question().textContent()).toContain(
      'It stays until somebody reverts it. Lets /deploy/pipeline-deploy pass',
    )
    await answer('Cancel')
    await question().waitFor({ state: 'hidden' })
    await approve.focus()
    await page.keyboard.press('Enter')
    await question().waitFor()
    // The first button does nothing: a second Enter by mistake approves nothing.
    expect(await focusedText()).toBe('Cancel')
    await page.keyboard.press('Escape')
    await question().waitFor({ state: 'hidden' })
    // Where a new rendering has replaced the button, the event of the closed dialog puts the focus back.
    await expect.poll(focusedText).toBe('Approve, no end')
    await page.waitForTimeout(300)
    expect(await auditKinds()).not.toContain('approved')
  })

  it('carries a high-risk card through: two approvers, each with the keyboard alone', async () => {
    const title = page.locator('.slack_blocks_to_jsx__header', { hasText: 'cdk-hnb659fds' })
    const strong = page.locator('article.card', { has: title })
    for (const [at, user] of ['U0ONCALL1', 'U0ONCALL2'].entries()) {
      await lookAs(user)
      await strong.getByRole('button', { name: 'Approve, no end', exact: true }).focus()
      await page.keyboard.press('Enter')
      await question().waitFor()
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await expect.poll(async () => (await auditKinds()).filter(kind => kind === 'approved').length).toBe(at + 1)
    }
    await page.locator('#audit li[data-kind="applied"]').waitFor()
    await strong.getByText('allowed now').first().waitFor()
    const approvals = page.locator('#audit li[data-kind="approved"] i')
    expect((await approvals.allTextContents()).toSorted()).toEqual(['ada', 'jane'])
  })

  it('sends a sample denial on request, and counts the same one once more', async () => {
    await card().waitFor()
    await page.getByText('Send a denial').click()
    await page.getByRole('button', { name: /^A service control policy/ }).click()
    const sent = page.locator('article.card', { hasText: 'was denied iam:PassRole on orders-exporter' })
    await sent.first().waitFor()
    await page.getByText('Send a denial').click()
    await page.getByRole('button', { name: /^A service control policy/ }).click()
    await sent.getByText('2 times').first().waitFor()
    expect(await sent.count()).toBe(1)
  })

  it('lets a card expire when time is skipped', async () => {
    // A card that comes after the skip would not expire by it.
    await started()
    await page.getByText('Send a denial').click()
    await page.getByRole('button', { name: '8 hours', exact: true }).click()
    await expect.poll(auditKinds).toContain('expired')
    await expect.poll(() => page.locator('article.card button', { hasText: /^Approve/ }).count()).toBe(0)
  })

  it('changes one card by the first click of a fresh start, and no other is replaced', async () => {
    await started()
    const before = await cards()
    await lookAs('U0ONCALL1')
    const first = page.locator(`article[id="${before.find(([, title]) => title === CLICKED)?.[0]}"]`)
    await first.getByRole('button', { name: 'Approve, no end', exact: true }).click()
    await first.getByText('allowed now').first().waitFor()
    // After the effects of the approval: the thread of each of two siblings reports that its card was checked again.
    await expect.poll(() => threads(2)).toBe(3)
    const clicked = ['✅ Allowed now: pipeline-deploy may pass orders-task', 'Revert Details']
    const expected = START.map(shown => (shown[0] === CLICKED ? clicked : shown))
    const after = await cards()
    expect(after.map(([id]) => id)).toEqual(before.map(([id]) => id))
    expect(shownOf(after)).toEqual(expected.sort())
    expect(await page.getByText('Many denials at once').count()).toBe(0)
  })

  it('opens a pull request with the approval, and shows and merges it', async () => {
    await lookAs('U0ONCALL1')
    await page.getByRole('button', { name: 'Approve, with pull request (72 h)' }).click()
    const link = page.locator('#channel a', { hasText: '/acme/orders/pull/1' })
    await link.first().waitFor({ state: 'attached' })
    const pull = await browser.newPage()
    await pull.goto((await link.first().getAttribute('href')) ?? '')
    await pull.getByText('arn:aws:iam::111122223333:role/app/orders-worker').first().waitFor()
    await pull.getByRole('button', { name: /^Merge/ }).click()
    await pull
      .getByText(/merged/i)
      .first()
      .waitFor()
    await pull.close()
  })

  it('leaves the focus on a card that a link leads to, when the card changes', async () => {
    await lookAs('U0ONCALL1')
    const approve = card().getByRole('button', { name: 'Approve, no end', exact: true })
    await approve.waitFor({ state: 'attached' })
    await page.evaluate(`location.hash = '${await card().getAttribute('id')}'`)
    await page.locator('article.card:focus').waitFor()
    await approve.dispatchEvent('click')
    await page.locator('article.card:focus').getByText('allowed now').first().waitFor()
  })

  it('loses no press when its card changes before the mouse button is released', async () => {
    await started()
    await lookAs('U0ONCALL1')
    await card().locator('.more > summary').first().click()
    await card().getByRole('button', { name: 'Details', exact: true }).hover()
    await page.mouse.down()
    const other = await browser.newPage()
    await other.goto(bot.url)
    await other.selectOption('#person', 'U0ONCALL1')
    const approved = other.locator('article.card', { hasText: DENIED_ROLE }).first()
    await approved.getByRole('button', { name: 'Approve, no end', exact: true }).dispatchEvent('click')
    await approved.getByText('allowed now').first().waitFor()
    await other.close()
    await page.mouse.up()
    await page.locator('dialog[open]').waitFor()
    await card().getByText('allowed now').first().waitFor()
  })

  it('gives the focus back to a card that was replaced behind the form', async () => {
    await started()
    await lookAs('U0ONCALL1')
    await press('Details')
    await page.getByRole('dialog', { name: 'Details' }).waitFor()
    await card().getByRole('button', { name: 'Approve, no end', exact: true }).dispatchEvent('click')
    await card().getByText('2 in the thread').waitFor({ state: 'attached' })
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
    await expect.poll(focusedText).toBe('Revert')
  })
})

/** As a person starts it: a process that can be killed. */
describe('the page of a bot that is killed', () => {
  let killed: RunningBot

  async function startProcess(port = '0'): Promise<void> {
    killed = await startBot(['--port', port, '--state', state])
    bot = killed
  }
  beforeEach(async () => {
    state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
    await startProcess()
    await open()
  })
  afterEach(async () => {
    await page.close()
    await stop()
  })

  it('keeps everything over a kill, and applies nothing twice', async () => {
    await lookAs('U0ONCALL1')
    await press('Approve, no end')
    await page.locator('#audit li[data-kind="approved"]').waitFor()
    await killed.stop('SIGKILL')
    await startProcess()
    await page.goto(bot.url)
    await card().getByText('allowed now').first().waitFor()
    await expect.poll(async () => (await auditKinds()).filter(kind => kind === 'applied').length).toBe(1)
    expect((await auditKinds()).filter(kind => kind === 'approved')).toHaveLength(1)
  })

  it('says that the bot has ended, disables the buttons, and goes on when it is back', async () => {
    const port = String(await freePort())
    await bot.stop()
    await startProcess(port)
    await page.goto(bot.url)
    const approve = card().getByRole('button', { name: 'Approve, no end', exact: true }).first()
    await approve.waitFor()
    expect(await approve.isEnabled()).toBe(true)
    await killed.stop('SIGKILL')
    const banner = page.getByRole('alert').filter({ hasText: 'Not connected' })
    await banner.waitFor()
    expect(await banner.textContent()).toContain('rolemedic start')
    expect(await approve.isDisabled()).toBe(true)

    await startProcess(port)
    await banner.waitFor({ state: 'hidden' })
    await expect.poll(() => approve.isEnabled()).toBe(true)
    await lookAs('U0ONCALL1')
    await press('Approve, no end')
    await card().getByText('allowed now').first().waitFor()
  })

  it('leaves the buttons disabled where an answer from before the end of the bot comes late', async () => {
    await started()
    const [given, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    let answer = { channel: '' }
    await page.route('**/state*', async route => {
      // Only the newest request is shown: one that the end cuts off gets the last answer before it.
      const fetched = await route.fetch().catch(() => null)
      if (fetched !== null) {
        answer = (await fetched.json()) as typeof answer
        given.resolve()
      }
      await late.promise
      await route.fulfill({ json: { ...answer, channel: answer.channel.replaceAll('was denied', 'was late') } })
    })
    await lookAs('U0ONCALL2')
    await given.promise
    await killed.stop('SIGKILL')
    await page.getByRole('alert').filter({ hasText: 'Not connected' }).waitFor()
    late.resolve()
    const changed = page.locator('article.card', { hasText: 'was late iam:PassRole on orders-task' })
    await changed.waitFor()
    expect(await changed.getByRole('button', { name: 'Approve, no end', exact: true }).isDisabled()).toBe(true)
  })
})

describe('the page of a bot that is only looked at', () => {
  beforeAll(start)
  afterAll(stop)
  beforeEach(open)
  afterEach(() => page.close())

  it('opens a message by its permalink', async () => {
    await card().waitFor()
    const [channel, message] = ((await card().getAttribute('id')) ?? '').split('/')
    await page.goto(`${bot.url}/archives/${channel}/${message}`)
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe(`${channel}/${message}`)
    expect(new URL(page.url()).hash).toBe(`#${channel}/${message}`)
  })

  it('shows what waits in the App Home, and leads from there to the card', async () => {
    await card().waitFor()
    await lookAs('U0ONCALL1')
    await page.getByRole('link', { name: 'App Home' }).click()
    const home = page.locator('#home')
    await home.getByText('Waiting for you').waitFor()
    await home.getByRole('link', { name: 'Open the card' }).first().click()
    await expect.poll(() => page.evaluate('document.activeElement.className')).toBe('card')
    expect(await home.isVisible()).toBe(false)

    // Each person has a separate Home tab.
    await lookAs('U0VISITOR')
    await page.getByRole('link', { name: 'App Home' }).click()
    await home.getByText('You may look, and approve nothing').waitFor()
  })

  it('has a tab each for the channel, the Home of the app, and on a phone for policies and audit log', async () => {
    await page.setViewportSize({ width: 390, height: 844 })
    const visible = async () => {
      const parts = ['#channel', '#home', '#audit'].map(part => page.locator(part).isVisible())
      return Promise.all(parts)
    }
    await card().waitFor()
    await expect.poll(visible).toEqual([true, false, false])
    await page.getByRole('link', { name: 'App Home' }).click()
    await expect.poll(visible).toEqual([false, true, false])
    await page.getByRole('link', { name: 'Policies & audit' }).click()
    await expect.poll(visible).toEqual([false, false, true])
    await page.setViewportSize({ width: 1440, height: 900 })
    await expect.poll(visible).toEqual([true, false, true])
  })

  it('opens the details under their name, and gives the focus back', async () => {
    const more = card().locator('.more > summary').first()
    await more.focus()
    await page.keyboard.press('Enter')
    await card().getByRole('button', { name: 'Details', exact: true }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog', { name: 'Details' }).waitFor()
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
    await expect.poll(focusedText).toBe('⋯')
  })

  it('fits a telephone, the details too', async () => {
    await page.setViewportSize({ width: 360, height: 740 })
    const tooWide = (of: string) => page.evaluate(`${of}.scrollWidth - ${of}.clientWidth`)
    await card().waitFor()
    expect(await tooWide('document.documentElement')).toBe(0)
    await press('Details')
    await page.locator('dialog[open] pre').first().waitFor()
    expect(await tooWide('document.querySelector(".dialog-body")')).toBe(0)
    await page.keyboard.press('Escape')
    await page.locator('dialog[open]').waitFor({ state: 'detached' })
  })

  it('says in one line that the port is in use', async () => {
    const port = new URL(bot.url).port
    await expect(startBot(['--port', port, '--state', join(state, 'second')])).rejects.toThrow(`port ${port} is in use`)
  })
})
