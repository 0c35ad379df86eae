/** Somebody who adds an account to the approver group, and may write to the table or put objects beside the log. */
import { describe, expect } from 'vitest'
import { canonicalJson } from '../../core/base/canonical-json.ts'
import { known } from '../../core/base/fact.ts'
import { makeDecide } from '../../functions/decide/decide.ts'
import { FIRST_SEEN, type FirstSeen, firstSeenKey } from '../../functions/domain/authority/people/first-seen.ts'
import { statementBytes } from '../../functions/domain/authority/statement.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { approvalsOf } from '../../functions/domain/proposal/proposal.ts'
import { FAKE_ORIGIN } from '../../simulator/slack-requests.ts'
import { ANNA, BEN, botWith, click, press } from '../decide/decide-fixture.ts'
import { type MemoryBot, memoryBot } from '../fakes/memory-bot.ts'
import { HOUR, NOON, sampleProposal, VERIFICATION } from '../fakes/sample-proposal.ts'
import { DEPLOYMENT, decisionAbout, signatureOf, signedBy } from '../fakes/signing.ts'
import { attack } from './attack.ts'

const GROUP = 'S0ONCALL'
const CONFIG = botConfigSchema.parse({ mode: 'approve', channel: 'C0DEPLOYS', approvers: { groups: [GROUP] } })
const keyOf = (user: string | null) => firstSeenKey(DEPLOYMENT, GROUP, user)

/** Anna approved a change of high risk that needs two; Ben was added to the group just now, and Slack has said so. */
async function waitingForBen(): Promise<MemoryBot> {
  const bot = memoryBot(CONFIG)
  bot.chat.groups.set(GROUP, known([ANNA.id]))
  await botWith(sampleProposal({ verification: { ...VERIFICATION, risk: 'high', approvers: 2 } }), bot)
  await press(bot, click('approve', ANNA))
  await makeDecide(bot)({ kind: 'members', origin: FAKE_ORIGIN, group: GROUP, added: [BEN.id], eventId: 'Ev1' })
  bot.chat.groups.set(GROUP, known([ANNA.id, BEN.id]))
  return bot
}

async function pressedBy(bot: MemoryBot): Promise<string | undefined> {
  await press(bot, click('approve', BEN))
  return (await bot.store.get('p-1'))?.status
}

function statementOf(user: string | null, atMs: number) {
  const statement: FirstSeen = {
    ...{ schema: 'rolemedic.first-seen/1', deploymentId: DEPLOYMENT, key: keyOf(user), users: [BEN.id], atMs },
  }
  return canonicalJson({ statement, signature: signatureOf('attestations', statementBytes(FIRST_SEEN, statement)) })
}

describe('somebody who adds an account to the approver group', () => {
  attack('Y1', async () => {
    const bot = await waitingForBen()
    expect(bot.chat.posts.map(({ text }) => text)).toContain('1 person was added to a group of approvers')
    expect(await pressedBy(bot)).toBe('open')
    expect(bot.queue.sent).toEqual([])
  })

  attack('Y2', async () => {
    const bot = await waitingForBen()
    const now = (await bot.store.get('p-1')) ?? expect.fail('it is gone')
    // Unsigned, or signed by another function.
    const decision = decisionAbout(now, { by: BEN, atMs: NOON, kind: 'approve' })
    const claimed = { by: BEN, atMs: NOON, limitHours: null, reason: null, signed: signedBy(decision, 'attestations') }
    await bot.store.replace(now, { ...now, approvals: [...approvalsOf(now), claimed], memberSinceMs: null } as never)
    expect(await pressedBy(bot)).toBe('open')
    expect(bot.queue.sent).toEqual([])
  })

  attack('Y3', async () => {
    const bot = await waitingForBen()
    for (const key of [keyOf(null), keyOf(BEN.id)]) bot.ledger.hide(key)
    expect(await pressedBy(bot)).toBe('open')
    expect([...bot.ledger.stored.values()].map(versions => versions.length)).toEqual([2, 2])
  })

  attack('Y4', async () => {
    const after = await waitingForBen()
    for (const user of [null, BEN.id]) after.ledger.plant(keyOf(user), statementOf(user, 0))
    expect(await pressedBy(after)).toBe('open')

    const before = memoryBot(CONFIG)
    for (const user of [null, BEN.id]) before.ledger.plant(keyOf(user), statementOf(user, 0))
    before.chat.groups.set(GROUP, known([ANNA.id, BEN.id]))
    await botWith(sampleProposal({ verification: { ...VERIFICATION, risk: 'high' } }), before)
    expect(await pressedBy(before)).toBe('open')
    before.setNow(NOON + 30 * HOUR)
    expect(await pressedBy(before)).toBe('open')
  })
})
