import { describe, expect, it } from 'vitest'
import { makeDecide } from '../../functions/decide/decide.ts'
import { verifyDecision } from '../../functions/domain/authority/statement.ts'
import type { Click, Origin } from '../../functions/domain/proposal/click.ts'
import type { GrantUse } from '../../functions/domain/proposal/proposal.ts'
import { FAKE_APP, FAKE_WORKSPACE } from '../../simulator/slack-requests.ts'
import { follow, type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { type Changed, DIGEST, HOUR, NOON, OUTCOME, sampleProposal } from '../fakes/sample-proposal.ts'
import { RING } from '../fakes/signing.ts'

const DAY = 24 * HOUR
const QUESTION = { conversation: 'C0DEPLOYS', message: '1798113600.000200' }
const ORIGIN: Origin = { ...FAKE_WORKSPACE, userTeamId: null, appId: FAKE_APP }
const USE: GrantUse = {
  lookedAtMs: NOON + 30 * DAY,
  wholeSinceMs: NOON,
  unseen: null,
  lastUsedAtMs: null,
  question: { atMs: NOON + 30 * DAY, card: QUESTION, isSeen: true },
  kept: null,
}

async function questioned(changed: Changed<'confirmed'> = {} as Changed<'confirmed'>): Promise<MemoryBot> {
  const bot = memoryBot()
  bot.setNow(NOON + 31 * DAY)
  const standing = { status: 'confirmed', applied: OUTCOME, use: USE, dueAtMs: NOON + 31 * DAY } as const
  await bot.store.create(sampleProposal({ ...standing, ...changed }))
  return bot
}

async function press(bot: MemoryBot, action: Click['action'], by = 'U0ONCALL2', message = QUESTION.message) {
  const click: Click = { action, by: { id: by, name: 'Ben' }, proposalId: 'p-1', digest: DIGEST, reason: null }
  const at = { conversation: QUESTION.conversation, message }
  const handled = await makeDecide(bot)({ kind: 'click', origin: ORIGIN, click, cardOf: 'p-1', ...at })
  await handled.notify()
  await follow(bot)
  return bot.store.get('p-1')
}

describe('Keep, on the card that asks whether a grant is still needed', () => {
  it('records who kept it, signed, and changes nothing else', async () => {
    const bot = await questioned()
    const kept = await press(bot, 'keep')
    expect(kept).toMatchObject({ status: 'confirmed', use: { kept: { by: { id: 'U0ONCALL2' } } } })
    const [entry, ...more] = bot.audit.entries
    expect(more).toEqual([])
    expect(entry).toMatchObject({ kind: 'confirmed', by: { id: 'U0ONCALL2' }, life: { kind: 'kept' } })
    const decision = entry?.life?.kind === 'kept' ? verifyDecision(entry.life.decision, RING) : null
    expect(decision).toMatchObject({ ok: true, value: { kind: 'keep', proposalId: 'p-1', patchDigest: DIGEST } })
    expect(bot.queue.sent).toEqual([])
    expect(bot.chat.cards.get(`${QUESTION.conversation}/${QUESTION.message}`)).toBe('Kept: deployer may pass app-task')
  })

  it('counts once, and only from an approver, on that very message', async () => {
    const bot = await questioned()
    expect(await press(bot, 'keep', 'U0VISITOR')).toMatchObject({ use: { kept: null } })
    expect(await press(bot, 'keep', 'U0ONCALL2', '1798113600.000999')).toMatchObject({ use: { kept: null } })
    await press(bot, 'keep', 'U0ONCALL1')
    expect(await press(bot, 'keep', 'U0ONCALL2')).toMatchObject({ use: { kept: { by: { id: 'U0ONCALL1' } } } })
    expect(bot.audit.entries).toHaveLength(1)
  })

  it('is not for the person whose request was granted', async () => {
    const bot = await questioned({ requester: { kind: 'person', userId: 'U0ONCALL2' } } as Changed<'confirmed'>)
    expect(await press(bot, 'keep')).toMatchObject({ use: { kept: null } })
  })

  it('does nothing where nobody asks', async () => {
    const bot = await questioned({ use: { ...USE, question: null } } as Changed<'confirmed'>)
    expect(await press(bot, 'keep', 'U0ONCALL2', '1795521600.000100')).toMatchObject({ use: { kept: null } })
  })
})

describe('Revert, on that card', () => {
  it('asks for the revert of the grant, as on its own card', async () => {
    const bot = await questioned()
    expect(await press(bot, 'revert')).toMatchObject({ status: 'reverting', use: { question: { card: QUESTION } } })
    expect(bot.queue.sent.map(({ work }) => work)).toEqual([{ kind: 'revert', proposalId: 'p-1' }])
    expect(bot.chat.cards.get(`${QUESTION.conversation}/${QUESTION.message}`)).toBe(
      'Being reverted: deployer may pass app-task',
    )
  })
})
