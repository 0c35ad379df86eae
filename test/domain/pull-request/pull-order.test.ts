import { describe, expect, it } from 'vitest'
import { bridgeEndOf, orderOf, wantedOf } from '../../../functions/domain/pull-request/pull-order.ts'
import { APPROVAL, HOUR, NOON, OUTCOME, sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'

const PLACE = {
  repository: { host: 'github.com', repository: 'acme/iam', branch: 'main', paths: ['**'], kind: 'terraform' as const },
  entities: [{ arn: 'arn:aws:iam::111122223333:role/deployer', tags: {} }],
}
const BESIDE = { cardUrl: 'https://acme.slack.com/x', reminder: null }

describe('the pull request that a proposal wants', () => {
  it('is closed where the change itself is withdrawn', () => {
    for (const status of ['stale', 'expired', 'closed', 'rejected', 'reverted'] as const)
      expect([status, wantedOf(sampleProposal({ status }))]).toEqual([status, 'closed'])
    for (const status of [
      'drafted',
      'open',
      'approved',
      'applying',
      'applied',
      'confirmed',
      'reverting',
      'failed',
    ] as const)
      expect([status, wantedOf(sampleProposal({ status }))]).toEqual([status, 'open'])
  })

  it('stays open after a bridge that ended by itself, or a rejection that asks for it', () => {
    const { reverted } = sampleProposal({ status: 'reverted' })
    const byItself = { ...reverted, by: { id: 'rolemedic', name: 'rolemedic' } }
    expect(wantedOf(sampleProposal({ status: 'reverted', reverted: byItself }))).toBe('open')
    const { rejection } = sampleProposal({ status: 'rejected' })
    expect(wantedOf(sampleProposal({ status: 'rejected', rejection: { ...rejection, pullRequest: true } }))).toBe(
      'open',
    )
  })

  it('is ordered with the change and what is known of it', () => {
    expect(orderOf(sampleProposal(), 'open', BESIDE)).toBeNull()
    const order = orderOf(sampleProposal({ status: 'approved', code: PLACE }), 'open', BESIDE)
    expect(order).toMatchObject({ proposalId: 'p-1', wanted: 'open', place: PLACE, reminder: null })
    expect(order?.changes).toHaveLength(1)
    expect(order?.decisions.map(({ decision }) => decision.by.userId)).toEqual(['U0ONCALL1'])
    expect(order?.cardUrl).toBe('https://acme.slack.com/x')
    const [caller, resource] = ['role/111122223333/deployer', 'arn:aws:iam::111122223333:role/app-task']
    expect(order?.shown).toEqual({
      request: [caller, 'iam:PassRole', resource, '111122223333', null],
      summary: 'No identity policy of deployer allows iam:PassRole on app-task.',
      verification: VERIFICATION,
    })
  })

  it('is ordered with the required changes alone', () => {
    const { patch } = sampleProposal()
    const [first] = patch.changes
    if (first === undefined) throw new Error('it changes something')
    const followUp = { ...first, required: false }
    const two = { ...patch, changes: [first, followUp] }
    expect(orderOf(sampleProposal({ code: PLACE, patch: two }), 'open', BESIDE)?.changes).toHaveLength(1)
  })

  it('is not ordered for information', () => {
    expect(orderOf(sampleProposal({ status: 'closed', code: PLACE, patch: null }), 'closed', BESIDE)).toBeNull()
  })

  it('carries the signature of who rejected the grant', () => {
    const order = orderOf(sampleProposal({ status: 'rejected', code: PLACE, approvals: [APPROVAL] }), 'open', BESIDE)
    expect(order?.decisions.map(({ decision }) => decision.kind)).toEqual(['approve', 'reject'])
  })

  it('names the end of a bridge that stands', () => {
    const pull = {
      ...{ state: 'open' as const, number: 1, url: null, why: null, snippet: null, pollAtMs: null, aloneAtMs: null },
      ...{ reminders: 0, coveredSinceMs: null },
    }
    const applied = { ...OUTCOME, endsAtMs: NOON + HOUR }
    for (const status of ['applied', 'confirmed'] as const) {
      expect(bridgeEndOf(sampleProposal({ status, applied, pull }))).toBe(NOON + HOUR)
      expect(bridgeEndOf(sampleProposal({ status, applied }))).toBeNull()
    }
    expect(bridgeEndOf(sampleProposal({ status: 'reverting', applied, pull }))).toBeNull()
  })
})
