import { describe, expect, it } from 'vitest'
import type { Result } from '../../../core/base/result.ts'
import type { Run } from '../../../core/runs/index.ts'
import {
  hasEnded,
  isObserved,
  isStanding,
  type Proposal,
  type ProposalOf,
  questionOf,
  type Status,
} from '../../../functions/domain/proposal/proposal.ts'
import { isPullOpen } from '../../../functions/domain/proposal/pull-request.ts'
import * as states from '../../../functions/domain/proposal/transitions.ts'
import { type Changed, HOUR, MINUTE, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'

const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const CARD = { conversation: 'C0DEPLOYS', message: '1.2' }
const WHY = { code: 'drift', message: 'Somebody changed the policy.', owner: null }
const TIMING = { reminderMinutes: 30, unusedGrantDays: null }
const LATER = NOON + 9 * HOUR
const APPROVAL = { by: ANNA, atMs: NOON, limitHours: null, reason: null, signed: null }
const OUTCOME = { changes: [], atMs: LATER, endsAtMs: null, answer: 'allowed' as const }

const RUN: Run = {
  ...{ tool: 'codebuild', client: null, id: '7', url: null, repository: null, ref: null, workflow: null, actor: null },
  ...{ person: null, chain: [], claimed: ['tool', 'id'] },
}

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
  const before = sampleProposal({ status: from, run: RUN } as unknown as Changed<S>)
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
    expect(after?.run).toEqual(RUN)
    // Only a card that is posted now is looked up.
    const fields = Object.keys(after ?? {}).filter(name => name !== 'successLooks')
    expect(fields.sort()).toEqual(['run', ...Object.keys(sampleProposal({ status }))].sort())
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

  it('comes for every end that sweep must carry on from, after the two minutes of a repair', () => {
    const soon = { dueAtMs: LATER + 2 * MINUTE }
    const applying = sampleProposal({ status: 'applying' })
    expect(states.failed(applying, WHY, LATER)).toMatchObject(soon)
    expect(states.stale(applying, WHY, LATER)).toMatchObject(soon)
    expect(states.expired(sampleProposal(), LATER)).toMatchObject(soon)
    expect(states.expired(sampleProposal({ status: 'drafted' }), LATER)).toMatchObject(soon)
    expect(states.confirmed(sampleProposal({ status: 'applied' }), LATER)).toMatchObject(soon)
    expect(states.reverted(sampleProposal({ status: 'reverting' }), LATER)).toMatchObject(soon)
    expect(states.renewalAsked(sampleProposal({ dueAtMs: LATER + HOUR }), 'p-0', LATER)).toMatchObject(soon)
    expect(states.renewalAsked(sampleProposal({ dueAtMs: LATER }), 'p-0', LATER)).toMatchObject({ dueAtMs: LATER })
  })

  it('stays at the end of a time-limited grant that is confirmed', () => {
    const ends = (endsAtMs: number | null) => {
      const applied = sampleProposal({ status: 'applied', applied: { ...OUTCOME, endsAtMs } })
      return states.confirmed(applied, LATER).dueAtMs
    }
    expect(ends(LATER + MINUTE)).toBe(LATER + MINUTE)
    expect(ends(LATER + HOUR)).toBe(LATER + 2 * MINUTE)
    expect(ends(null)).toBe(LATER + 2 * MINUTE)
  })

  it('at an open card is for its reminder, its end or its renewal, whatever comes first', () => {
    const dueOf = (changed: Changed<'open'>) =>
      states.settled(states.reminded(sampleProposal(changed), TIMING, NOON + 31 * MINUTE), TIMING)
    const open = { createdAtMs: NOON, remindersSent: 0, expiresAtMs: NOON + 8 * HOUR, renewal: null }
    expect(dueOf(open).dueAtMs).toBe(NOON + 90 * MINUTE)
    expect(dueOf({ ...open, expiresAtMs: NOON + HOUR }).dueAtMs).toBe(NOON + HOUR)
    const renewal = { after: 'p-0', atMs: NOON + 40 * MINUTE }
    expect(dueOf({ ...open, renewal }).dueAtMs).toBe(NOON + 42 * MINUTE)
  })

  it('does not come for a card that is only information', () => {
    const opened = states.opened(sampleProposal({ status: 'drafted', patch: null }), CARD, TIMING, NOON)
    expect(opened).toMatchObject({ status: 'closed', dueAtMs: null })
  })
})

describe('a reminder', () => {
  it.each([
    [0, 30],
    [1, 90],
    [2, 210],
    [3, 450],
  ])('after %i earlier ones comes %i minutes after the card', (sent, minutes) => {
    expect(states.reminderAtMs({ createdAtMs: NOON }, TIMING, sent)).toBe(NOON + minutes * MINUTE)
  })

  it.each([
    [31, 1],
    [90, 2],
    [91, 2],
    [209, 2],
    [210, 3],
  ])('at minute %i makes %i of them sent, as several at once are one', (minute, sent) => {
    const open = sampleProposal({ createdAtMs: NOON, remindersSent: 0 })
    expect(states.reminded(open, TIMING, NOON + minute * MINUTE).remindersSent).toBe(sent)
  })

  it('leaves the card due, as an approval may wait for its record', () => {
    const open = sampleProposal({ createdAtMs: NOON, remindersSent: 0, dueAtMs: NOON + 29 * MINUTE })
    expect(states.reminded(open, TIMING, NOON + 31 * MINUTE).dueAtMs).toBe(NOON + 29 * MINUTE)
  })
})

describe('what was begun', () => {
  const asked = { digest: 'sha256:1', atMs: NOON, times: 2 }
  it('goes on with the next lease of the same change, and is none after an approval', () => {
    const again = sampleProposal({ status: 'applying', asked, leaseUntilMs: LATER - 1 })
    expect(value(states.applying(again, MINUTE, LATER))).toMatchObject({ asked })
    expect(value(states.applying(sampleProposal({ status: 'approved' }), MINUTE, LATER))).toMatchObject({ asked: null })
  })

  it('of an open card is kept by its expiry: who approved, and where the card stands', () => {
    const open = sampleProposal({ approvals: [APPROVAL], card: CARD })
    expect(states.expired(open, LATER)).toMatchObject({ approvals: [APPROVAL], card: CARD })
    expect(states.expired(sampleProposal({ status: 'drafted' }), LATER)).toMatchObject({ approvals: [], card: null })
  })
})

it.each<[Status, boolean]>([
  ['drafted', false],
  ['open', false],
  ['approved', false],
  ['applying', false],
  ['applied', false],
  ['reverting', false],
  ['confirmed', true],
  ['reverted', true],
  ['rejected', true],
  ['expired', true],
  ['failed', true],
  ['stale', true],
  ['closed', true],
])('%s has ended: %s', (status, ended) => {
  expect(hasEnded(status)).toBe(ended)
})

it('is confirmed after a quarter of an hour without a repeat', () => {
  expect(states.CONFIRM_MS).toBe(900_000)
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

describe('a grant in use', () => {
  const DAY = 24 * HOUR
  const use = {
    lookedAtMs: LATER,
    wholeSinceMs: LATER,
    unseen: null,
    lastUsedAtMs: null,
    question: null,
    kept: null,
  }
  const asking = { reminderMinutes: 30, unusedGrantDays: 30 }
  const question = { atMs: LATER + MINUTE, card: CARD, isSeen: true }
  const standing = (endsAtMs: number | null = null) =>
    sampleProposal({ status: 'confirmed', applied: { ...OUTCOME, endsAtMs }, dueAtMs: LATER })

  it('is looked at a day after the last look, and two minutes after it was asked for if that is lost', () => {
    expect(states.lookAsked(standing(), LATER).dueAtMs).toBe(LATER + DAY)
    expect(states.lookAsked(standing(LATER + HOUR), LATER).dueAtMs).toBe(LATER + HOUR)
    expect(states.looked(standing(), use, asking, LATER)).toMatchObject({
      use,
      dueAtMs: LATER + DAY,
      updatedAtMs: LATER,
    })
  })

  it('keeps what people were asked and said, whatever the look brings', () => {
    const asked = states.asked(standing(), use, question)
    expect(asked).toMatchObject({ use: { ...use, question }, updatedAtMs: question.atMs })
    const kept = states.keptBy(asked, asked.use ?? use, ANNA, LATER + HOUR)
    expect(kept).toMatchObject({
      use: { question, kept: { by: ANNA, atMs: LATER + HOUR, signed: null } },
      dueAtMs: LATER + HOUR + 2 * MINUTE,
      updatedAtMs: LATER + HOUR,
    })
    const later = states.looked(kept, { ...use, lookedAtMs: LATER + DAY }, asking, LATER + DAY)
    expect(later.use).toEqual({ ...kept.use, lookedAtMs: LATER + DAY })
  })

  it.each<[string, number | null, number | null, boolean]>([
    ['is due from the day after its last look on', 30, null, true],
    ['is never due where people are not asked', null, null, false],
    ['is never due where it ends before anybody could call it unused', 30, LATER + 30 * DAY, false],
    ['is due where it ends after that', 30, LATER + 30 * DAY + 1, true],
  ])('%s', (_, unusedGrantDays, endsAtMs, due) => {
    const grant = { ...standing(endsAtMs), use }
    const timing = { reminderMinutes: 30, unusedGrantDays }
    expect(states.isLookDue(grant, timing, LATER + DAY)).toBe(due)
    expect(states.isLookDue(grant, timing, LATER + DAY - 1)).toBe(false)
    // An hour before its end, people are asked whether it is to stay.
    const offered = endsAtMs === null ? null : endsAtMs - HOUR
    const settled = due ? LATER + DAY : offered
    expect(states.settled(grant, timing).dueAtMs).toBe(settled)
  })

  it('whose revert failed stands, with the reason, and is due for its card, or in a day where its time is over', () => {
    const failed = (endsAtMs: number | null) => {
      const reverting = sampleProposal({ status: 'reverting', applied: { ...OUTCOME, endsAtMs } })
      return states.revertFailed(reverting, WHY, LATER)
    }
    expect(failed(null)).toMatchObject({ status: 'applied', failure: WHY, dueAtMs: LATER + 2 * MINUTE })
    expect(failed(LATER + HOUR).dueAtMs).toBe(LATER + 2 * MINUTE)
    expect(failed(LATER).dueAtMs).toBe(LATER + DAY)
    const kept = states.bridgeKept(sampleProposal({ status: 'reverting' }), LATER)
    expect(kept).toMatchObject({ status: 'applied', failure: null, dueAtMs: LATER + 2 * MINUTE })
  })
})

describe('a proposal with a pull request', () => {
  const pull = {
    state: 'open',
    number: 12,
    url: 'https://github.com/acme/orders/pull/12',
    why: null,
    snippet: null,
    pollAtMs: NOON + HOUR,
    aloneAtMs: null,
    reminders: 0,
    coveredSinceMs: null,
  } as const
  const confirmed = (changed: Changed<'confirmed'>) => sampleProposal({ status: 'confirmed', ...changed })
  const grantUntil = (endsAtMs: number | null) => ({ ...OUTCOME, endsAtMs })

  it.each<[string, number | null, number | null, number | null, number | null]>([
    ['is due for it alone where nothing else is', null, NOON + HOUR, NOON + HOUR, NOON + HOUR],
    ['is due for it alone where it comes first', NOON + 2 * HOUR, NOON + HOUR, NOON + HOUR, NOON + HOUR],
    ['is due for both where they come together', NOON + HOUR, NOON + HOUR, NOON + HOUR, null],
    ['is due for what comes before it', NOON + MINUTE, NOON + HOUR, NOON + MINUTE, null],
    ['is due for the rest where it is followed no more', NOON + HOUR, null, NOON + HOUR, null],
  ])('%s', (_, endsAtMs, pollAtMs, dueAtMs, aloneAtMs) => {
    const settled = states.settled(confirmed({ applied: grantUntil(endsAtMs), pull: { ...pull, pollAtMs } }), TIMING)
    expect(settled).toMatchObject({ dueAtMs, pull: { aloneAtMs } })
  })

  it('is due for it alone only at that very time', () => {
    const due = (dueAtMs: number, aloneAtMs: number | null) =>
      states.isDueForPullAlone(confirmed({ dueAtMs, pull: { ...pull, aloneAtMs } }))
    expect(due(NOON, NOON)).toBe(true)
    expect(due(NOON, NOON + 1)).toBe(false)
    expect(due(NOON, null)).toBe(false)
    expect(states.isDueForPullAlone(confirmed({ dueAtMs: null }))).toBe(false)
  })

  it('waits for the rest as before once its pull request was seen', () => {
    const seen = { ...pull, state: 'merged', pollAtMs: NOON + 3 * HOUR } as const
    const alone = confirmed({ applied: grantUntil(NOON + 5 * HOUR), dueAtMs: NOON, pull: { ...pull, aloneAtMs: NOON } })
    expect(states.pullSeen(alone, seen, TIMING)).toMatchObject({
      dueAtMs: NOON + 3 * HOUR,
      pull: { state: 'merged', aloneAtMs: NOON + 3 * HOUR },
    })
    const busy = confirmed({ applied: grantUntil(NOON + 5 * HOUR), dueAtMs: NOON + MINUTE, pull })
    expect(states.pullSeen(busy, seen, TIMING)).toMatchObject({
      dueAtMs: NOON + MINUTE,
      pull: { state: 'merged', aloneAtMs: null },
    })
  })

  it('has it polled at once when the change is reverted, as it may have to be closed', () => {
    const after = states.reverted(sampleProposal({ status: 'reverting', pull }), LATER)
    expect(after).toMatchObject({ pull: { ...pull, pollAtMs: LATER, aloneAtMs: null }, dueAtMs: LATER + 2 * MINUTE })
    expect(states.reverted(sampleProposal({ status: 'reverting' }), LATER)).not.toHaveProperty('pull')
  })

  it.each([
    ['asked', true],
    ['waiting', true],
    ['open', true],
    ['merged', false],
    ['closed', false],
    ['current', false],
    ['snippet', false],
    ['failed', false],
  ] as const)('may still be merged or closed while it is %s: %s', (state, open) => {
    expect(isPullOpen({ state })).toBe(open)
  })
})

describe('what is settled', () => {
  it.each(['reverted', 'rejected', 'expired', 'failed', 'stale', 'closed'] as const)(
    'is %s, and never due again',
    status => {
      expect(states.settled(sampleProposal({ status } as Changed<typeof status>), TIMING).dueAtMs).toBeNull()
    },
  )

  it.each(['drafted', 'approved', 'applying', 'reverting'] as const)('stays due as it was while it is %s', status => {
    const proposal = sampleProposal({ status, dueAtMs: NOON + 7 } as Changed<typeof status>)
    expect(states.settled(proposal, TIMING).dueAtMs).toBe(NOON + 7)
  })

  it('is due again in two minutes after work was sent again, or a fault let its lease go', () => {
    expect(states.requeued(sampleProposal(), LATER)).toMatchObject({ dueAtMs: LATER + 2 * MINUTE, updatedAtMs: LATER })
    const held = sampleProposal({ status: 'applying', leaseUntilMs: LATER + HOUR })
    expect(states.released(held, LATER)).toMatchObject({ leaseUntilMs: null, dueAtMs: LATER + 2 * MINUTE })
  })
})

it('that waits for CloudTrail’s record is approved, says so, and is due in two minutes', () => {
  const waiting = states.waitingForRecord(sampleProposal({ status: 'applying' }), LATER)
  expect(waiting).toMatchObject({ status: 'approved', waitsForRecord: true, dueAtMs: LATER + 2 * MINUTE })
})

describe('a proposal', () => {
  it.each<[Status, boolean, boolean]>([
    ['drafted', false, false],
    ['open', true, false],
    ['approved', true, false],
    ['applying', false, false],
    ['applied', true, true],
    ['confirmed', true, true],
    ['reverting', false, true],
    ['reverted', false, false],
    ['rejected', false, false],
    ['closed', true, false],
  ])('that is %s counts repeats: %s; and its change stands: %s', (status, repeats, stands) => {
    const proposal = sampleProposal({ status } as Changed<Status>)
    expect(states.isRepeatable(proposal)).toBe(repeats)
    expect(isStanding(proposal)).toBe(stands)
  })

  it('is observed by the code of its refusal, and by no other', () => {
    const closed = (code: string) =>
      sampleProposal({ status: 'closed', refusal: { code, message: 'recorded', owner: null } })
    expect(isObserved(closed('observed'))).toBe(true)
    expect(isObserved(closed('explicit-deny'))).toBe(false)
    expect(isObserved(sampleProposal())).toBe(false)
  })

  it('has a question only where somebody was asked', () => {
    const question = { atMs: NOON, card: CARD, isSeen: true }
    const use = { lookedAtMs: NOON, wholeSinceMs: null, unseen: null, lastUsedAtMs: null, question, kept: null }
    expect(questionOf(sampleProposal({ status: 'confirmed', use }))).toEqual(question)
    expect(questionOf(sampleProposal({ status: 'confirmed' }))).toBeNull()
    expect(questionOf(sampleProposal())).toBeNull()
  })
})
