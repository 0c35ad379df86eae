/** What `decide` signs of a press: nothing else that is stored allows a write, or says who wanted what. */
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../core/base/canonical-json.ts'
import { known } from '../../core/base/fact.ts'
import type { DecisionNow } from '../../functions/domain/authority/decision.ts'
import { type Decision, pullRequestOf } from '../../functions/domain/authority/earlier-decision.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { approvalsOf } from '../../functions/domain/proposal/proposal.ts'
import { CODE } from '../fakes/bridge-world.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { HOUR, inStatus, MINUTE, NOON, sampleProposal } from '../fakes/sample-proposal.ts'
import { ANNA, BEN, botWith, click, press } from './decide-fixture.ts'

const CONFIG = botConfigSchema.parse({
  ...{ mode: 'approve', channel: 'C0DEPLOYS', approvers: { users: [ANNA.id, BEN.id] }, bridgeHours: 72 },
  grants: { permanent: { people: 'two-approvers', machines: 'two-approvers' } },
})
const AT = NOON + 5 * MINUTE
const PERSON = { kind: 'person', userId: 'U0DENIED' } as const

async function signedBy(...[action, facts]: [Parameters<typeof click>[0], Parameters<typeof click>[2]?]) {
  const bot = await botWith(sampleProposal({ code: CODE, requester: PERSON } as never), memoryBot(CONFIG))
  await press(bot, click(action, ANNA, facts))
  const stored = (await bot.store.get('p-1')) ?? expect.fail('it is gone')
  const signed = stored.status === 'rejected' ? stored.rejection.signed : approvalsOf(stored)[0]?.signed
  return { decision: (signed?.decision ?? expect.fail('nothing is signed')) as Decision & DecisionNow, stored }
}

describe('a signed decision', () => {
  it.each([
    ['approve', 'approve', null, null, 2],
    ['approve-limited', 'approve', null, AT + 8 * HOUR, 1],
    ['approve-with-pull', 'approve', 'with', AT + 72 * HOUR, 1],
    ['pull-only', 'reject', 'only', null, 1],
    ['reject', 'reject', null, null, 1],
  ] as const)('of %s has its kind, end, pull request and the people that it takes', async (action, ...expected) => {
    const { decision } = await signedBy(action, { reason: action === 'reject' ? 'no' : null })
    expect([decision.kind, pullRequestOf(decision), decision.endsAtMs, decision.approversNeeded]).toEqual(expected)
    expect(decision.atMs).toBe(AT)
  })

  it('has a digest of the sentences that were on the card, and the reason and ticket as they were typed', async () => {
    const { decision, stored } = await signedBy('approve-limited', { reason: ' because ', ticket: ' OPS-1 ' })
    expect(decision.shownDigest).toBe(digestOf([stored.diagnosis.summary, stored.verification]))
    expect([decision.reason, decision.ticket]).toEqual(['because', 'OPS-1'])
    const rejected = await signedBy('reject', { reason: 'no', ticket: 'OPS-1' })
    expect([rejected.decision.reason, rejected.decision.ticket]).toEqual(['no', null])
  })

  it('cuts what chat and IAM say at length of why somebody is unknown, and keeps whom it claims', async () => {
    const requester = { kind: 'unknown', why: 'x'.repeat(9_000), claimed: 'U0CLAIMED' } as const
    const bot = await botWith(sampleProposal({ requester }), memoryBot(CONFIG))
    bot.chat.verifiedEmails.set(ANNA.id, known('anna@example.com'))
    await press(bot, click('approve', ANNA))
    const [given] = inStatus((await bot.store.get('p-1')) ?? expect.fail('it is gone'), 'open').approvals
    const decision = given?.signed?.decision as DecisionNow
    expect(decision.requester).toMatchObject({ kind: 'unknown', claimed: 'U0CLAIMED' })
    expect(JSON.stringify(decision.requester).length).toBeLessThan(2_000)
    expect(decision.by).toMatchObject({ userId: ANNA.id, name: ANNA.name, email: 'anna@example.com' })
  })
})
