import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runOnceWithDeploys } from '../../cli/start/run-once-deploy.ts'
import { startBot } from '../../simulator/bot.ts'
import { readEvents, SAMPLE_ACCOUNTS, SAMPLE_ORGANIZATION } from '../../simulator/sample-records.ts'
import { CONFIG } from '../fakes/memory-bot.ts'
import { memoryIo } from './memory-io.ts'

const root = fileURLToPath(new URL('../../events/', import.meta.url))
let state: string
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'rolemedic-deploys-'))
})
afterEach(() => rmSync(state, { recursive: true, force: true }))

/** Each event fed in turn, then approved; as `npm start -- --once` does it. */
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
    const code = await runOnceWithDeploys(events, bot, { approveAs: ['U0ONCALL1'], revert: false, config: CONFIG }, io)
    const told = bot.notices().filter(({ subject }) => subject.startsWith('The deploy'))
    const alerts = bot.slack.messages().filter(({ broadcast }) => broadcast === true)
    const cards = bot.slack.messages().filter(({ threadTs }) => threadTs === null)
    return { code, out: io.said.out, told, alerts, cards }
  } finally {
    await bot.close()
  }
}

const STACK = 'deploys/stack-rollback'
const DENIAL = 'cloudformation-create-function'

describe('a failed deploy on this machine', () => {
  it.each([
    [[STACK]],
    [[STACK, DENIAL]],
    [[DENIAL, STACK]],
    [['deploys/stack-resource-failed', DENIAL, STACK, 'deploys/stack-rollback-complete']],
  ])('%j: card and alert are joined, and after the change the alert says to try again', async files => {
    const { code, out, told, alerts, cards } = await once(...files)
    expect(code).toBe(0)
    expect(out).toContain('Broke: the deploy of stack orders')
    expect(out).toContain('🚨 The deploy of stack orders failed. Caused by: orders-stack-exec was denied')
    expect(out).toContain('✅ Retry the deploy of stack orders: what broke it is mended.')
    expect(told).toHaveLength(1)
    expect(cards).toHaveLength(1)
    expect(alerts).toHaveLength(1)
    expect(alerts[0]?.threadTs).toBe(cards[0]?.ts)
    expect(alerts[0]?.text).toMatch(/^✅/)
  })

  it('of a build is explained by its log', async () => {
    const { code, out } = await once('deploys/build-failed')
    expect(code).toBe(0)
    expect(out).toContain('Broke: the build of orders-deploy')
    expect(out).toContain('aws codebuild retry-build --id orders-deploy:5f1c2d3e')
  })

  it('that no denial broke stays silent', async () => {
    const { code, told, cards } = await once('deploys/look-alikes/stack-rollback-exists')
    expect([code, told.length, cards.length]).toEqual([3, 0, 0])
  })
})
