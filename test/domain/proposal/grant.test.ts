import { describe, expect, it } from 'vitest'
import type { Risk, VerifiedPatch } from '../../../core/patch/verification/verification.ts'
import type { EarlierDecision } from '../../../functions/domain/authority/earlier-decision.ts'
import type { Requester } from '../../../functions/domain/proposal/approval-policy.ts'
import {
  approvedPatch,
  type Grant,
  grantOf,
  patchDiffers,
  revertAuthority,
} from '../../../functions/domain/proposal/grant.ts'
import type { Approval, Approved, Reverting } from '../../../functions/domain/proposal/proposal.ts'
import {
  APPROVAL,
  HOUR,
  MINUTE,
  NOON,
  sampleProposal,
  type Unsigned,
  VERIFICATION,
} from '../../fakes/sample-proposal.ts'
import { decisionAbout, RING, signedBy, withSignatures } from '../../fakes/signing.ts'
import { IDENTITY_CHANGE, proposalWith, TRUST_CHANGE } from '../../fakes/two-sided.ts'

const ANNA = APPROVAL.by
const BEN = { id: 'U0ONCALL2', name: 'ben' }
const CLEO = { id: 'U0ONCALL3', name: 'cleo' }
const MACHINE: Requester = { kind: 'machine' }
const PERMANENT = { people: 'two-approvers', machines: 'always' } as const

const approval = (changed: Partial<Unsigned<Approval>> = {}): Unsigned<Approval> => ({
  by: ANNA,
  atMs: NOON,
  limitHours: null,
  reason: null,
  ...changed,
})
const approved = (...approvals: readonly Unsigned<Approval>[]): Approved =>
  proposalWith([TRUST_CHANGE, IDENTITY_CHANGE], { status: 'approved', approvals })

/** As if the cards had shown this when each was given. */
const seen = (proposal: Approved, shown: { approversNeeded?: number; risk?: Risk }): Approved => ({
  ...proposal,
  approvals: proposal.approvals.map(one => ({
    ...one,
    signed: one.signed === null ? null : signedBy({ ...one.signed.decision, ...shown }),
  })),
})

function grant(proposal: Approved): Grant {
  const made = grantOf(proposal, RING)
  if (!made.ok) throw new Error(made.error.why)
  return made.value
}
const whyForged = (proposal: Approved): string => {
  const made = grantOf(proposal, RING)
  return made.ok ? 'nothing' : made.error.why
}

const SIGNED = approved(approval())
const [FIRST] = SIGNED.approvals
if (FIRST?.signed == null) throw new Error('the sample is not signed')
const { signature } = FIRST.signed
const DECISION = FIRST.signed.decision as EarlierDecision

describe('a grant', () => {
  it('leaves out what a person approved without an end, and for a limited time since', () => {
    const { decisions, endsAtMs } = grant(
      approved(approval({ limitHours: 8, atMs: NOON + HOUR }), approval(), approval({ by: BEN, atMs: NOON + 1 })),
    )
    expect(decisions.map(({ by, endsAtMs }) => [by.userId, endsAtMs])).toEqual([
      [BEN.id, null],
      [ANNA.id, NOON + 9 * HOUR],
    ])
    expect(endsAtMs).toBe(NOON + 9 * HOUR)
  })

  it('holds the writes of the signed patch, trust last', () => {
    const { writes, endsAtMs, approvals } = grant(SIGNED)
    expect(writes.map(({ target }) => target.kind)).toEqual(['role-inline-policy', 'role-trust-policy'])
    expect(writes.map(({ before, after }) => ({ before, after }))).toEqual([
      { before: null, after: IDENTITY_CHANGE.after },
      { before: TRUST_CHANGE.before, after: TRUST_CHANGE.after },
    ])
    expect(endsAtMs).toBeNull()
    expect(approvals).toHaveLength(1)
  })

  it('ends with the earliest end that an approver chose', () => {
    const both = [approval(), approval({ by: BEN, limitHours: 8, atMs: NOON + HOUR })]
    expect(grant(approved(...both)).endsAtMs).toBe(NOON + 9 * HOUR)
    const shorter = [approval({ limitHours: 2 }), ...both.slice(1)]
    expect(grant(approved(...shorter)).endsAtMs).toBe(NOON + 2 * HOUR)
    const until = JSON.stringify(grant(approved(...shorter)).writes)
    expect(until).toContain('"DateLessThan":{"aws:CurrentTime":"2026-11-24T14:00:00Z"}')
  })

  it('does not end with an approval whose time was over at the last one', () => {
    const over = approval({ limitHours: 1 })
    const ben = approval({ by: BEN, limitHours: 8, atMs: NOON + HOUR })
    expect(grant(approved(over, ben)).endsAtMs).toBe(NOON + 9 * HOUR)
    // A minute earlier, the first one counts, and ends what the second one approved.
    expect(grant(approved(over, { ...ben, atMs: NOON + HOUR - MINUTE })).endsAtMs).toBe(NOON + HOUR)
  })
})

describe('the approvals of a grant', () => {
  it('are in the order in which they were signed, however they are stored', () => {
    const both = approved(approval(), approval({ by: BEN, atMs: NOON + MINUTE }))
    const { approvals } = grant({ ...both, approvals: both.approvals.toReversed() })
    expect(approvals.map(({ by }) => by.id)).toEqual([ANNA.id, BEN.id])
  })
})

describe('a forged item', () => {
  const about = (facts: Partial<EarlierDecision>) => signedBy({ ...DECISION, ...facts })
  const signedAs = (facts: Partial<EarlierDecision>, changed: Partial<Approval> = {}): Approved => ({
    ...SIGNED,
    approvals: [{ ...FIRST, ...changed, signed: about(facts) }],
  })

  it.each<[string, Approved, string]>([
    ['that nobody approved', approved(), 'nobody has approved it'],
    ['with an approval that nobody signed', approved({ ...approval(), signed: null }), 'is not signed'],
    [
      'with one approval beside the signed one',
      { ...SIGNED, approvals: [FIRST, { ...FIRST, by: BEN, signed: null }] },
      'the approval by U0ONCALL2 is not signed',
    ],
    [
      'signed with another key',
      { ...SIGNED, approvals: [{ ...FIRST, signed: signedBy(DECISION, 'audit') }] },
      'does not carry a signature of decide',
    ],
    [
      'whose decision was changed after it was signed',
      { ...SIGNED, approvals: [{ ...FIRST, signed: { decision: { ...DECISION, approversNeeded: 2 }, signature } }] },
      'does not carry a signature of decide',
    ],
    ['with the approval of another proposal', signedAs({ proposalId: 'p-2' }), 'is about proposal p-2'],
    ['with the approval of another change', signedAs({ patchDigest: `sha256:${'9'.repeat(64)}` }), 'another change'],
    ['with the approval of another denial', signedAs({ fingerprint: 'ffffffffffffffff' }), 'another denial'],
    ['with a rejection in the place of an approval', signedAs({ kind: 'reject' }), 'does not decide this'],
    ['with a revert in the place of an approval', signedAs({ kind: 'revert' }), 'does not decide this'],
    ['in which somebody else approved', signedAs({}, { by: BEN }), 'was given by U0ONCALL1'],
    ['in which the time was moved', signedAs({}, { atMs: NOON + 1 }), 'at another time'],
    ['in which the end was taken away', signedAs({ endsAtMs: NOON + HOUR }), 'has another end'],
    ['in which an approval was made break-glass', signedAs({}, { reason: 'it is night' }), 'is not a approve'],
    [
      'whose document was replaced',
      {
        ...SIGNED,
        patch: {
          ...SIGNED.patch,
          changes: [{ ...IDENTITY_CHANGE, after: { Version: '2012-10-17', Statement: [] } }, TRUST_CHANGE],
        },
      },
      'does not have the digest that is stored with it',
    ],
    [
      'whose document before was replaced, which an undoing would write',
      {
        ...SIGNED,
        patch: { ...SIGNED.patch, changes: [{ ...IDENTITY_CHANGE, before: TRUST_CHANGE.after }, TRUST_CHANGE] },
      },
      'does not have the digest that is stored with it',
    ],
    [
      'that lost one of its changes',
      { ...SIGNED, patch: { ...SIGNED.patch, changes: [IDENTITY_CHANGE] } },
      'the patch does not have the digest that is stored with it',
    ],
    [
      'whose whole patch was replaced, digests and all',
      withoutNewSignatures(proposalWith([IDENTITY_CHANGE], { status: 'approved', approvals: [approval()] })),
      'is about another change',
    ],
    [
      'whose denial is of another caller',
      { ...SIGNED, denial: { ...SIGNED.denial, principal: { ...SIGNED.denial.principal, name: 'admin' } } },
      'is about another denial',
    ],
  ])('%s grants nothing', (_, proposal, why) => {
    expect(whyForged(proposal)).toContain(why)
  })

  function withoutNewSignatures(proposal: Approved): Approved {
    return { ...proposal, approvals: SIGNED.approvals }
  }
})

describe('a patch', () => {
  it('differs where a document or the digest over all of them is another than is stored', () => {
    const { patch } = SIGNED
    expect(patchDiffers(patch)).toBeNull()
    const [first, ...others] = patch.changes
    if (first === undefined) throw new Error('it changes something')
    const edited = { ...patch, changes: [{ ...first, after: { ...first.after, Statement: [] } }, ...others] }
    expect(patchDiffers(edited)).toBe(
      `the change of ${first.target.arn} does not have the digest that is stored with it`,
    )
    expect(patchDiffers({ ...patch, digest: `sha256:${'0'.repeat(64)}` })).toBe(
      'the patch does not have the digest that is stored with it',
    )
  })
})

describe('an approved patch', () => {
  const verified = (proposal: Approved, approvers = 1, risk: Risk = VERIFICATION.risk): VerifiedPatch =>
    ({ patch: proposal.patch, verification: { ...VERIFICATION, approvers, risk } }) as unknown as VerifiedPatch

  function codeFor(
    proposal: Approved,
    approvers = 1,
    requester: Requester = MACHINE,
    eligible?: readonly Approval[],
    risk: Risk = VERIFICATION.risk,
  ): string {
    const granted = grant(proposal)
    const recount = { eligible: eligible ?? granted.approvals, requester, permanent: PERMANENT }
    const made = approvedPatch(verified(proposal, approvers, risk), proposal.diagnosis, granted, recount)
    return made.ok ? 'made' : made.error.code
  }

  it('is made only when enough people approved exactly this content', () => {
    expect(codeFor(SIGNED)).toBe('made')
    const other = approvedPatch(verified(sampleProposal({ status: 'approved' })), SIGNED.diagnosis, grant(SIGNED), {
      eligible: SIGNED.approvals,
      requester: MACHINE,
      permanent: PERMANENT,
    })
    expect(!other.ok && other.error.code).toBe('digest-differs')
  })

  it('is not made without an end where one person approved that for a person, or it is switched off', () => {
    const person: Requester = { kind: 'person', userId: 'U0JANE' }
    expect(codeFor(SIGNED, 1, person)).toBe('not-enough-approvals')
    const made = approvedPatch(verified(SIGNED), SIGNED.diagnosis, grant(SIGNED), {
      eligible: SIGNED.approvals,
      requester: MACHINE,
      permanent: { people: 'always', machines: 'never' },
    })
    expect(!made.ok && made.error.code).toBe('not-offered')
  })

  it('is not made when the risk has risen since', () => {
    expect(codeFor(SIGNED, 2)).toBe('not-enough-approvals')
  })

  it('is not made with fewer people than were needed when it was signed', () => {
    const signed = signedBy({ ...decisionAbout(SIGNED, { ...FIRST, kind: 'approve' }), approversNeeded: 2 })
    expect(codeFor({ ...SIGNED, approvals: [{ ...FIRST, signed }] })).toBe('not-enough-approvals')
  })

  it('is not made by one person who approved twice', () => {
    const twice = approved(approval(), approval({ by: { id: ANNA.id, name: 'somebody else' }, atMs: NOON + MINUTE }))
    expect(codeFor(twice, 2)).toBe('not-enough-approvals')
  })

  it('is not made by people who are no approvers any more', () => {
    expect(codeFor(SIGNED, 1, MACHINE, [])).toBe('not-enough-approvals')
  })

  it('is not made by the person who was denied, nor by who they claim to be', () => {
    expect(codeFor(SIGNED, 1, { kind: 'person', userId: ANNA.id })).toBe('not-enough-approvals')
    const both = approved(approval(), approval({ by: BEN, atMs: NOON + MINUTE }))
    const claimed: Requester = { kind: 'unknown', why: 'people can assume this role', claimed: BEN.id }
    expect(codeFor(both, 1, claimed)).toBe('not-enough-approvals')
    const three = approved(approval(), approval({ by: BEN, atMs: NOON + 1 }), approval({ by: CLEO, atMs: NOON + 2 }))
    expect(codeFor(seen(three, { approversNeeded: 2 }), 1, claimed)).toBe('made')
  })

  it('is not made by the person who was denied as decide resolved it, whatever the item says now', () => {
    const both = approved(approval(), approval({ by: BEN, atMs: NOON + MINUTE }))
    const [first, second] = both.approvals
    if (first === undefined || second?.signed == null) throw new Error('the sample is not signed')
    const requester: Requester = { kind: 'unknown', why: 'people can assume this role', claimed: ANNA.id }
    const signed = signedBy({ ...second.signed.decision, requester })
    expect(codeFor({ ...both, approvals: [first, { ...second, signed }] }, 2)).toBe('not-enough-approvals')
  })

  it('counts an approval whose time was over at the last one neither then nor now', () => {
    const over = approval({ limitHours: 1 })
    const ben = approval({ by: BEN, limitHours: 8, atMs: NOON + HOUR })
    expect(codeFor(approved(over, ben), 2)).toBe('not-enough-approvals')
    const three = approved(over, ben, approval({ by: CLEO, atMs: NOON + 3 * HOUR }))
    expect(codeFor(seen(three, { approversNeeded: 2 }), 2)).toBe('made')
  })

  it('is made by break-glass alone', () => {
    expect(codeFor(approved(approval({ reason: 'nobody else is awake', limitHours: 4 })), 2)).toBe('made')
  })

  it('is not made by break-glass without an end, or with one after more than four hours', () => {
    for (const limitHours of [null, 5, 72])
      expect(codeFor(approved(approval({ reason: 'nobody else is awake', limitHours })), 2)).toBe(
        'break-glass-too-long',
      )
  })

  describe('as each approver saw it', () => {
    const both = approved(approval(), approval({ by: BEN, atMs: NOON + MINUTE }))
    const [first, second] = seen(both, { approversNeeded: 2, risk: 'elevated' }).approvals
    const low = seen(both, { approversNeeded: 2, risk: 'low' }).approvals[0]
    const few = seen(both, { approversNeeded: 1, risk: 'elevated' }).approvals[0]
    const given = (...approvals: readonly (Approval | undefined)[]) => ({
      ...both,
      approvals: approvals.filter(one => one !== undefined),
    })

    it.each([
      ['the risk that both saw', given(first, second), 2, 'elevated', 'made'],
      ['less risk', given(first, second), 1, 'low', 'made'],
      ['more risk than both saw', given(first, second), 2, 'high', 'risk-grew'],
      ['more risk than the first saw', given(low, second), 2, 'elevated', 'risk-grew'],
      ['more approvals than the first saw', given(few, second), 2, 'elevated', 'risk-grew'],
      ['more approvals than both saw', seen(both, { approversNeeded: 1 }), 2, 'low', 'risk-grew'],
    ] as const)('%s', (_, proposal, needed, risk, code) => {
      expect(codeFor(proposal, needed, MACHINE, undefined, risk)).toBe(code)
    })

    it('who does not count is not asked what they saw', () => {
      expect(codeFor(given(low, second), 1, MACHINE, second && [second], 'elevated')).toBe('not-enough-approvals')
      const three = seen(
        approved(approval(), approval({ by: BEN, atMs: NOON + 1 }), approval({ by: CLEO, atMs: NOON + 2 })),
        { approversNeeded: 2, risk: 'elevated' },
      )
      const all = { ...three, approvals: [...(low === undefined ? [] : [low]), ...three.approvals.slice(1)] }
      expect(codeFor(all, 2, MACHINE, three.approvals.slice(1), 'elevated')).toBe('made')
    })

    it('break-glass consents to a risk, too', () => {
      const glass = approved(approval({ reason: 'nobody else is awake', limitHours: 4 }))
      expect(codeFor(glass, 2, MACHINE, undefined, 'high')).toBe('risk-grew')
    })
  })
})

describe('a revert', () => {
  const reverting = (changed: Partial<Reverting> = {}): Reverting =>
    ({ ...sampleProposal({ status: 'reverting' }), ...changed }) as Reverting
  const whose = (proposal: Reverting, nowMs = NOON) => {
    const granted = grantOf(proposal, RING)
    if (!granted.ok) throw new Error(granted.error.why)
    const authority = revertAuthority(proposal, granted.value, RING, nowMs)
    return authority.ok ? authority.value : authority.error.why
  }

  it('that a person asked for is theirs', () => {
    expect(whose(reverting())).toEqual({ kind: 'person', userId: ANNA.id })
  })

  it('that nobody signed is nobody’s before the end of the grant, and the grant’s own from then on', () => {
    const request = { by: { id: 'rolemedic', name: 'rolemedic' }, atMs: NOON, signed: null }
    const limited = withSignatures(
      sampleProposal({ status: 'reverting', approvals: [{ ...APPROVAL, limitHours: 2 }], revertRequest: request }),
    )
    expect(whose(limited, APPROVAL.atMs + 2 * HOUR - 1)).toContain('is not signed')
    expect(whose(limited, APPROVAL.atMs + 2 * HOUR)).toEqual({ kind: 'end-of-grant' })
    expect(whose(reverting({ revertRequest: request }), NOON + 999 * HOUR)).toContain('is not signed')
    const named = withSignatures(
      sampleProposal({
        status: 'reverting',
        approvals: [{ ...APPROVAL, limitHours: 2 }],
        revertRequest: { ...request, by: BEN },
      }),
    )
    const unsigned: Reverting = { ...named, revertRequest: { ...request, by: BEN } }
    expect(whose(unsigned, APPROVAL.atMs + 2 * HOUR)).toBe('the revert by U0ONCALL2 is not signed')
  })

  it('does not follow from an approval, nor from the revert of another proposal', () => {
    const base = reverting()
    const { revertRequest } = base
    const facts = { by: revertRequest.by, atMs: revertRequest.atMs }
    const approve = signedBy(decisionAbout(base, { ...facts, kind: 'approve' }))
    expect(whose(reverting({ revertRequest: { ...revertRequest, signed: approve } }))).toContain('does not decide this')
    const other = signedBy({ ...decisionAbout(base, { ...facts, kind: 'revert' }), proposalId: 'p-2' })
    expect(whose(reverting({ revertRequest: { ...revertRequest, signed: other } }))).toContain('is about proposal p-2')
    expect(whose(reverting({ revertRequest: { ...revertRequest, by: BEN } }))).toContain('was asked for by U0ONCALL1')
  })
})
