import { describe, expect, it } from 'vitest'
import type { AccessSnapshot, Identity } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { SourcedPolicy } from '../../../core/iam/policy/sourced-policy.ts'
import type { Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { lastChangeSettledMs, settleEndMs } from '../../../functions/domain/proposal/settled-at.ts'
import { MINUTE, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

const SECOND = 1_000
const SETTLE = { settleSeconds: 60 }
const policy = (changedAtMs?: number) => ({ ...(changedAtMs === undefined ? {} : { changedAtMs }) }) as SourcedPolicy
const entity = (given: Partial<Identity>) => ({
  kind: 'found' as const,
  value: { policies: [], boundary: { kind: 'absent' }, ...given } as unknown as Identity,
})
const snapshot = (caller: Partial<Identity>, target: Partial<Identity> = {}) =>
  ({ caller: entity(caller), targets: [{ arn: 'a', role: entity(target), near: null }] }) as unknown as AccessSnapshot

describe('the settle time of a denial', () => {
  it('is counted from when it was first seen, for one without a proposal', () => {
    expect(settleEndMs({ proposalId: null, firstSeenMs: NOON }, { settleSeconds: 60 })).toBe(NOON + MINUTE)
    expect(settleEndMs({ proposalId: 'p-1', firstSeenMs: NOON }, { settleSeconds: 60 })).toBe(0)
  })

  it.each<[string, Partial<Identity>, Partial<Identity>, Proposal | null, number]>([
    ['nothing that is seen', {}, {}, null, 0],
    ['a policy without a date', { policies: [policy()] }, {}, null, 0],
    ['a new caller', { createdAtMs: NOON - 5 * SECOND }, {}, null, NOON + 55 * SECOND],
    ['a new role', {}, { createdAtMs: NOON - 5 * SECOND }, null, NOON + 55 * SECOND],
    ['a new version of a policy', { policies: [policy(NOON - SECOND), policy(NOON - 9)] }, {}, null, NOON + MINUTE - 9],
    ['a new boundary', { boundary: { kind: 'found', value: policy(NOON - 7) } }, {}, null, NOON + MINUTE - 7],
    ['a date that has not come', { createdAtMs: NOON + SECOND }, {}, null, 0],
  ])('is counted from the last change: %s', (_, caller, target, current, settledMs) => {
    expect(lastChangeSettledMs(snapshot(caller, target), current, SETTLE, NOON)).toBe(settledMs)
  })

  it('is as short as the configuration says, and a minute at most', () => {
    const at = (settleSeconds: number) =>
      lastChangeSettledMs(snapshot({ createdAtMs: NOON }), null, { settleSeconds }, NOON) - NOON
    expect([0, 10, 60, 900].map(at)).toEqual([0, 10 * SECOND, MINUTE, MINUTE])
  })

  it('is counted from what rolemedic itself wrote or took away, and from a write that the event history showed', () => {
    const at = (current: Proposal) => lastChangeSettledMs(snapshot({}), current, SETTLE, NOON + 10 * MINUTE)
    const applied = sampleProposal({ status: 'applied' })
    const reverted = sampleProposal({ status: 'reverted' })
    expect(at(applied)).toBe(applied.applied.atMs + MINUTE)
    expect(at(reverted)).toBe(reverted.reverted.atMs + MINUTE)
    const write = { id: 'e', atMs: NOON + MINUTE, eventName: 'DeleteRolePolicy', by: null, target: 'r', subject: null }
    const whatChanged = {
      seenAtMs: NOON,
      isFinal: true,
      outcome: 'found',
      write,
      lost: null,
      othersClosed: false,
    } as const
    expect(at(sampleProposal({ whatChanged }))).toBe(NOON + 2 * MINUTE)
  })
})
