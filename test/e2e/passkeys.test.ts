/** The pages that ask for a passkey in Chromium, with a virtual authenticator for each person, over the bot on this machine. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type BotConfig, botConfigSchema } from '../../functions/domain/config/config.ts'
import type { DecidingAction } from '../../functions/domain/proposal/click.ts'
import { type Bot, startBot } from '../../simulator/bot.ts'
import { readRecords, SAMPLE_ACCOUNTS, SAMPLE_EVENTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf, formSubmission } from '../../simulator/slack-requests.ts'
import { botSource } from '../../simulator/web-ui/bot-source.ts'
import { serveWebUi } from '../../simulator/web-ui/server.ts'
import { openBrowser } from './browser.ts'
import { freePort } from './free-port.ts'
import {
  answerOn,
  confirmOn,
  type Device,
  linkFor as linkIn,
  makeKey,
  ON_RECORD,
  openDevice,
  signOn,
} from './passkey-pages.ts'

const [ADA, JANE, OMAR] = ['U0ONCALL1', 'U0ONCALL2', 'U0ONCALL3'] as const
const LOW = 'ecs-register-task-definition.json'
const HIGH = 'cloudformation-create-change-set.json'
const MINUTE = 60_000

let browser: Browser
let bot: Bot
let origin: string
let state: string
let close: () => Promise<void>
const opened: Device[] = []

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
})
afterEach(async () => {
  for (const device of opened.splice(0)) await device.page.context().close()
  await close()
  rmSync(state, { recursive: true, force: true })
})

/** With one proposal for this denial. */
async function start(
  event: string,
  passkey: BotConfig['approval']['passkey'] = 'elevated',
  more: object = {},
): Promise<void> {
  const port = await freePort()
  origin = `http://localhost:${port}`
  const config = botConfigSchema.parse({
    ...{ mode: 'approve', channel: 'C0DEPLOYS', settleSeconds: 0, approval: { passkey }, ...more },
    approvers: { users: [ADA, JANE, OMAR] },
    breakGlass: { group: 'S0NIGHTSHIFT', announceChannel: 'C0ALERTS' },
  })
  bot = await startBot({
    ...{ state, accounts: SAMPLE_ACCOUNTS, org: SAMPLE_ORGANIZATION, config, origin, pace: 0, sweepEveryMs: null },
    observer: { log() {}, count() {} },
  })
  const served = await serveWebUi(botSource(bot, { config, withSamples: true, explain: async () => '' }), port)
  close = async () => {
    await served.close()
    await bot.close()
  }
  for (const { record } of readRecords(join(SAMPLE_EVENTS, event), bot.clock())) await bot.feed(record)
  await bot.idle()
}

/** Closed after the test. */
async function device(options: Parameters<typeof openDevice>[1] = {}): Promise<Device> {
  const made = await openDevice(browser, options)
  opened.push(made)
  return made
}

async function enrolled(user: string): Promise<Device> {
  const one = await device()
  await makeKey(one, origin, user)
  await one.page.click('#here')
  await answerOn(one).getByText(`The passkey of ${user} is confirmed.`).waitFor()
  return one
}

/** What this person is offered now. A form that opens is sent at once. */
async function press(user: string, action: DecidingAction, reason?: string): Promise<void> {
  const message = bot.slack.messages().find(one => one.ephemeralFor === null && buttonsOf(one, action).length > 0)
  const button = message === undefined ? undefined : buttonsOf(message, action)[0]
  if (message === undefined || button === undefined) throw new Error(`no card offers ${action}`)
  await bot.request(buttonPress(sampleUser(user), message, button))
  const view = bot.slack.views().at(-1)
  if (view !== undefined) {
    await bot.request(formSubmission(sampleUser(user), view, reason === undefined ? [] : [reason]))
    bot.slack.closeView(view.id)
  }
  await bot.idle()
}

const linkFor = (user: string) => linkIn(user, bot.slack.messages())

async function approveOn(one: Device, link: string): Promise<string> {
  const answer = await signOn(one, link)
  await bot.idle()
  return answer
}

const proposal = async () => {
  const kinds = (await bot.audit()).map(({ entry }) => entry)
  const id = kinds.find(({ proposalId }) => proposalId !== null)?.proposalId ?? ''
  return (await bot.store.get(id)) ?? expect.fail('no proposal')
}
const status = async () => (await proposal()).status
const approvals = async () => {
  const found = await proposal()
  return 'approvals' in found ? found.approvals.length : 0
}

describe('in the browser', () => {
  it('a person enrolls a device, and approves with it what the page shows', async () => {
    await start(LOW, 'always')
    const ada = await enrolled(ADA)
    await press(ADA, 'approve-limited')
    expect(await approvals()).toBe(0)
    await ada.page.goto(linkFor(ADA))
    const shown = await ada.page.textContent('main')
    for (const words of ['orders-task', 'iam:PassRole', '+', 'As ada: Approve']) expect(shown).toContain(words)
    expect(await approveOn(ada, linkFor(ADA))).toBe(ON_RECORD)
    expect(['applied', 'confirmed']).toContain(await status())
    const decision = (await bot.audit()).find(({ entry }) => entry.kind === 'approved')?.entry.decision
    expect(JSON.stringify(decision)).toContain('"authenticatorData"')
  })

  it('the page needs two requests, is small, has one script, and no other site may frame it', async () => {
    await start(LOW, 'always')
    const ada = await enrolled(ADA)
    await press(ADA, 'approve-limited')
    const requests: string[] = []
    let bytes = 0
    ada.page.on('response', async response => {
      requests.push(`${response.request().method()} ${response.request().resourceType()}`)
      bytes += (await response.body().catch(() => Buffer.alloc(0))).length
    })
    const answer = await ada.page.goto(linkFor(ADA))
    await approveOnOpen(ada)
    expect(requests.sort()).toEqual(['GET document', 'GET script', 'GET stylesheet', 'POST fetch'])
    expect(bytes).toBeLessThan(100_000)
    const policy = (await answer?.allHeaders())?.['content-security-policy'] ?? ''
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toContain('unsafe')
    expect(await answer?.text()).not.toMatch(/<script(?![^>]* src=)|\son\w+=/)
    expect(await answer?.text()).toContain('<noscript>')
  })

  it('two people approve high risk, each with their own device', async () => {
    await start(HIGH)
    const [ada, jane] = [await enrolled(ADA), await enrolled(JANE)]
    await press(ADA, 'approve-limited')
    expect(await approveOn(ada, linkFor(ADA))).toBe(ON_RECORD)
    expect(await status()).toBe('open')
    await press(JANE, 'approve-limited')
    expect(await approveOn(jane, linkFor(JANE))).toBe(ON_RECORD)
    expect(['applied', 'confirmed']).toContain(await status())
  })

  it('the glass is broken with a passkey only', async () => {
    await start(LOW)
    const ada = await enrolled(ADA)
    await press(ADA, 'break-glass', 'checkout is down')
    expect(await approvals()).toBe(0)
    expect(await approveOn(ada, linkFor(ADA))).toBe(ON_RECORD)
    expect(['applied', 'confirmed']).toContain(await status())
  })

  it('a link that is forwarded shows another person the card, and lets them do nothing', async () => {
    await start(HIGH)
    const [, jane] = [await enrolled(ADA), await enrolled(JANE)]
    await press(ADA, 'approve-limited')
    expect(await approveOn(jane, linkFor(ADA))).toContain('the passkey of somebody else')
    const stranger = await device()
    await stranger.page.goto(linkFor(ADA))
    expect(await stranger.page.textContent('main')).toContain('may')
    expect(await approvals()).toBe(0)
  })

  it('a page that was opened too late, or used, or whose change is another by now, approves nothing', async () => {
    await start(HIGH)
    const ada = await enrolled(ADA)
    await press(ADA, 'approve-limited')
    const late = linkFor(ADA)
    await ada.page.goto(late)
    await bot.wait(6 * MINUTE)
    await ada.page.click('#sign')
    await answerOn(ada).getByText('This page was opened too late').waitFor()
    expect(await ada.page.goto(late).then(answer => answer?.status())).toBe(410)

    await press(ADA, 'approve-limited')
    const link = linkFor(ADA)
    await ada.page.goto(link)
    const before = await proposal()
    if (before.verification === null) expect.fail('no verification')
    const verification = { ...before.verification, blastRadius: ['something more'] } as typeof before.verification
    await bot.store.replace(before, { ...before, verification: { ...verification, risk: 'elevated' } } as typeof before)
    await ada.page.click('#sign')
    await answerOn(ada).getByText('The card says something else by now').waitFor()
    expect(await approvals()).toBe(0)
  })

  it('what one page sent is worth nothing a second time, nor on another site', async () => {
    await start(HIGH)
    const ada = await enrolled(ADA)
    await press(ADA, 'approve-limited')
    const link = linkFor(ADA)
    await ada.page.goto(link)
    const sent = ada.page.waitForRequest(request => request.method() === 'POST')
    await ada.page.click('#sign')
    const body = (await sent).postData() ?? ''
    await answerOn(ada).getByText(ON_RECORD).waitFor()
    const again = (headers: Record<string, string>) =>
      fetch(link.replace('localhost', '127.0.0.1'), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body,
      })
    expect(await (await again({})).json()).toMatchObject({ ok: false })
    expect((await again({ origin: 'https://example.com' })).status).toBe(403)
    expect(await approvals()).toBe(1)
    // The same device on the same page, by another name of this machine: the browser itself refuses.
    await press(OMAR, 'approve-limited')
    await ada.page.goto(linkFor(OMAR).replace('localhost', '127.0.0.1'))
    await ada.page.click('#sign')
    await answerOn(ada).getByText('Your device did not sign').waitFor()
    expect(await approvals()).toBe(1)
  })

  it('a device that is lost is removed, and two others confirm the next one, which waits a day', async () => {
    await start(HIGH)
    const lost = await enrolled(ADA)
    const [jane, omar] = [await enrolled(JANE), await enrolled(OMAR)]
    const [listed] = (await bot.passkeys()).filter(({ userId }) => userId === ADA)
    await bot.removePasskey(ADA, listed?.credential ?? '')
    await press(ADA, 'approve-limited')
    expect(await approveOn(lost, linkFor(ADA))).toContain('You have not enrolled this passkey')

    const next = await device()
    const link = await makeKey(next, origin, ADA)
    const words = await next.page.textContent('#check')
    const code = await next.page.inputValue('#code')
    for (const [one, user] of [
      [jane, JANE],
      [omar, OMAR],
    ] as const) {
      expect(await confirmOn(one, link, user)).toContain(`The passkey of ${ADA} is confirmed.`)
      expect(await one.page.textContent('#words')).toBe(words)
    }
    await press(ADA, 'approve-limited')
    expect(await approveOn(next, linkFor(ADA))).toContain('less than a day ago')
    // It cannot wait.
    for (const administrator of ['one', 'two']) await bot.confirmPasskey(code, administrator)
    await press(ADA, 'approve-limited')
    expect(await approveOn(next, linkFor(ADA))).toBe(ON_RECORD)
  })

  it('a device that one administrator confirmed counts after a day', async () => {
    await start(HIGH)
    await enrolled(JANE)
    await enrolled(OMAR)
    const ada = await device()
    await makeKey(ada, origin, ADA)
    await bot.confirmPasskey(await ada.page.inputValue('#code'), 'one administrator')
    await press(ADA, 'approve-limited')
    expect(await approveOn(ada, linkFor(ADA))).toContain('less than a day ago')
    expect(await approvals()).toBe(0)
  })

  it('a device that does not verify its person makes no key', async () => {
    await start(LOW, 'always')
    const ada = await device({ isUserVerified: false })
    await ada.page.goto(`${origin}/enroll?user=${ADA}`)
    await ada.page.click('#create')
    await answerOn(ada).getByText('Your device did not sign').waitFor()
  })

  it('a person without JavaScript reads why nothing works', async () => {
    await start(LOW, 'always')
    const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage()
    await page.goto(`${origin}/enroll`)
    expect(await page.textContent('noscript')).toContain('This page needs JavaScript')
    await page.context().close()
  })
})

async function approveOnOpen(one: Device): Promise<void> {
  await one.page.click('#sign')
  await answerOn(one).getByText(ON_RECORD).waitFor()
  await one.page.waitForLoadState('networkidle')
}
