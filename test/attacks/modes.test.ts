/** Attempts to get a change written in an account whose mode is observe or recommend. */
import { describe, expect } from 'vitest'
import { changeDigest } from '../../core/patch/patch.ts'
import { type Config, configSchema } from '../../functions/domain/config/config.ts'
import { firstRun } from '../../functions/domain/stored/markers.ts'
import { ANNA, botWith, click, press } from '../decide/decide-fixture.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { sampleProposal } from '../fakes/sample-proposal.ts'
import { IDENTITY_CHANGE } from '../fakes/two-sided.ts'
import { type Fault, type World, worldWith } from '../fakes/verify-world.ts'
import { proposeBench } from '../propose/propose-fixture.ts'
import { approved, reasons } from '../verify/verify-fixture.ts'
import { attack } from './attack.ts'

const MEMBER = '111122223333'
const ELSEWHERE = '444455556666'
const calm: Fault = () => {}
const config = (given: object): Config =>
  configSchema.parse({ mode: 'approve', approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] }, ...given })

async function put(world: World, changed: object): Promise<void> {
  const now = await world.get()
  await world.store.replace(now, { ...now, ...changed } as typeof now)
}

describe('a mode below approve', () => {
  attack('M1', async () => {
    for (const mode of ['observe', 'recommend']) {
      const bot = await botWith(sampleProposal(), memoryBot(config({ mode })))
      await press(bot, click('approve', ANNA))
      expect((await bot.store.get('p-1'))?.status).toBe('open')
      expect(bot.queue.sent).toEqual([])
    }
  })

  attack('M2', async () => {
    const bot = await botWith(sampleProposal(), memoryBot(config({ mode: 'recommend' })))
    const now = await bot.store.get('p-1')
    if (now === null) throw new Error('no p-1')
    await bot.store.replace(now, { ...now, ...{ mode: 'approve', units: ['ou-ab12-11111111'] } })
    await press(bot, click('approve', ANNA))
    expect((await bot.store.get('p-1'))?.status).toBe('open')
  })

  attack('M3', async () => {
    const lowered = config({ mode: 'observe', accounts: { [ELSEWHERE]: { mode: 'approve' } } })
    const world = await worldWith(approved())
    const { denial } = await world.get()
    await put(world, { denial: { ...denial, accountId: ELSEWHERE } })
    await world.process(calm, lowered).apply('p-1')
    expect(world.iam.writes).toEqual([])
  })

  attack('M4', async () => {
    const world = await worldWith(approved())
    expect(await world.process(calm, config({ accounts: { [MEMBER]: { mode: 'recommend' } } })).apply('p-1')).toBe(
      'stale',
    )
    expect(world.iam.writes).toEqual([])
  })

  attack('M5', async () => {
    const arn = IDENTITY_CHANGE.target.arn.replace(MEMBER, ELSEWHERE)
    const reaching = { ...IDENTITY_CHANGE, target: { ...IDENTITY_CHANGE.target, accountId: ELSEWHERE, arn } }
    const world = await worldWith(approved([{ ...reaching, digest: changeDigest(reaching) }]))
    const lowered = config({ mode: 'observe', accounts: { [MEMBER]: { mode: 'approve' } } })
    expect(await world.process(calm, lowered).apply('p-1')).toBe('stale')
    expect(world.iam.writes).toEqual([])
    expect(await reasons(world)).toMatchObject({ stale: expect.stringContaining('is observe (mode in') })
  })

  attack('M6', async () => {
    const bench = await proposeBench({ isNew: true })
    await bench.store.putMarker(firstRun('C0DEPLOYS'), 0, { fromMs: 0, posted: true })
    await bench.recordOccurrence('f-1', bench.now())
    const made = await bench.propose('f-1')
    // It suppresses a message and nothing else: the card is posted, and needs its approval.
    expect(made.kind).toBe('posted')
    expect(bench.slack.messages().filter(({ threadTs }) => threadTs === null)).toHaveLength(1)
    await bench.slack.close()
  })
})
