/** One card for everything that a deploy lacks: locally, from the events to the resulting policies. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { printOnce } from '../../cli/formats/start/once-printer.ts'
import { followEvents } from '../../cli/use-cases/start/once.ts'
import { startBot } from '../../simulator/bot.ts'
import { readEvents, SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { sampleUser } from '../../simulator/sample-users.ts'
import { buttonPress, buttonsOf } from '../../simulator/slack-requests.ts'
import { CONFIG } from '../fakes/memory-bot.ts'
import { memoryIo } from './memory-io.ts'

/** The start of the first message of a channel. */
const FIRST_WORDS = 'rolemedic is on in this channel'

const EVENTS = fileURLToPath(new URL('../../events/', import.meta.url))
const STACK = 'deploys/stack-with-four-gaps.json'
const WORKER = 'worker.json'
const BATCH = 'batch.json'

let folder: string
let closing: (() => Promise<void>)[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-bundle-'))
  closing = []
  cpSync(join(EVENTS, 'deploys'), join(folder, 'deploys'), { recursive: true })
  const denial = readFileSync(join(EVENTS, 'cloudformation-create-function.json'), 'utf8')
  writeFileSync(join(folder, WORKER), denial)
  writeFileSync(
    join(folder, BATCH),
    denial
      .replaceAll('orders-worker', 'orders-batch')
      .replaceAll('f9efc8bf', 'a1efc8bf')
      .replaceAll('646c47ae', '746c47ae'),
  )
})
afterEach(async () => {
  for (const close of closing) await close()
  rmSync(folder, { recursive: true, force: true })
})

async function fed(files: readonly string[], { approve = true, revert = false } = {}) {
  const bot = await startBot({
    state: join(folder, 'state'),
    accounts: SAMPLE_ACCOUNTS,
    org: SAMPLE_ORGANIZATION,
    config: CONFIG,
    observer: { log: () => {}, count() {} },
    pace: 0,
    sweepEveryMs: null,
  })
  closing.push(() => bot.close())
  const io = memoryIo()
  const events = files.flatMap(file => readEvents(join(folder, file), Date.now()))
  const approveAs = approve ? ['U0ONCALL1'] : []
  const end = await printOnce(followEvents(events, bot, { approveAs, revert, config: CONFIG }), io)
  const cards = () =>
    bot.slack
      .messages()
      .filter(({ threadTs, text }) => threadTs === null && text.length > 0 && !text.startsWith(FIRST_WORDS))
  return { bot, end, out: io.captured.out, cards }
}

type Fed = Awaited<ReturnType<typeof fed>>

const fail = (why: string): never => {
  throw new Error(why)
}

/** The roles that the deploy's role may pass now, by rolemedic's own statements. */
async function granted({ bot }: Fed): Promise<readonly string[]> {
  const [proposal] = await bot.store.open(10)
  const outcome = proposal !== undefined && 'applied' in proposal ? proposal.applied : null
  const documents = JSON.stringify(outcome?.changes ?? [])
  return ['worker', 'batch', 'task', 'exec'].filter(name => documents.includes(`app/orders-${name}`))
}

describe('a template with four gaps', () => {
  it.each([[[STACK]], [[WORKER, STACK]], [[STACK, WORKER]]])(
    '%j: one card, one approval, and one revert',
    async files => {
      const run = await fed(files, { revert: true })
      expect(run.end).toEqual({ kind: 'followed', asWanted: true })
      const out = run.out.replaceAll(/\s+/g, ' ')
      expect(out).toContain('This denial, and 3 more that the same deploy would meet.')
      expect(out).toContain('orders-batch for lambda.amazonaws.com: BatchFunction.Role line 19, lambda:CreateFunction')
      expect(out).toContain('orders-task for ecs-tasks.amazonaws.com: Task.TaskRoleArn line 27')
      expect(out).toContain('orders-exec for ecs-tasks.amazonaws.com: Task.ExecutionRoleArn line 28')
      // The template's condition excludes this one.
      expect(out).not.toMatch(/PassRole on [^ ]*orders-admin/)
      expect(out).toContain(
        'The denied request, evaluated again: allowed now Needs of the deploy, evaluated again (4): allowed:',
      )
      expect(out).toContain(
        'The denied request, evaluated again: denied now Needs of the deploy, evaluated again (4): denied:',
      )
      expect(out).toContain('No policy differs from its original.')
      expect(out.match(/approved by ada/g)).toHaveLength(1)
    },
  )

  it('puts logical id, construct path and line on the card and into the alert', async () => {
    const { out } = await fed([STACK])
    expect(out).toContain('WorkerFunction.Role, line 12, shop/Worker/Resource')
    expect(out.replaceAll(/\s+/g, ' ')).toContain('✅ Retry the deploy of stack shop: its cause is fixed.')
  })

  it('shows all four roles also where another stack has failed by the same denial before', async () => {
    const run = await fed([STACK.replace('stack-with-four-gaps', 'stack-rollback'), STACK])
    const out = run.out.replaceAll(/\s+/g, ' ')
    expect(out).toContain('This denial, and 3 more that these deploys would meet.')
    expect(await granted(run)).toEqual(['worker', 'batch', 'task', 'exec'])
    expect(out).toContain('✅ Retry the deploy of stack orders: its cause is fixed.')
  })

  it('takes a denial that it foresaw onto its card, and gives it no card of its own', async () => {
    const run = await fed([STACK, BATCH], { approve: false })
    const open = await run.bot.store.open(10)
    expect(open).toHaveLength(1)
    const card = run.cards()[0]
    const thread = run.bot.slack.messages().filter(({ threadTs }) => threadTs === card?.ts)
    expect(thread.map(({ text }) => text).join('\n')).toContain(
      'Denied too, as foreseen: iam:PassRole on arn:aws:iam::111122223333:role/app/orders-batch. This card holds it.',
    )
  })

  it('gives a card of its own to a denial that comes although the card was applied', async () => {
    const run = await fed([STACK])
    const events = readEvents(join(folder, BATCH), Date.now() + 60_000)
    await printOnce(followEvents(events, run.bot, { approveAs: [], revert: false, config: CONFIG }), memoryIo())
    const thread = run.bot.slack.messages().map(({ text }) => text)
    expect(thread.join('\n')).not.toContain('Denied too, as foreseen')
  })

  it('lifts the denial alone where somebody approves just this', async () => {
    const run = await fed([STACK], { approve: false })
    const [open] = await run.bot.store.open(10)
    const message = run.cards()[0]
    if (message === undefined || open === undefined || open.status !== 'open') throw new Error('no card')
    const [button] = buttonsOf(message, 'approve-alone')
    if (button === undefined) throw new Error('the card has no button for the denial alone')
    await run.bot.request(buttonPress(sampleUser('U0ONCALL1'), message, button))
    await run.bot.idle()
    const applied = await run.bot.store.get(open.id)
    expect(applied).toMatchObject({ status: 'applied', template: { needs: [], alone: null } })
    expect(applied?.patch?.digest).toBe(open.template?.alone?.patch.digest)
    expect(applied?.patch?.digest).not.toBe(open.patch.digest)
    expect(await granted(run)).toEqual(['worker'])
  })

  it('holds a role that the template makes and the rollback has removed again', async () => {
    const made = JSON.stringify({
      Resources: {
        NewRole: {
          Type: 'AWS::IAM::Role',
          Properties: { RoleName: 'orders-new', Path: '/app/', AssumeRolePolicyDocument: { Statement: [] } },
        },
        Worker: { Type: 'AWS::Lambda::Function', Properties: { Role: { 'Fn::GetAtt': ['NewRole', 'Arn'] } } },
        Batch: {
          Type: 'AWS::Lambda::Function',
          Properties: { Role: 'arn:aws:iam::111122223333:role/app/orders-batch' },
        },
      },
    })
    rmSync(join(folder, 'deploys/templates/shop.yaml'))
    writeFileSync(join(folder, 'deploys/templates/shop.json'), made)
    const events = join(folder, 'deploys/stack-events/shop.json')
    writeFileSync(events, readFileSync(events, 'utf8').replaceAll('orders-worker', 'orders-new'))
    const recorded = join(folder, 'deploys/cloudtrail/shop.json')
    writeFileSync(recorded, readFileSync(recorded, 'utf8').replaceAll('orders-worker', 'orders-new'))
    const run = await fed([STACK], { approve: false })
    const [open] = await run.bot.store.open(10)
    expect(open).toMatchObject({ status: 'open', template: { isMade: true, needs: [{ isMade: false }] } })
    const [button] = buttonsOf(run.cards()[0] ?? fail('no card'), 'approve')
    for (const person of ['U0ONCALL1', 'U0ONCALL2']) {
      await run.bot.request(
        buttonPress(sampleUser(person), run.cards()[0] ?? fail('no card'), button ?? fail('no button')),
      )
      await run.bot.idle()
    }
    expect(await run.bot.store.get(open?.id ?? '')).toMatchObject({ status: 'applied' })
  })

  it('offers no approval of just this where the card holds one denial', async () => {
    rmSync(join(folder, 'deploys/templates'), { recursive: true })
    const run = await fed([STACK], { approve: false })
    const message = run.cards()[0]
    expect(message === undefined ? null : buttonsOf(message, 'approve-alone')).toEqual([])
  })

  it('that cannot be read leaves the card as it was before, and the card says so', async () => {
    writeFileSync(
      join(folder, 'deploys/templates/shop.yaml'),
      'Resources: {A: {Type: AWS::Lambda::Function, Type: X}}\n',
    )
    const { end, out } = await fed([STACK])
    expect(end).toEqual({ kind: 'followed', asWanted: true })
    expect(out).not.toContain('more that the same deploy would meet')
    expect(out).toMatch(/template.*(?:not read|could not be read)/i)
    expect(out).toContain('The denied request, evaluated again: allowed now')
  })
})
