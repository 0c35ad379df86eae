import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { printOnce } from '../../cli/formats/start/once-printer.ts'
import { followEvents } from '../../cli/use-cases/start/once.ts'
import { startBot } from '../../simulator/bot.ts'
import { readEvents, SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { CONFIG } from '../fakes/memory-bot.ts'
import { memoryIo } from './memory-io.ts'

/** The start of the first message of a channel. */
const FIRST_WORDS = 'rolemedic is on in this channel'

const root = fileURLToPath(new URL('../../events/', import.meta.url))
let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-deploys-'))
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

/** Processes the events in order, then approves, like `npm start -- --once`. */
async function once(...files: string[]) {
  const bot = await startBot({
    state,
    accounts: SAMPLE_ACCOUNTS,
    org: SAMPLE_ORGANIZATION,
    config: CONFIG,
    observer: { log: () => {}, count() {} },
    pace: 0,
    sweepEveryMs: null,
  })
  const io = memoryIo()
  try {
    const events = files.flatMap(file => readEvents(`${root}${file}.json`, Date.now()))
    const end = await printOnce(
      followEvents(events, bot, { approveAs: ['U0ONCALL1'], revert: false, config: CONFIG }),
      io,
    )
    const notices = bot.notices().filter(({ subject }) => subject.startsWith('The deploy'))
    const alerts = bot.slack.messages().filter(({ broadcast }) => broadcast === true)
    const cards = bot.slack
      .messages()
      .filter(({ threadTs, text }) => threadTs === null && !text.startsWith(FIRST_WORDS))
    return { end, out: io.captured.out, notices, alerts, cards }
  } finally {
    await bot.close()
  }
}

const STACK = 'deploys/stack-rollback'
const DENIAL = 'cloudformation-create-function'

describe('a failed deploy in the local bot', () => {
  it.each([
    [[STACK]],
    [[STACK, DENIAL]],
    [[DENIAL, STACK]],
    [['deploys/stack-resource-failed', DENIAL, STACK, 'deploys/stack-rollback-complete']],
  ])('%j: the alert is in the thread of the card, and says to retry after the change', async files => {
    const { end, out, notices, alerts, cards } = await once(...files)
    expect(end).toEqual({ kind: 'followed', asWanted: true })
    expect(out).toContain('Broke: the deploy of stack orders')
    expect(out).toContain('🚨 The deploy of stack orders failed. Caused by: orders-stack-exec was denied')
    expect(out).toContain('✅ Retry the deploy of stack orders: its cause is fixed.')
    expect(notices).toHaveLength(1)
    expect(cards).toHaveLength(1)
    expect(alerts).toHaveLength(1)
    expect(alerts[0]?.threadTs).toBe(cards[0]?.ts)
    expect(alerts[0]?.text).toMatch(/^✅/)
  })

  it('of a build is explained by the build log', async () => {
    const { end, out } = await once('deploys/build-failed')
    expect(end).toEqual({ kind: 'followed', asWanted: true })
    expect(out).toContain('Broke: the build of orders-deploy in pipeline orders')
    expect(out).toContain('aws codepipeline start-pipeline-execution --name orders --region eu-west-1')
  })

  it('without a denial causes no alert', async () => {
    const { end, notices, cards } = await once('deploys/look-alikes/stack-rollback-exists')
    expect([end.kind, notices.length, cards.length]).toEqual(['not-ours', 0, 0])
  })
})
