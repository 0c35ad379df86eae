/** Every deploy button of the page, in any order, with approvals in between: what the page says is true each time. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBrowser } from './browser.ts'
import { type ServedBot, serveBot } from './running-bot.ts'

const POLL = { interval: 250 }

/** A role that somebody may be allowed to pass, or a service to assume. */
type Grant = 'worker' | 'batch' | 'task' | 'exec' | 'mailer' | 'reports' | 'build'
type Deploy = {
  readonly name: string
  /** What its own texts name, as its alert says it. */
  readonly cause: string
  /** The grant that its texts name. Null: nothing that rolemedic grants. */
  readonly denied: Grant | null
  /** What another attempt needs. */
  readonly needs: readonly Grant[]
  /** The sample of the same deploy: the alert is named by the one that failed last. */
  readonly shares?: string
}

/** Written by hand from the events, stack events, logs and templates in `events/deploys`. */
const DEPLOYS: { readonly [sample: string]: Deploy } = {
  'stack-rollback': {
    name: 'the deploy of stack orders',
    cause: 'orders-stack-exec was denied iam:PassRole on orders-worker (WorkerFunction.Role, line 6)',
    ...{ denied: 'worker', needs: ['worker'] },
  },
  'stack-with-four-gaps': {
    name: 'the deploy of stack shop',
    cause:
      'orders-stack-exec was denied iam:PassRole on orders-worker (WorkerFunction.Role, line 12, shop/Worker/Resource)',
    ...{ denied: 'worker', needs: ['worker', 'batch', 'task', 'exec'] },
  },
  'stack-cannot-assume': {
    name: 'the deploy of stack mailer',
    cause: 'lambda.amazonaws.com was denied sts:AssumeRole on web-instance (SendFunction.Role, line 7)',
    ...{ denied: 'mailer', needs: ['mailer'] },
  },
  'stack-makes-its-role': {
    name: 'the deploy of stack billing',
    cause: 'orders-stack-exec was denied iam:PassRole on billing-WorkerRole-1A2B3C4D5E6F. No change to approve',
    ...{ denied: null, needs: [] },
  },
  'stack-makes-named-role': {
    name: 'the deploy of stack reports',
    cause: 'orders-stack-exec was denied iam:PassRole on reports-worker (WorkerFunction.Role, line 26)',
    ...{ denied: 'reports', needs: ['reports'] },
  },
  'stack-other-action': {
    name: 'the deploy of stack assets',
    cause: 'orders-stack-exec was denied s3:PutBucketPolicy on arn:aws:s3:::orders-assets-eu',
    ...{ denied: null, needs: [] },
  },
  'build-failed': {
    name: 'the build of orders-deploy in pipeline orders',
    cause: 'pipeline-deploy was denied iam:PassRole on orders-task',
    ...{ denied: 'build', needs: ['build'], shares: 'pipeline-failed' },
  },
  'pipeline-failed': {
    name: 'the run of pipeline orders',
    cause: 'pipeline-deploy was denied iam:PassRole on orders-task',
    ...{ denied: 'build', needs: ['build'], shares: 'build-failed' },
  },
  'job-failed': {
    name: 'the job acme/orders/deploy (terraform, github.com)',
    cause: 'pipeline-deploy was denied s3:CreateBucket on arn:aws:s3:::orders-files',
    ...{ denied: null, needs: [] },
  },
}
/** Of stack orders too. No permission broke it. */
const OTHER_REASON = 'resource-exists'
const OTHER_WORDS = 'orders-assets already exists'

/** Cards that can be approved: who has to, and what the change grants beyond the denial where the deploy of `with` has failed. */
const CARDS: { readonly [card in 'worker' | 'mailer' | 'reports' | 'build']: readonly string[] } = {
  worker: ['U0ONCALL1'],
  mailer: ['U0ONCALL1'],
  reports: ['U0ONCALL1', 'U0ONCALL2'],
  build: ['U0ONCALL1'],
}
type Approval = keyof typeof CARDS
const DENIED_TITLE: { readonly [card in Approval]: string } = {
  worker: 'orders-stack-exec was denied iam:PassRole on orders-worker',
  mailer: 'lambda.amazonaws.com was denied sts:AssumeRole on web-instance',
  reports: 'orders-stack-exec was denied iam:PassRole on reports-worker',
  build: 'pipeline-deploy was denied iam:PassRole on orders-task',
}

/** Cards of the start that no deploy broke: no button changes their titles. */
const BYSTANDERS = [
  'ci-deployer was denied iam:PassRole on orders-worker',
  'pipeline-deploy was denied iam:PassRole on cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1',
  'AWSReservedSSO_DeployAccess_0123456789abcdef was denied sts:AssumeRole on orders-admin',
  'repo:acme/orders:ref:refs/heads/release was denied sts:AssumeRoleWithWebIdentity on github-deploy',
  'pipeline-deploy was denied sts:AssumeRole on deploy-target',
  'pipeline-deploy was denied iam:PassRole on rds-monitoring',
  'the root user was denied sts:AssumeRole on an unnamed role',
]

let browser: Browser
let bot: ServedBot
let page: Page
let state: string

beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-'))
  bot = await serveBot(state)
  page = await browser.newPage()
  await page.goto(bot.url)
})
afterEach(async () => {
  await page.close()
  await bot.stop()
  rmSync(state, { recursive: true, force: true })
})

/** Mulberry32: the same order for the same seed. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let at = seed
  const random = () => {
    at = (at + 0x6d2b79f5) | 0
    let mixed = Math.imul(at ^ (at >>> 15), 1 | at)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return items
    .map(item => ({ item, key: random() }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item)
}

/** Asks the page itself, as a locator takes twenty times as long and each step asks twenty times. */
const shown = (selector: string): Promise<readonly string[]> =>
  page.evaluate(`Array.from(document.querySelectorAll(${JSON.stringify(selector)}), one =>
    one.textContent.replaceAll('\u2060', '').replace(/\\s+/g, ' '))`)
/** The messages about deploys, one for each round of a deploy: a reply in the channel, or a message of its own. */
const alertsOf = async (name: string): Promise<readonly string[]> => {
  const all = await shown('article.card > *:not(details):not(p):not(template)')
  const capital = `T${name.slice(1)}`
  return all.filter(
    text => text.includes(`🚨 ${capital} failed`) || new RegExp(`(?:✅|⚠️|🔁) Retry ${escaped(name)}:`).test(text),
  )
}
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const titles = () => shown('article.card .slack_blocks_to_jsx__header')

const recorded = (kind: string) => page.locator(`#audit li[data-kind="${kind}"]`).count()
const approvals = () => recorded('approved')
/** The ids of these answers. The same words once more are shown in place of the earlier ones. */
const replacements = () =>
  page
    .locator('article.card', { hasText: 'was replaced after you saw it. Read the card again, then press.' })
    .evaluateAll(answers => answers.map(({ id }) => id))

/** Presses again where another approval changed the card meanwhile: the press is refused, and says so. */
async function approveOnce(card: Locator): Promise<void> {
  const [approved, replaced] = [await approvals(), await replacements()]
  const button = card.getByRole('button', { name: /^Approve/ }).first()
  await button.waitFor()
  await button.click()
  const dialog = page.getByRole('alertdialog')
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: /^Approve/ }).click()
  const answered = async () =>
    (await approvals()) > approved || (await replacements()).some(id => !replaced.includes(id))
  await expect.poll(answered, { ...POLL, message: 'the press is answered' }).toBe(true)
  if ((await approvals()) === approved) await approveOnce(card)
}

/** Approves once more where the policies changed between the card and the press: nothing is written then, and a new card is posted. */
async function approveUntilWritten(card: Locator, people: readonly string[], mayBeStale = true): Promise<void> {
  const [applied, stale] = [await recorded('applied'), await recorded('stale')]
  for (const user of people) {
    await page.selectOption('#person', user)
    await approveOnce(card)
  }
  const isDone = async () => (await recorded('applied')) > applied || (mayBeStale && (await recorded('stale')) > stale)
  await expect.poll(isDone, { ...POLL, message: 'what was approved is written, or stale' }).toBe(true)
  if ((await recorded('applied')) === applied) await approveUntilWritten(card, people, false)
}

async function pressSample(id: string): Promise<void> {
  const details = page.locator('#samples')
  if ((await details.getAttribute('open')) === null) await details.locator('summary').click()
  await page.locator(`[data-sample="${id}"]`).click()
}

/** What is true by now. */
class World {
  readonly failed = new Set<string>(['stack-rollback'])
  readonly granted = new Set<Grant>()
  /** The last attempt of stack orders failed for another reason, before its cause was fixed. */
  other = false

  isFixed({ denied, needs }: Deploy): boolean {
    return denied !== null && needs.every(need => this.granted.has(need))
  }

  async press(id: string): Promise<void> {
    await pressSample(id)
    const deploy = DEPLOYS[id]
    if (deploy === undefined) {
      const isNoted = this.granted.has('worker')
      if (!isNoted) this.other = true
      if (isNoted) await page.getByText(`No alert about the deploy of stack orders`).first().waitFor()
      return
    }
    if (deploy.denied !== null && this.granted.has(deploy.denied)) {
      await page.getByText(`Nothing was sent: what broke ${deploy.name} is allowed by now`).first().waitFor()
      return
    }
    this.failed.add(id)
    if (deploy.shares !== undefined) this.failed.delete(deploy.shares)
    if (id === 'stack-rollback') this.other = false
  }

  /** Nobody can approve a change that no failure has asked for. */
  async approve(card: Approval): Promise<void> {
    const isOpen =
      card === 'build' || Object.entries(DEPLOYS).some(([id, { denied }]) => denied === card && this.failed.has(id))
    if (!isOpen) return
    const own = page
      .locator('article.card', { hasText: DENIED_TITLE[card] })
      .filter({ hasNotText: 'Only visible to you' })
      .filter({ hasText: card === 'worker' ? 'orders-stack-exec' : '' })
      .filter({ has: page.getByRole('button', { name: 'Reject…', exact: true }) })
      .first()
    await approveUntilWritten(own, CARDS[card])
    await page.selectOption('#person', 'U0ONCALL1')
    this.granted.add(card)
    if (card === 'worker' && this.failed.has('stack-with-four-gaps'))
      for (const one of ['batch', 'task', 'exec'] as const) this.granted.add(one)
  }

  async check(step: string): Promise<void> {
    for (const [id, deploy] of Object.entries(DEPLOYS)) {
      if (!this.failed.has(id)) {
        expect(await alertsOf(deploy.name), `${step}: ${id} did not fail last`).toEqual([])
        continue
      }
      const capital = `T${deploy.name.slice(1)}`
      const isOther = id === 'stack-rollback' && this.other
      const headline = this.isFixed(deploy)
        ? isOther
          ? `⚠️ Retry ${deploy.name}: what was denied is granted, but more may be missing.`
          : `✅ Retry ${deploy.name}: its cause is fixed.`
        : `🚨 ${capital} failed`
      const read = async () =>
        (await alertsOf(deploy.name)).map(text => [
          text.includes(headline),
          text.includes(OTHER_WORDS),
          // Of the shop alone more roles than the denied one.
          /more roles?/.test(text),
        ])
      const expected = [true, isOther, id === 'stack-with-four-gaps']
      await expect.poll(read, { ...POLL, message: `${step}: the alert of ${id}` }).toEqual([expected])
      const [alert = ''] = await alertsOf(deploy.name)
      // Nobody but the job says what it was denied.
      const how = id === 'job-failed' ? 'Probably because' : 'Caused by'
      expect(alert, step).toContain(`${how}: ${deploy.cause}`)
      // Each cause once.
      expect(alert.match(/Caused by|Probably because/g), `${step}: ${alert}`).toEqual([how])
    }
    const now = await titles()
    for (const title of BYSTANDERS)
      expect(
        now.filter(one => one.includes(title)),
        step,
      ).toHaveLength(1)
    // A title names a deploy only where its own texts name the denial of the card.
    for (const [id, { name, denied }] of Object.entries(DEPLOYS)) {
      if (denied === null && id !== 'stack-makes-its-role')
        expect(
          now.some(one => one.includes(name.slice(4))),
          step,
        ).toBe(false)
    }
    expect(now.filter(one => one.includes('failed')).length, `${step}: ${now.join('; ')}`).toBeLessThanOrEqual(5)
  }
}

const STEPS = [
  ...Object.keys(DEPLOYS),
  OTHER_REASON,
  'approve worker',
  'approve mailer',
  'approve reports',
  'approve build',
]

describe('the deploy buttons of the page', () => {
  it.each([1, 2, 3, 4])('say what is true in the order of seed %i', async seed => {
    const world = new World()
    await expect.poll(titles, POLL).toHaveLength(BYSTANDERS.length + 2)
    await page.selectOption('#person', 'U0ONCALL1')
    await world.check('the start')
    const order = shuffled(STEPS, seed)
    for (const [at, step] of order.entries()) {
      if (step.startsWith('approve ')) await world.approve(step.slice('approve '.length) as Approval)
      else await world.press(step)
      await world.check(`${order.slice(0, at + 1).join(', ')}`)
    }
  })
})

describe('the form that explains a deploy', () => {
  const explain = async (text: string) => {
    const form = page.locator('#explain')
    if ((await form.getAttribute('open')) === null) await form.locator('summary').click()
    await form.locator('textarea').fill(text)
    await form.getByRole('button', { name: 'Explain this deploy' }).click()
    const answer = page.locator('#explanation')
    await expect.poll(() => answer.textContent(), POLL).not.toBe('Reading…')
    return answer
  }

  it('names the permission of a pasted log, and shows markup as text', async () => {
    const log = `Error: creating S3 Bucket (files): api error AccessDenied: User: arn:aws:sts::111122223333:assumed-role/pipeline-deploy/x is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::files" because no identity-based policy allows the s3:CreateBucket action <img src=x onerror="document.title='owned'">`
    const answer = await explain(log)
    expect(await answer.textContent()).toContain('pipeline-deploy was denied s3:CreateBucket on arn:aws:s3:::files')
    expect(await answer.locator('*').count()).toBe(0)
    expect(await page.title()).toBe('rolemedic on this machine')
  })

  it('says the reason of another failure in its own words, and why it cannot read a text', async () => {
    expect(
      await (await explain('Error: creating S3 Bucket (files): BucketAlreadyExists: it is taken')).textContent(),
    ).toContain(
      'No permission explains it. In its own words: Error: creating S3 Bucket (files): BucketAlreadyExists: it is taken',
    )
    expect(await (await explain('all is well')).textContent()).toBe(
      'It did not fail: nothing in the text reports a failure.',
    )
    expect(await (await explain('{"StackEvents": 3}')).textContent()).toContain('describe-stack-events')
  })
})
