import { describe, expect, it } from 'vitest'
import type { Result } from '../../../functions/domain/base/result.ts'
import type { Proposal, ProposalOf, Status } from '../../../functions/domain/proposal/proposal.ts'
import * as states from '../../../functions/domain/proposal/transitions.ts'
import { type Changed, HOUR, MINUTE, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const CARD = { channel: 'C0DEPLOYS', ts: '1.2' }
const WHY = { code: 'drift', message: 'Somebody changed the policy.', owner: null }
const TIMING = { reminderMinutes: 30 }
const LATER = NOON + 9 * HOUR
const APPROVAL = { by: ANNA, atMs: NOON, limitHours: null, reason: null, signed: null }
const OUTCOME = { changes: [], atMs: LATER, endsAtMs: null, answer: 'allowed' as const }

/** Every transition, from each status that it leaves, with the status that it enters. */
const TRANSITIONS: readonly (readonly [string, Proposal, (() => Proposal) | null, Status])[] = [
  move('opened', 'drafted', from => states.opened(from, CARD, TIMING, LATER), 'open'),
  move('approved by one of two', 'open', from => states.approvedBy(from, APPROVAL, LATER), 'open'),
  move('approved', 'open', from => states.approved(from, APPROVAL, LATER), 'approved'),
  move('rejected', 'open', from => states.rejected(from, ANNA, 'no', LATER), 'rejected'),
  move('expired before it was posted', 'drafted', from => states.expired(from, LATER), 'expired'),
  move('expired', 'open', from => states.expired(from, LATER), 'expired'),
  move('reminded', 'open', from => states.reminded(from, TIMING, LATER), 'open'),
  move('marked for renewal', 'open', from => states.renewalAsked(from, 'p-0', LATER), 'open'),
  move('out of date before it was decided', 'open', from => states.stale(from, WHY, LATER), 'stale'),
  move('leased', 'approved', from => value(states.applying(from, MINUTE, LATER)), 'applying'),
  move('leased again', 'applying', from => value(states.applying(from, MINUTE, LATER)), 'applying'),
  move('applied', 'applying', from => states.applied(from, OUTCOME, null, LATER), 'applied'),
  move('failed', 'applying', from => states.failed(from, WHY, LATER), 'failed'),
  move('stale', 'applying', from => states.stale(from, WHY, LATER), 'stale'),
  move('confirmed', 'applied', from => states.confirmed(from, LATER), 'confirmed'),
  move('reverting', 'applied', from => states.reverting(from, ANNA, LATER), 'reverting'),
  move('reverting what was confirmed', 'confirmed', from => states.reverting(from, ANNA, LATER), 'reverting'),
  move('leased for a revert', 'reverting', from => value(states.revertLeased(from, MINUTE, LATER)), 'reverting'),
  move('reverted', 'reverting', from => states.reverted(from, LATER), 'reverted'),
  move('revert failed', 'reverting', from => states.revertFailed(from, WHY, LATER), 'applied'),
]

function move<S extends Status>(name: string, from: S, to: (from: ProposalOf<S>) => Proposal, status: Status) {
  const before = sampleProposal({ status: from } as Changed<S>)
  return [name, before, () => to(before), status] as const
}

function value<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error('refused')
  return result.value
}

describe.each(TRANSITIONS)('%s', (_, before, moved, status) => {
  it('enters its status with exactly the fields of that status', () => {
    const after = moved?.()
    expect(after?.status).toBe(status)
    expect(Object.keys(after ?? {}).sort()).toEqual(Object.keys(sampleProposal({ status })).sort())
  })

  it('leaves the version to the store, and the given proposal as it was', () => {
    const copy: unknown = JSON.parse(JSON.stringify(before))
    expect(moved?.().version).toBe(1)
    expect(before).toEqual(copy)
  })
})

describe('a lease', () => {
  const held = { leaseUntilMs: NOON + MINUTE }

  it('keeps a second worker out until it has passed', () => {
    const applying = sampleProposal({ status: 'applying', ...held })
    expect(states.applying(applying, MINUTE, NOON + MINUTE - 1)).toEqual({ ok: false, error: 'leased' })
    expect(states.applying(applying, MINUTE, NOON + MINUTE)).toMatchObject({
      ok: true,
      value: { leaseUntilMs: NOON + 2 * MINUTE, dueAtMs: NOON + 2 * MINUTE },
    })
    const reverting = sampleProposal({ status: 'reverting', ...held })
    expect(states.revertLeased(reverting, MINUTE, NOON + MINUTE - 1).ok).toBe(false)
    expect(states.revertLeased(reverting, MINUTE, NOON + MINUTE).ok).toBe(true)
  })
})

describe('the next look', () => {
  it('comes before what was begun can be forgotten', () => {
    const soon = { dueAtMs: LATER + 2 * MINUTE }
    const open = sampleProposal({ expiresAtMs: LATER + 8 * HOUR })
    expect(states.approved(open, APPROVAL, LATER)).toMatchObject(soon)
    expect(states.approvedBy(open, APPROVAL, LATER)).toMatchObject(soon)
    expect(states.rejected(open, ANNA, 'no', LATER)).toMatchObject(soon)
    expect(states.applied(sampleProposal({ status: 'applying' }), OUTCOME, null, LATER)).toMatchObject(soon)
    expect(states.reverting(sampleProposal({ status: 'applied' }), ANNA, LATER)).toMatchObject(soon)
  })

  it('comes no later than the end of a time-limited grant', () => {
    const outcome = { ...OUTCOME, endsAtMs: LATER + MINUTE }
    expect(states.applied(sampleProposal({ status: 'applying' }), outcome, null, LATER)).toMatchObject({
      dueAtMs: LATER + MINUTE,
    })
  })

  it('does not come for a card that is only information', () => {
    const opened = states.opened(sampleProposal({ status: 'drafted', patch: null }), CARD, TIMING, NOON)
    expect(opened).toMatchObject({ status: 'closed', dueAtMs: null })
  })
})

it('says that a change did not help only when it was denied after the minute that IAM takes', () => {
  const applied = (lastSeenMs: number, status: 'applied' | 'confirmed' | 'reverted' = 'applied'): Proposal =>
    sampleProposal({
      status,
      applied: { ...OUTCOME, atMs: NOON },
      repeats: { count: 2, firstSeenMs: NOON - HOUR, lastSeenMs },
    })
  expect(states.didNotHelp(applied(NOON + MINUTE))).toBe(false)
  expect(states.didNotHelp(applied(NOON + MINUTE + 1))).toBe(true)
  expect(states.didNotHelp(applied(NOON + MINUTE + 1, 'confirmed'))).toBe(true)
  expect(states.didNotHelp(applied(NOON + MINUTE + 1, 'reverted'))).toBe(false)
})
