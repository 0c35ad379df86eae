import { describe, expect, it } from 'vitest'
import { isOfNow } from '../../../functions/domain/authority/earlier-decision.ts'
import { cardOf } from '../../../functions/domain/card/card.ts'
import { APPROVE, approver, HOUR, NOON, sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'
import { decisionAbout, signedBy } from '../../fakes/signing.ts'
import { all, approval, CONFIG, card, labels, lines } from './card-fixture.ts'

describe('the buttons of a card whose approvers are not enough', () => {
  const labelsWith = (more: object, proposal = sampleProposal()) =>
    labels(
      cardOf(proposal, {
        config: CONFIG,
        mode: APPROVE,
        nowMs: NOON,
        needed: 2,
        mayApprove: approver('U0ADA'),
        ...more,
      }),
    )

  it('leave out what could never be enough, and keep Reject', () => {
    expect(labelsWith({})).toEqual(['Approve, no end', 'Reject…', 'Approve for 8 h', 'Details'])
    expect(labelsWith({ tooFew: 1 })).toEqual(['Reject…', 'Details'])
  })

  it('keep break-glass, which needs nobody else', () => {
    const config = { ...CONFIG, breakGlass: { group: 'S0GLASS', announceChannel: 'C0GLASS' } }
    expect(labelsWith({ tooFew: 0, config })).toEqual(['Reject…', 'Break glass…', 'Details'])
  })

  it('keep the denial alone where one person is enough for it', () => {
    const { patch, verification, followUps } = sampleProposal()
    const alone = { patch, verification, followUps }
    const nothing = { place: null, isMade: false, needs: [], unnamed: 0, refused: [], unread: null }
    const whole = sampleProposal({ template: { ...nothing, alone } })
    expect(labelsWith({ tooFew: 1 }, whole)).toEqual(['Reject…', 'Approve just this, no end', 'Details'])
    expect(labelsWith({ tooFew: 0 }, whole)).toEqual(['Reject…', 'Details'])
  })
})

describe('a card in a freeze', () => {
  const iso = (atMs: number) => new Date(atMs).toISOString()
  const { expiresAtMs } = sampleProposal()
  const shown = (...freezes: readonly { from?: string; until?: string }[]) =>
    lines(
      cardOf(sampleProposal(), {
        config: CONFIG,
        mode: { ...APPROVE, freezes: freezes.map(one => ({ name: 'year end', owner: 'release board', ...one })) },
        nowMs: NOON,
        needed: 1,
        mayApprove: approver('U0ADA'),
      }).lines,
    )

  it('asks nobody for an approval that cannot be given before it ends', () => {
    for (const until of [iso(expiresAtMs), iso(expiresAtMs + HOUR), undefined]) {
      const card = shown(until === undefined ? {} : { until })
      expect(card).toContain('🧊 Frozen')
      expect(card).toMatch(/^It ends .*, before the freeze does\.$/m)
      expect(card).not.toContain('Needs 1')
    }
    const inTurn = shown({ until: iso(NOON + HOUR) }, { from: iso(NOON + HOUR), until: iso(expiresAtMs) })
    expect(inTurn).not.toContain('Needs 1')
  })

  it('asks where the freeze is over before, or has not begun', () => {
    for (const freezes of [[{ until: iso(expiresAtMs - 1) }], [{ from: iso(NOON + HOUR) }], []])
      expect(shown(...freezes)).toMatch(/^Needs 1 of .* until /m)
    const gap = shown({ until: iso(NOON + HOUR) }, { from: iso(NOON + HOUR + 1), until: iso(expiresAtMs) })
    expect(gap).toContain('Needs 1')
  })
})

describe.each(['observe', 'recommend'] as const)('a card of an account in %s', mode => {
  const shown = (changed: Parameters<typeof sampleProposal>[0] = {}) =>
    cardOf(sampleProposal(changed), {
      config: CONFIG,
      mode: { mode, setting: 'mode', unread: null },
      nowMs: NOON,
      needed: 1,
      mayApprove: approver('U0ADA'),
    })

  it('has no button that decides, and names who makes the change and the line that moves up', () => {
    expect(labels(shown())).toEqual(['Details'])
    expect(lines(shown().status)).toMatch(/Who makes it: the owner of [^,]*111122223333[^,]*, who administers deployer/)
    expect(lines(shown().status)).toContain(
      mode === 'observe'
        ? 'The next mode up: "mode": "recommend" in rolemedic.config.json. Only "approve" gives such cards Approve.'
        : 'To have Approve on such cards: "mode": "approve" in rolemedic.config.json.',
    )
    expect(lines(shown().lines)).toContain('Change: Lets deployer pass app-task to ECS tasks')
    expect(lines(shown().lines)).not.toContain('one click')
  })

  it('keeps Revert for what stands', () => {
    const outcome = { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' } as const
    expect(labels(shown({ status: 'applied', applied: outcome } as never))).toEqual(['Revert', 'Details'])
  })
})

describe('a card whose approvers are not enough', () => {
  const shown = (more: object): string =>
    all(
      cardOf(sampleProposal(), {
        config: CONFIG,
        mode: APPROVE,
        nowMs: NOON,
        needed: 2,
        mayApprove: approver('U0ONCALL1'),
        ...more,
      }),
    )

  it('names who may not approve their own request, and how many are lacking', () => {
    const claimed = { kind: 'unknown', why: 'people can assume this role', claimed: 'U0JANE' } as const
    expect(shown({ leftOut: 'U0JANE', requester: claimed })).toContain('who the session claims to be.')
    expect(shown({ leftOut: 'U0JANE', tooFew: 1 })).toContain(
      'Only 1 of the 2 people needed may approve: add approvers to "approvers" in rolemedic.config.json.\nNot U0JANE, whose own denied request it is.\nPress Details after that: Approve comes back.',
    )
    expect(shown({ tooFew: 0 })).toContain(
      'Nobody may approve this: add approvers to "approvers" in rolemedic.config.json.',
    )
    expect(shown({ tooFew: null })).not.toContain('rolemedic.config.json')
  })
})

describe('a card with an approval of somebody who is an approver no more', () => {
  it('says that it does not count, and leaves it out of how many there are', () => {
    const waiting = {
      config: CONFIG,
      mode: APPROVE,
      nowMs: NOON,
      needed: 2,
      mayApprove: approver('U0ONCALL2'),
      had: [],
    }
    const shown = cardOf(sampleProposal({ approvals: [approval] }), waiting)
    expect(lines(shown.status)).toContain('The approval of ada does not count any more.\n')
    expect(all(shown)).toContain('Needs 2 of U0ONCALL2 until')
  })
})

describe('a card with an approval of a new member of the approver group', () => {
  const proposal = sampleProposal({ verification: { ...VERIFICATION, risk: 'high', approvers: 2 } })
  function shown(memberSinceMs: number | undefined): string {
    const decision = decisionAbout(proposal, { ...approval, kind: 'approve' })
    const { memberSinceMs: _, ...by } = isOfNow(decision) ? decision.by : expect.fail('an earlier form')
    const since = memberSinceMs === undefined ? by : { ...by, memberSinceMs }
    const signed = signedBy({ ...decision, by: since } as typeof decision)
    const waiting = { config: CONFIG, mode: APPROVE, nowMs: NOON, needed: 2, mayApprove: [], had: [] }
    return lines(cardOf({ ...proposal, approvals: [{ ...approval, signed }] } as typeof proposal, waiting).status)
  }

  it('says from when another press counts', () => {
    expect(shown(NOON - HOUR)).toContain(
      'The approval of ada does not count: they were first seen in the approver group less than 24 h before, and the risk is not low. They can press again after 2026-11-25 11:00 UTC.',
    )
  })

  it('says so where it could not be seen since when', () => {
    expect(shown(undefined)).toContain(
      'The approval of ada does not count: it could not be seen since when they are in the approver group. They can press again.',
    )
  })
})

describe('a card after approvals for different times', () => {
  it('says which time counts, and whose choice that was', () => {
    const ben = { by: { id: 'U0ONCALL2', name: 'ben' }, atMs: NOON, limitHours: 8, reason: null, signed: null }
    expect(lines(card({ status: 'approved', approvals: [approval, ben] }).status)).toContain(
      'It applies for 8 h, as ben approved only that.',
    )
    expect(lines(card({ status: 'approved', approvals: [ben] }).status)).not.toContain('applies for')
  })
})
