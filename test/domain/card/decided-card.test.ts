import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { cardOf } from '../../../functions/domain/card/card.ts'
import type { Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { APPROVE, HOUR, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'
import { ADA, all, applied, approval, CONFIG, card, labels, USE } from './card-fixture.ts'

describe('a decided card', () => {
  const decided: readonly (readonly [string, string, Partial<Proposal>, readonly string[]])[] = [
    ['Approved: ', 'The change is being written next.', { status: 'approved', approvals: [approval] }, ['Details']],
    [
      'Approved: ',
      'nothing is written yet: user/ada stopped granting 2026-11-24 12:00 UTC. The change is written once it goes on',
      { status: 'approved', approvals: [approval], stopped: { by: 'user/ada', sinceMs: NOON } },
      ['Details'],
    ],
    ['Applying: ', 'Applying the change.', { status: 'applying', approvals: [approval] }, ['Details']],
    ['Allowed now: ', 'the request is allowed now', { status: 'applied', applied }, ['Revert', 'Details']],
    [
      'Applied, not seen to work: ',
      'the request is still denied',
      { status: 'applied', applied: { ...applied, answer: 'denied' } },
      ['Revert', 'Details'],
    ],
    [
      'Applied, not seen to work: ',
      'could not be settled',
      { status: 'applied', applied: { ...applied, answer: 'unknown' } },
      ['Revert', 'Details'],
    ],
    [
      'Allowed now: ',
      'the request is allowed now.\nWhether the other accounts of the permission set have it is not known',
      { status: 'applied', applied: { ...applied, stillRuns: true } },
      ['Revert', 'Details'],
    ],
    [
      'Working again: ',
      'Whether the other accounts of the permission set have it is not known: Identity Center was still giving it to them.',
      { status: 'confirmed', applied: { ...applied, stillRuns: true } },
      ['Revert', 'Details'],
    ],
    [
      'Did not help: ',
      'denied again 2026-11-24 13:00 UTC. Revert it',
      { status: 'applied', applied, repeats: { count: 2, firstSeenMs: NOON, lastSeenMs: NOON + HOUR } },
      ['Revert', 'Details'],
    ],
    ['Working again: ', 'Confirmed: working again.', { status: 'confirmed', applied }, ['Revert', 'Details']],
    [
      'Working again: ',
      'It ends by itself 2026-11-24 20:00 UTC.',
      { status: 'confirmed', applied: { ...applied, endsAtMs: NOON + 8 * HOUR } },
      ['Revert', 'Details'],
    ],
    [
      'Taken away outside: ',
      'Taken away outside of rolemedic: 2026-11-24 13:00 UTC, nothing of it was in IAM. Revert closes it for good.',
      { status: 'confirmed', applied, use: { ...USE, goneAtMs: NOON + HOUR } },
      ['Revert', 'Details'],
    ],
    [
      'Being undone: ',
      'ada asked to undo it 2026-11-24 13:00 UTC. The change is being undone.',
      { status: 'reverting', applied, revertRequest: { by: ADA, atMs: NOON + HOUR, signed: null } },
      ['Details'],
    ],
    [
      'Reverted: ',
      'Reverted by ada, 2026-11-24 13:00 UTC: the policies are as before the change.',
      { status: 'reverted', applied, reverted: { by: ADA, atMs: NOON + HOUR } },
      ['Details'],
    ],
    [
      'Rejected: ',
      'Rejected by ada, 2026-11-24 12:00 UTC: wrong role. Nothing was changed.',
      { status: 'rejected', rejection: { by: ADA, atMs: NOON, reason: 'wrong role', signed: null } },
      ['Details'],
    ],
    [
      'Rejected: ',
      'Approved by ada, 2026-11-24 12:01 UTC.',
      { status: 'rejected', approvals: [approval], rejection: { by: ADA, atMs: NOON, reason: '', signed: null } },
      ['Details'],
    ],
    ['Expired: ', 'nobody decided in time, nothing was changed', { status: 'expired' }, ['Details']],
    ['Expired: ', 'Approved by ada, 2026-11-24 12:01 UTC.', { status: 'expired', approvals: [approval] }, ['Details']],
    [
      'Failed: ',
      'Failed: nothing was changed. IAM refused it.',
      { status: 'failed', failure: { code: 'x', message: 'IAM refused it.', owner: null } },
      ['Details'],
    ],
    [
      'Out of date: ',
      'Out of date, nothing was changed. The policy was edited.',
      { status: 'stale', failure: { code: 'x', message: 'The policy was edited.', owner: null } },
      ['Details'],
    ],
    [
      'Needs a person: ',
      'This needs a person: the change, or a part of it, still stands. Somebody edited it. (ask ada)',
      { status: 'applied', applied, failure: { code: 'drift', message: 'Somebody edited it.', owner: 'ada' } },
      ['Revert', 'Details'],
    ],
  ]

  it.each(decided)('%s%s', (head, expected, changed, left) => {
    const shown = card(changed)
    expect(asPlainText(shown.headline)).toContain(head)
    expect(all(shown)).toContain(expected)
    expect(labels(shown)).toEqual(left)
  })

  it('never says that it is allowed before it is', () => {
    for (const status of [
      'drafted',
      'open',
      'approved',
      'applying',
      'rejected',
      'expired',
      'failed',
      'stale',
      'reverted',
    ] as const)
      expect(`${asPlainText(card({ status }).headline)} ${all(card({ status }))}`).not.toMatch(/allowed now/i)
  })

  it('says first how it ended, and the change only while it stands', () => {
    expect(asPlainText(card({ status: 'applied', applied }).lines[0] ?? [])).toMatch(/^Applied .* allowed now/)
    expect(all(card({ status: 'applied', applied }))).toContain('Change: Lets deployer pass app-task to ECS tasks')
    expect(all(card({ status: 'rejected' }))).not.toContain('Change:')
  })

  it('that another change made unnecessary says so', () => {
    const failure = { code: 'allowed-meanwhile', message: 'the request is allowed now', owner: null }
    const shown = card({ status: 'stale', failure })
    expect(asPlainText(shown.headline)).toMatch(/^Allowed by now: /)
    expect(all(shown)).toContain('Nothing to approve any more. The request is allowed now')
  })
})

describe('what a lock screen shows of a card', () => {
  const ben = { id: 'U0ONCALL2', name: 'ben' }
  const shown = (changed: Partial<Proposal>, count: Partial<Parameters<typeof cardOf>[1]> = {}): string =>
    asPlainText(
      cardOf(sampleProposal(changed), {
        ...{ config: CONFIG, mode: APPROVE, nowMs: NOON, needed: 2, mayApprove: [] },
        ...count,
      }).notification,
    )
  const asked = 'Low risk: deployer was denied iam:PassRole on app-task in shop.'

  it('counts the approvals that are missing, and names whose count', () => {
    expect(shown({})).toBe(`${asked} 2 approvals needed.`)
    const approvals = [approval, { ...approval, by: ben }]
    expect(shown({ approvals: [approval] })).toBe(`${asked} Approved by ada. 1 more approval needed.`)
    expect(shown({ approvals }, { needed: 3, had: [ben.id] })).toBe(
      `${asked} Approved by ben. 2 more approvals needed.`,
    )
  })

  it('asks for no approval where none can be given', () => {
    expect(shown({}, { nowMs: NOON + 8 * HOUR })).toBe(`${asked} The time to decide has ended.`)
    expect(shown({}, { tooFew: 1 })).toBe(`${asked} Too few people may approve.`)
    expect(shown({}, { mode: { ...APPROVE, mode: 'recommend' } })).toBe(asked)
  })

  it('names those who approved what is granted, and nobody where somebody else acted since', () => {
    const approvals = [approval]
    expect(shown({ status: 'applied', applied, approvals })).toBe(
      'Allowed now: deployer may pass app-task in shop. Approved by ada.',
    )
    const rejection = { by: ben, atMs: NOON, reason: 'no', signed: null }
    expect(shown({ status: 'rejected', rejection, approvals } as never)).toBe(
      'Rejected: let deployer pass app-task in shop.',
    )
    const reverted = { by: ben, atMs: NOON }
    expect(shown({ status: 'reverted', applied, reverted, approvals } as never)).toBe(
      'Reverted: let deployer pass app-task in shop.',
    )
    expect(shown({ status: 'expired', approvals } as never)).toBe('Expired: let deployer pass app-task in shop.')
  })
})
