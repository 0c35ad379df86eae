import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../core/base/rich-text.ts'
import { cardOf } from '../../../functions/domain/card/card.ts'
import type { Status } from '../../../functions/domain/proposal/proposal.ts'
import { APPROVE, approver, DIGEST, HOUR, MINUTE, NOON, sampleProposal } from '../../fakes/sample-proposal.ts'
import { all, CONFIG, card, evidence, labels, lines } from './card-fixture.ts'

describe('a card after one that came to nothing', () => {
  const previous = { id: 'p-0', digest: DIGEST, why: 'the policy of deployer was changed after the card was made' }

  it('says that that one was out of date, and that its approvals do not count', () => {
    const shown = { previous: { ...previous, status: 'stale' } } as const
    expect(asPlainText(card(shown).lines[0] ?? [])).toBe(
      '⚠️ The earlier card went out of date; its approvals do not count here.',
    )
    expect(lines(evidence(shown).facts)).toContain('Before: proposal p-0, stale')
  })

  it('says why that one was not written', () => {
    expect(
      asPlainText(card({ previous: { ...previous, status: 'failed', why: 'IAM refused it.' } }).lines[0] ?? []),
    ).toBe('⚠️ An earlier change for this was approved and not written: IAM refused it.')
    expect(asPlainText(card({ previous: { id: 'p-0', status: 'failed' } }).lines[0] ?? [])).toMatch(
      /and not written\.$/,
    )
  })
})

describe('a card after an earlier grant', () => {
  const previous = { id: 'p-0', status: 'applied', digest: DIGEST } as const

  it('offers to revert the earlier grant first', () => {
    const shown = card({ previous })
    expect(asPlainText(shown.lines[0] ?? [])).toContain('An earlier grant did not help')
    expect(shown.buttons[0]).toMatchObject({
      action: 'revert',
      label: 'Revert the earlier grant',
      value: `p-0:${DIGEST}:p-1`,
    })
    expect(labels(shown)).toContain('Approve, no end')
  })

  it('offers it also when there is nothing new to approve', () => {
    expect(labels(card({ previous, status: 'closed', patch: null }))).toEqual(['Revert the earlier grant', 'Details'])
  })
})

describe('a card that asks whether a grant is to stay', () => {
  it('says when it ends above the buttons, and never that no policy allows the request', () => {
    const previous = { id: 'p-0', status: 'applied', withdrawn: true, renewedUntilMs: NOON + HOUR } as const
    const proposal = sampleProposal({ previous, expiresAtMs: NOON + HOUR - 2 * MINUTE })
    const shown = cardOf(proposal, {
      config: CONFIG,
      mode: APPROVE,
      nowMs: NOON,
      needed: 1,
      mayApprove: approver('U0ONCALL1'),
    })
    expect(shown.lines.map(asPlainText)).toContain('⚠️ This grant ends 2026-11-24 13:00 UTC.')
    expect(all(shown)).not.toContain('allows it yet')
  })
})
describe('a card after an earlier one', () => {
  const after = (status: Status, more: object = {}) =>
    asPlainText(card({ previous: { id: 'p-0', status, ...more } }).lines[0] ?? [])
  it.each<[Status, object, string | null]>([
    ['applied', {}, 'An earlier grant did not help. Revert it first.'],
    ['confirmed', {}, 'An earlier grant did not help. Revert it first.'],
    ['reverting', {}, 'An earlier grant did not help. Revert it first.'],
    ['applied', { withdrawn: true }, 'An earlier grant did not help. This change withdraws it.'],
    ['rejected', {}, 'This was rejected, or left to a pull request, before and is still being denied.'],
    ['expired', {}, 'An earlier card for this expired undecided.'],
    ['failed', {}, 'An earlier change for this was approved and not written.'],
    ['failed', { why: 'it was gone' }, 'An earlier change for this was approved and not written: it was gone.'],
    ['failed', { why: 'Was it gone?' }, 'An earlier change for this was approved and not written: Was it gone?'],
    ['stale', {}, 'The earlier card went out of date; its approvals do not count here.'],
    ['reverted', {}, 'An earlier grant for this was reverted.'],
  ])('that is %s says so: %j', (status, more, sentence) => {
    const shown = card({ previous: { id: 'p-0', status, ...more } })
    expect(shown.lines.map(asPlainText)).toContain(`⚠️ ${sentence}`)
  })

  it.each(['drafted', 'open', 'approved', 'applying', 'closed'] as const)('that is %s says nothing of it', status => {
    expect(after(status)).toBe(asPlainText(card().lines[0] ?? []))
  })
})
