import { describe, expect, it } from 'vitest'
import { type Proposal, STATUSES, type Status } from '../../../functions/domain/proposal/proposal.ts'
import * as states from '../../../functions/domain/proposal/transitions.ts'
import { HOUR, MINUTE, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const CARD = { channel: 'C0DEPLOYS', ts: '1.2' }
const WHY = { code: 'drift', message: 'Somebody changed the policy.', owner: null }
const TIMING = { reminderMinutes: 30 }
const LATER = NOON + 9 * HOUR
const APPROVAL = { by: ANNA, atMs: NOON, limitHours: null, reason: null }
const OUTCOME = { changes: [], atMs: LATER, endsAtMs: null, answer: 'allowed' as const }

/** Every transition, with the statuses that it leaves and the one that it enters. */
const TRANSITIONS: readonly (readonly [string, (proposal: Proposal) => states.Moved, readonly Status[], Status])[] = [
  ['opened', proposal => states.opened(proposal, CARD, TIMING, LATER), ['drafted'], 'open'],
  ['approved by one of two', proposal => states.approved(proposal, APPROVAL, false, LATER), ['open'], 'open'],
  ['approved', proposal => states.approved(proposal, APPROVAL, true, LATER), ['open'], 'approved'],
  ['rejected', proposal => states.rejected(proposal, ANNA, 'no', LATER), ['open'], 'rejected'],
  ['expired', proposal => states.expired(proposal, LATER), ['drafted', 'open'], 'expired'],
  ['reminded', proposal => states.reminded(proposal, TIMING, LATER), ['open'], 'open'],
  ['applying', proposal => states.applying(proposal, MINUTE, LATER), ['approved', 'applying'], 'applying'],
  ['applied', proposal => states.applied(proposal, OUTCOME, LATER), ['applying'], 'applied'],
  ['failed', proposal => states.failed(proposal, WHY, LATER), ['approved', 'applying'], 'failed'],
  ['stale', proposal => states.stale(proposal, WHY, LATER), ['approved', 'applying'], 'stale'],
  ['confirmed', proposal => states.confirmed(proposal, LATER), ['applied'], 'confirmed'],
  ['reverting', proposal => states.reverting(proposal, ANNA, LATER), ['applied', 'confirmed'], 'reverting'],
  ['revert claimed', proposal => states.revertClaimed(proposal, MINUTE, LATER), ['reverting'], 'reverting'],
  ['reverted', proposal => states.reverted(proposal, LATER), ['reverting'], 'reverted'],
  ['revert failed', proposal => states.revertFailed(proposal, WHY, LATER), ['reverting'], 'applied'],
]

describe.each(TRANSITIONS)('%s', (_, move, from, to) => {
  const in_ = (status: Status): Proposal => sampleProposal({ status, revertRequest: { by: ANNA, atMs: NOON } })

  it('leaves exactly its own statuses, and enters one', () => {
    const left = STATUSES.filter(status => move(in_(status)).ok)
    expect(left).toEqual(STATUSES.filter(status => from.includes(status)))
    for (const status of left) {
      const moved = move(in_(status))
      expect(moved.ok && moved.value.status).toBe(to)
    }
  })

  it('leaves the version to the store, and the given proposal as it was', () => {
    for (const status of from) {
      const before = in_(status)
      const moved = move(before)
      expect(moved.ok && moved.value.version).toBe(1)
      expect(before).toEqual(in_(status))
    }
  })
})

describe('a lease', () => {
  const held = { leaseUntilMs: NOON + MINUTE, revertRequest: { by: ANNA, atMs: NOON } }

  it('keeps a second worker out until it has passed', () => {
    const applying = sampleProposal({ status: 'applying', ...held })
    expect(states.applying(applying, MINUTE, NOON + MINUTE - 1)).toMatchObject({ ok: false, error: { code: 'leased' } })
    expect(states.applying(applying, MINUTE, NOON + MINUTE)).toMatchObject({
      ok: true,
      value: { leaseUntilMs: NOON + 2 * MINUTE, dueAtMs: NOON + 2 * MINUTE },
    })
    const reverting = sampleProposal({ status: 'reverting', ...held })
    expect(states.revertClaimed(reverting, MINUTE, NOON + MINUTE - 1).ok).toBe(false)
    expect(states.revertClaimed(reverting, MINUTE, NOON + MINUTE).ok).toBe(true)
  })
})

describe('the next look', () => {
  it('comes before what was begun can be forgotten', () => {
    const soon = { dueAtMs: LATER + 2 * MINUTE }
    const open = sampleProposal({ expiresAtMs: LATER + 8 * HOUR })
    expect(states.approved(open, APPROVAL, true, LATER)).toMatchObject({ value: soon })
    expect(states.approved(open, APPROVAL, false, LATER)).toMatchObject({ value: soon })
    expect(states.rejected(open, ANNA, 'no', LATER)).toMatchObject({ value: soon })
    expect(states.applied(sampleProposal({ status: 'applying' }), OUTCOME, LATER)).toMatchObject({ value: soon })
    expect(states.reverting(sampleProposal({ status: 'applied' }), ANNA, LATER)).toMatchObject({ value: soon })
  })

  it('comes no later than the end of a time-limited grant', () => {
    const ending = { ...OUTCOME, endsAtMs: LATER + MINUTE }
    expect(states.applied(sampleProposal({ status: 'applying' }), ending, LATER)).toMatchObject({
      value: { dueAtMs: LATER + MINUTE },
    })
  })

  it('does not come for a card that is only information', () => {
    const told = states.opened(sampleProposal({ status: 'drafted', patch: null }), CARD, TIMING, NOON)
    expect(told).toMatchObject({ ok: true, value: { status: 'closed', dueAtMs: null } })
  })
})

it('says that a change did not help only when it was denied after the minute that IAM takes', () => {
  const applied = (lastSeenMs: number, status: Status = 'applied'): Proposal =>
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
