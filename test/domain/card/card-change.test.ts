import { describe, expect, it } from 'vitest'
import { asPlainText, utc } from '../../../core/base/rich-text.ts'
import type { PolicyChange } from '../../../core/patch/patch.ts'
import type { Verification } from '../../../core/patch/verification/verification.ts'
import { cardOf, shownChanges } from '../../../functions/domain/card/card.ts'
import type { Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { CODE } from '../../fakes/bridge-world.ts'
import { approver, DIGEST, HOUR, NOON, sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'
import { all, applied, CONFIG, card, changes, checksOf } from './card-fixture.ts'

describe('the change of a card', () => {
  it.each([
    ['approved', true],
    ['applying', true],
    ['applied', true],
    ['confirmed', true],
    ['reverting', true],
    ['reverted', false],
    ['failed', false],
    ['stale', false],
  ] as const)('is shown while it is %s: %s', (status, isShown) => {
    const shown = all(card({ status, applied }))
    expect(shown.includes('Change: Lets deployer pass app-task to ECS tasks')).toBe(isShown)
  })

  it('is called new where no document was there, and of many the first are shown', () => {
    const [change] = changes
    if (change === undefined) throw new Error('it changes something')
    const titlesOf = (list: readonly PolicyChange[]) =>
      shownChanges(sampleProposal({ patch: { digest: DIGEST, changes: list } })).map(({ title }) => asPlainText(title))
    const before = { Version: '2012-10-17', Statement: [] }
    expect(titlesOf([change])[0]).toMatch(/^New: /)
    expect(titlesOf([{ ...change, before }])[0]).toMatch(/^Change: /)
    expect(titlesOf([change, { ...change, required: false }])).toHaveLength(1)
    const many = titlesOf(Array.from({ length: 12 }, () => change))
    expect(many.at(-1)).toMatch(/^\d+ more changes: see Details$/)
    expect(Number.parseInt(many.at(-1) ?? '', 10)).toBe(12 - (many.length - 1))
  })

  it('asks once more before the denial alone is approved, where that is more than a low risk', () => {
    const { patch, verification, followUps } = sampleProposal()
    const nothing = { place: null, isMade: false, needs: [], unnamed: 0, refused: [], unread: null }
    const confirmOf = (risk: 'low' | 'elevated') => {
      const alone = { patch, followUps, verification: { ...verification, risk } }
      const { buttons } = card({ template: { ...nothing, alone } })
      return buttons.find(({ action }) => action === 'approve-alone')?.confirm
    }
    expect(confirmOf('low')).toBeNull()
    expect(confirmOf('elevated')).not.toBeNull()
  })
})

describe('the checks of a card', () => {
  const { proof: _, ...BEFORE_PROOFS } = VERIFICATION
  const controls = (changed: number, counterexample: Verification['counterexample']) =>
    checksOf({ verification: { ...BEFORE_PROOFS, controls: { evaluated: 12, changed }, counterexample } })
  const example = {
    ...{ action: 's3:GetObject', resource: 'arn:aws:s3:::orders/x', principalArn: 'p', roleArn: null, context: {} },
  }
  it('say that nothing else is opened only where that is proved for nobody else', () => {
    const proved = (
      outcome: 'nothing-else' | 'others-too' | 'more',
      detail: string | null,
      counterexample: Verification['counterexample'] = null,
    ) => checksOf({ verification: { ...VERIFICATION, proof: { outcome, detail }, counterexample } })
    expect(proved('nothing-else', null)[1]).toBe('pass: proved: opens nothing else')
    expect(proved('others-too', 'reporting is a managed policy: 2 more that have it get it too.')[0]).toBe(
      'warn: proved: opens this alone, and for others too. reporting is a managed policy: 2 more that have it get it too.',
    )
    expect(proved('more', 'it allows s3:*')[0]).toBe('refuse: not proved to open nothing else: it allows s3:*')
    expect(proved('more', 'it allows s3:*', example)[0]).toBe(
      'refuse: not proved to open nothing else: it allows s3:*, such as s3:GetObject on arn:aws:s3:::orders/x',
    )
  })

  it('of what was verified before there was a proof name a request that would change too, if one is known', () => {
    expect(controls(1, example)[0]).toBe(
      'refuse: 1 similar request would change too, such as s3:GetObject on arn:aws:s3:::orders/x',
    )
    expect(controls(2, null)[0]).toBe('refuse: 2 similar requests would change too')
    expect(controls(0, null)).toContain('pass: 12 similar requests checked, none changes')
  })
})

describe('what a card says about time', () => {
  const hours = [null, 1, 8, 72] as const
  const requesters = [{ kind: 'machine' }, { kind: 'person', userId: 'U0ONCALL9' }] as const
  const given = [
    [],
    [{ limitHours: null, agoH: 1 }],
    [{ limitHours: 2, agoH: 1 }],
    [{ limitHours: 2, agoH: 3 }],
  ] as const
  const modes = ['approve', 'recommend'] as const

  it('is true of the button that stands first, over settings, requesters, approvals and modes', () => {
    let count = 0
    for (const limitedGrantHours of hours)
      for (const requester of requesters)
        for (const earlier of given)
          for (const mode of modes)
            for (const withCode of [false, true]) {
              const approvals = earlier.map(({ limitHours, agoH }) => ({
                ...{
                  by: { id: 'U0ONCALL1', name: 'anna' },
                  atMs: NOON - agoH * HOUR,
                  limitHours,
                  reason: null,
                  signed: null,
                },
              }))
              const proposal = {
                ...sampleProposal({ requester, approvals, verification: { ...VERIFICATION, approvers: 2 } }),
                ...(withCode ? { code: CODE } : {}),
              } as Proposal
              const config = { ...CONFIG, limitedGrantHours }
              const shown = cardOf(proposal, {
                config,
                mode: { mode, setting: 'mode', unread: null },
                nowMs: NOON,
                needed: 2,
                mayApprove: approver('U0ONCALL1'),
              })
              const text = all(shown)
              const primary = shown.buttons.find(({ style }) => style === 'primary')?.action ?? null
              const byButton =
                primary === 'approve-limited'
                  ? limitedGrantHours
                  : primary === 'approve-with-pull'
                    ? config.bridgeHours
                    : null
              const ends = [
                ...approvals
                  .filter(one => one.limitHours !== null && one.atMs + one.limitHours * HOUR > NOON)
                  .map(one => one.atMs + (one.limitHours ?? 0) * HOUR),
                ...(byButton === null ? [] : [NOON + byButton * HOUR]),
              ]
              const printed = /by itself (\d{4}-\d\d-\d\d \d\d:\d\d UTC)/.exec(text)?.[1] ?? null
              if (mode === 'recommend') expect(printed).toBe(null)
              else expect(printed).toBe(ends.length === 0 ? null : utc(Math.min(...ends)))
              if (printed !== null) count += 1
            }
    expect(count).toBeGreaterThan(0)
  })
})
