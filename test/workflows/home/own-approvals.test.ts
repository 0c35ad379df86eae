import { describe, expect, it } from 'vitest'
import { ownApprovals, rememberApprovals } from '../../../functions/workflows/home/own-approvals.ts'
import { memoryBot } from '../../fakes/memory-bot.ts'
import { APPROVAL, MINUTE, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

const ANA = APPROVAL.by
const BEA = { id: 'U0ONCALL2', name: 'Bea' }
const approvedAt = (id: string, atMs: number, by = ANA) =>
  sampleProposal({ id, status: 'approved', approvals: [{ ...APPROVAL, by, atMs }] })

describe('what a person has approved', () => {
  it('is listed, the last first, and each proposal once', async () => {
    const bot = memoryBot()
    for (const [id, atMs] of [
      ['p-1', NOON],
      ['p-2', NOON + MINUTE],
      ['p-1', NOON],
    ] as const)
      await rememberApprovals(approvedAt(id, atMs), bot)
    expect(await ownApprovals('U0ONCALL1', bot)).toEqual([
      { proposalId: 'p-2', atMs: NOON + MINUTE },
      { proposalId: 'p-1', atMs: NOON },
    ])
    expect(await ownApprovals('U0ONCALL2', bot)).toEqual([])
  })

  it('is listed for each of two approvers', async () => {
    const bot = memoryBot()
    const both = [APPROVAL, { ...APPROVAL, by: BEA, atMs: NOON + 2 * MINUTE }]
    await rememberApprovals(sampleProposal({ status: 'approved', approvals: both }), bot)
    expect(await ownApprovals('U0ONCALL1', bot)).toEqual([{ proposalId: 'p-1', atMs: NOON + MINUTE }])
    expect(await ownApprovals('U0ONCALL2', bot)).toEqual([{ proposalId: 'p-1', atMs: NOON + 2 * MINUTE }])
  })

  it('that was approved again is listed at the later time', async () => {
    const bot = memoryBot()
    await rememberApprovals(approvedAt('p-1', NOON), bot)
    await rememberApprovals(approvedAt('p-1', NOON + MINUTE), bot)
    await rememberApprovals(approvedAt('p-1', NOON), bot)
    expect(await ownApprovals('U0ONCALL1', bot)).toEqual([{ proposalId: 'p-1', atMs: NOON + MINUTE }])
  })

  it('holds fifty, whatever order they come in', async () => {
    const bot = memoryBot()
    const numbers = Array.from({ length: 60 }, (_, n) => n)
    for (const n of [...numbers.slice(30), ...numbers.slice(0, 30)])
      await rememberApprovals(approvedAt(`p-${n}`, NOON + n), bot)
    const listed = await ownApprovals('U0ONCALL1', bot)
    expect(listed.map(({ proposalId }) => proposalId)).toEqual(
      numbers
        .slice(10)
        .toReversed()
        .map(n => `p-${n}`),
    )
  })

  it('is missing where the table fails, and the decision goes on', async () => {
    const bot = memoryBot()
    const store = { ...bot.store, getMarker: () => Promise.reject(new Error('throttled')) }
    await expect(rememberApprovals(approvedAt('p-1', NOON), { ...bot, store })).resolves.toBeUndefined()
  })
})
