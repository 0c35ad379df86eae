import { describe, expect, it } from 'vitest'
import { type CauseState, causeStateOf, wasOver } from '../../../functions/domain/deploy/causes.ts'
import type { Proposal, Status } from '../../../functions/domain/proposal/proposal.ts'
import { HOUR, MINUTE, NOON, OUTCOME, ROLLS_OUT, sampleProposal } from '../../fakes/sample-proposal.ts'

const at = (status: Status): Proposal => sampleProposal({ status })
const seenAt = (lastSeenMs: number) => ({ count: 2, firstSeenMs: NOON, lastSeenMs })
const closedFor = (cause: 'already-allowed' | 'identity-gap') =>
  sampleProposal({ status: 'closed', diagnosis: { ...sampleProposal().diagnosis, cause } })

describe('the cause of a failed deploy', () => {
  it.each<[string, Proposal | null, CauseState]>([
    ['not analyzed', null, 'pending'],
    ['drafted', at('drafted'), 'open'],
    ['open', at('open'), 'open'],
    ['open without a change', sampleProposal({ patch: null }), 'no-patch'],
    ['approved', at('approved'), 'approved'],
    ['applying', at('applying'), 'approved'],
    ['applied', at('applied'), 'fixed'],
    ['confirmed', at('confirmed'), 'fixed'],
    [
      'applied, answer unknown',
      sampleProposal({ status: 'applied', applied: { ...OUTCOME, answer: 'unknown' } }),
      'fixed',
    ],
    [
      'applied, still denied',
      sampleProposal({ status: 'applied', applied: { ...OUTCOME, answer: 'denied' } }),
      'not-fixed',
    ],
    ['applied, and being rolled out', sampleProposal({ status: 'applied', applied: ROLLS_OUT }), 'approved'],
    [
      'applied, and denied when it was rolled out',
      sampleProposal({ status: 'applied', applied: { ...ROLLS_OUT, answeredAtMs: NOON + HOUR } }),
      'not-fixed',
    ],
    [
      'applied with a failure',
      sampleProposal({ status: 'applied', failure: { code: 'x', message: 'x', owner: null } }),
      'not-fixed',
    ],
    ['denied again an hour later', sampleProposal({ status: 'confirmed', repeats: seenAt(NOON + HOUR) }), 'not-fixed'],
    ['denied last before the change', sampleProposal({ status: 'confirmed', repeats: seenAt(NOON - MINUTE) }), 'fixed'],
    ['closed as allowed', closedFor('already-allowed'), 'fixed'],
    ['closed', closedFor('identity-gap'), 'no-patch'],
    ...(['reverting', 'reverted', 'rejected', 'expired', 'failed', 'stale'] as const).map(
      (status): [string, Proposal, CauseState] => [status, at(status), 'not-fixed'],
    ),
  ])('%s', (_, proposal, expected) => {
    expect(causeStateOf(proposal)).toBe(expected)
  })
})

describe('a round is over', () => {
  const over = (proposals: readonly (Proposal | null)[], beforeMs: number) =>
    wasOver(
      proposals.map(proposal => ({ fingerprint: 'f', confidence: 'probably' as const, proposal, joined: null })),
      beforeMs,
    )

  it.each<[Status, boolean]>([
    ['drafted', false],
    ['open', false],
    ['approved', false],
    ['applying', false],
    ['applied', true],
    ['confirmed', true],
    ['reverting', false],
    ['reverted', true],
    ['rejected', false],
    ['expired', true],
    ['failed', true],
    ['stale', true],
    ['closed', false],
  ])('with a cause that is %s: %s', (status, expected) => {
    expect(over([at(status)], NOON + 1)).toBe(expected)
  })

  it('only if every cause was settled before', () => {
    expect(over([at('applied')], NOON)).toBe(false)
    expect(over([at('applied')], NOON - 1)).toBe(false)
    expect(over([at('applied'), at('open')], NOON + 1)).toBe(false)
    expect(over([at('applied'), null], NOON + 1)).toBe(false)
    expect(over([at('applied'), at('stale')], NOON + 1)).toBe(true)
  })
})
