import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../../core/base/fact.ts'
import type { Patch } from '../../../core/patch/patch.ts'
import type { Decision } from '../../../functions/domain/authority/index.ts'
import type { AppliedMode } from '../../../functions/domain/config/mode.ts'
import {
  approvalsNeeded,
  closedTo,
  decide,
  type Eligibility,
  endOf,
  isQuorate,
  modeRefusal,
  shortestOf,
  tooFewInWords,
} from '../../../functions/domain/proposal/approval-policy.ts'
import { type Click, DECIDING_ACTIONS, type DecidingAction } from '../../../functions/domain/proposal/click.ts'
import { youthOf } from '../../../functions/domain/proposal/member-age.ts'
import type {
  Approval,
  Change,
  GrantUse,
  Proposal,
  Ratification,
  TemplateFindings,
} from '../../../functions/domain/proposal/proposal.ts'
import { whatHappened } from '../../../functions/domain/proposal/what-happened.ts'
import {
  APPROVE,
  DIGEST,
  HOUR,
  MINUTE,
  NOON,
  OTHER_DIGEST,
  sampleProposal,
  VERIFICATION,
} from '../../fakes/sample-proposal.ts'
import { decisionAbout, signedBy } from '../../fakes/signing.ts'

const ANNA = { id: 'U0ONCALL1', name: 'anna' }
const BEN = { id: 'U0ONCALL2', name: 'ben' }
const LATER = NOON + 5 * MINUTE

const ELIGIBLE: Eligibility = {
  memberSinceMs: null,
  membership: known({ kind: 'member' }),
  approver: known(true),
  breakGlass: known(false),
  requester: { kind: 'machine' },
  lapsed: [],
  limitedGrantHours: 8,
  permanent: { people: 'two-approvers', machines: 'always' },
  bridgeHours: 72,
  mode: APPROVE,
}
const press = (action: DecidingAction, changed: Partial<Click> = {}): Click => ({
  action,
  by: ANNA,
  proposalId: 'p-1',
  digest: DIGEST,
  reason: null,
  ...changed,
})
const approval = (changed: Partial<Approval> = {}): Approval => ({
  by: ANNA,
  atMs: NOON,
  limitHours: null,
  reason: null,
  signed: null,
  ...changed,
})
const applied = {
  status: 'applied' as const,
  approvals: [approval()],
  applied: { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' as const },
}
const codeOf = (proposal: Proposal, click: Click, eligibility: Eligibility = ELIGIBLE, nowMs = LATER): string => {
  const decision = decide(proposal, click, eligibility, nowMs)
  return decision.kind === 'refused' ? decision.refusal.code : decision.kind
}

describe('an approval', () => {
  it('is complete with one approver at low risk', () => {
    const decision = decide(sampleProposal(), press('approve'), ELIGIBLE, LATER)
    expect(decision).toMatchObject({
      kind: 'approved',
      breakGlass: false,
      next: {
        status: 'approved',
        approvals: [{ by: ANNA, atMs: LATER, limitHours: null, reason: null, signed: null }],
      },
    })
  })

  it('does not count once its giver is no approver any more, until they are one again', () => {
    const two = sampleProposal({
      verification: { ...VERIFICATION, risk: 'elevated', approvers: 2 },
      approvals: [approval()],
    })
    const gone = { ...ELIGIBLE, lapsed: [ANNA.id] }
    const second = decide(two, press('approve', { by: BEN }), gone, LATER)
    expect(second).toMatchObject({ kind: 'approved', next: { status: 'open' } })
    if (second.kind !== 'approved') throw new Error('the second approval was not taken')
    expect(decide(second.next, press('approve', { by: BEN }), gone, LATER)).toEqual({ kind: 'counted', missing: 1 })
    expect(decide(second.next, press('approve'), ELIGIBLE, LATER)).toMatchObject({ next: { status: 'approved' } })
  })

  it('waits for a second person where verification asks for two', () => {
    const two = sampleProposal({ verification: { ...VERIFICATION, risk: 'elevated', approvers: 2 } })
    const first = decide(two, press('approve'), ELIGIBLE, LATER)
    expect(first).toMatchObject({ kind: 'approved', next: { status: 'open' } })
    if (first.kind !== 'approved') throw new Error('the first approval was not taken')
    expect(decide(first.next, press('approve'), ELIGIBLE, LATER)).toEqual({ kind: 'counted', missing: 1 })
    expect(decide(first.next, press('approve', { by: BEN }), ELIGIBLE, LATER)).toMatchObject({
      kind: 'approved',
      next: { status: 'approved' },
    })
  })

  it('counts the same person once, also under another name', () => {
    const two = sampleProposal({
      verification: { ...VERIFICATION, approvers: 2 },
      approvals: [approval({ by: { id: 'U0ONCALL1', name: 'somebody else' } })],
    })
    expect(codeOf(two, press('approve'))).toBe('counted')
    expect(codeOf(two, press('approve-limited'))).toBe('counted')
  })

  describe('without an end', () => {
    const FOR_PERSON: Eligibility = { ...ELIGIBLE, requester: { kind: 'person', userId: 'U0JANE' } }
    const afterEndless = (eligibility = FOR_PERSON) => {
      const first = decide(sampleProposal(), press('approve'), eligibility, LATER)
      if (first.kind !== 'approved' || first.next.status !== 'open') throw new Error('the first approval is enough')
      return first.next
    }

    it('takes two people where a person was denied, and one where a machine was', () => {
      expect(decide(afterEndless(), press('approve', { by: BEN }), FOR_PERSON, LATER)).toMatchObject({
        next: { status: 'approved', approvals: [{ limitHours: null }, { limitHours: null }] },
      })
      expect(codeOf(afterEndless(), press('approve'), FOR_PERSON)).toBe('counted')
      expect(decide(sampleProposal(), press('approve'), ELIGIBLE, LATER)).toMatchObject({
        next: { status: 'approved' },
      })
    })

    it('does not keep its giver from approving for a limited time alone', () => {
      expect(decide(afterEndless(), press('approve-limited'), FOR_PERSON, LATER)).toMatchObject({
        next: { status: 'approved', approvals: [{ limitHours: null }, { by: ANNA, limitHours: 8 }] },
      })
    })

    it('asks for no second person any more once its giver, who signed that it takes two, has replaced it', () => {
      const signed = { decision: { approversNeeded: 2 } } as never
      const waiting = sampleProposal({ approvals: [approval({ signed })] })
      expect(decide(waiting, press('approve-limited'), FOR_PERSON, LATER)).toMatchObject({
        next: { status: 'approved' },
      })
      expect(decide(waiting, press('approve'), FOR_PERSON, LATER)).toEqual({ kind: 'counted', missing: 1 })
    })

    it('ends with the limited approval of a second person', () => {
      expect(decide(afterEndless(), press('approve-limited', { by: BEN }), FOR_PERSON, LATER)).toMatchObject({
        next: { status: 'approved', approvals: [{ limitHours: null }, { by: BEN, limitHours: 8 }] },
      })
    })

    it('is never given where the configuration has it switched off', () => {
      const never: Eligibility = { ...FOR_PERSON, permanent: { people: 'never', machines: 'never' } }
      expect(codeOf(sampleProposal(), press('approve'), never)).toBe('not-offered')
      expect(codeOf(sampleProposal(), press('approve-limited'), never)).toBe('approved')
      expect(codeOf(sampleProposal(), press('approve'), { ...never, requester: { kind: 'machine' } })).toBe(
        'not-offered',
      )
    })
  })

  it('needs two people where one fact is not proved', () => {
    const likely = sampleProposal({ diagnosis: { ...sampleProposal().diagnosis, verdict: 'likely' } })
    expect(approvalsNeeded(likely, { kind: 'machine' })).toBe(2)
    expect(decide(likely, press('approve'), ELIGIBLE, LATER)).toMatchObject({ next: { status: 'open' } })
  })

  it('needs two people where a person was denied and cannot be named', () => {
    const eligibility: Eligibility = {
      ...ELIGIBLE,
      requester: { kind: 'unknown', claimed: null, why: 'no e-mail address' },
    }
    expect(decide(sampleProposal(), press('approve'), eligibility, LATER)).toMatchObject({ next: { status: 'open' } })
  })

  it('is refused to the person who was denied, and given to another', () => {
    const eligibility: Eligibility = { ...ELIGIBLE, requester: { kind: 'person', userId: ANNA.id } }
    expect(codeOf(sampleProposal(), press('approve'), eligibility)).toBe('self-approval')
    expect(codeOf(sampleProposal(), press('approve-limited'), eligibility)).toBe('self-approval')
    expect(codeOf(sampleProposal(), press('approve', { by: BEN }), eligibility)).toBe('approved')
  })

  it('does not count an earlier approval of whom it now turns out was denied', () => {
    const two = sampleProposal({ verification: { ...VERIFICATION, approvers: 2 }, approvals: [approval()] })
    const eligibility: Eligibility = { ...ELIGIBLE, requester: { kind: 'person', userId: ANNA.id } }
    expect(decide(two, press('approve', { by: BEN }), eligibility, LATER)).toMatchObject({
      kind: 'approved',
      next: { status: 'open' },
    })
    const after = { ...two, approvals: [approval(), approval({ by: BEN })] }
    expect(decide(after, press('approve', { by: BEN }), eligibility, LATER)).toEqual({ kind: 'counted', missing: 1 })
  })

  it('carries its end, when it is for a limited time', () => {
    expect(decide(sampleProposal(), press('approve-limited'), ELIGIBLE, LATER)).toMatchObject({
      next: { approvals: [{ limitHours: 8 }] },
    })
    expect(codeOf(sampleProposal(), press('approve-limited'), { ...ELIGIBLE, limitedGrantHours: null })).toBe(
      'not-offered',
    )
  })

  it('is refused with the digest of an older card', () => {
    expect(codeOf(sampleProposal(), press('approve', { digest: OTHER_DIGEST }))).toBe('old-card')
    expect(codeOf(sampleProposal(), press('reject', { digest: OTHER_DIGEST }))).toBe('old-card')
    expect(codeOf(sampleProposal(applied), press('revert', { digest: OTHER_DIGEST }))).toBe('old-card')
  })

  it('is refused once its time has run out, also before any sweep has said so', () => {
    const end = NOON + 8 * HOUR
    expect(codeOf(sampleProposal(), press('approve'), ELIGIBLE, end - 1)).toBe('approved')
    expect(codeOf(sampleProposal(), press('approve'), ELIGIBLE, end)).toBe('expired')
  })

  it('is refused where nothing can be changed', () => {
    for (const action of DECIDING_ACTIONS) {
      expect(codeOf(sampleProposal({ status: 'closed' }), press(action))).toBe('nothing-to-decide')
      expect(codeOf(sampleProposal({ status: 'drafted', patch: null }), press(action))).toBe('nothing-to-decide')
    }
  })
})

describe('the right to decide', () => {
  const stranger: Eligibility = { ...ELIGIBLE, approver: known(false) }
  const unreadable: Eligibility = { ...ELIGIBLE, approver: unknown('group S0ONCALL cannot be read') }

  it('is the same for every button that decides', () => {
    for (const action of ['approve', 'approve-limited', 'reject'] as const) {
      expect(codeOf(sampleProposal(), press(action), stranger)).toBe('not-an-approver')
      expect(codeOf(sampleProposal(), press(action), unreadable)).toBe('permissions-unreadable')
    }
    expect(codeOf(sampleProposal(applied), press('revert'), stranger)).toBe('not-an-approver')
    expect(codeOf(sampleProposal(applied), press('revert'), unreadable)).toBe('permissions-unreadable')
  })

  it('lets nobody reject who could not approve', () => {
    expect(codeOf(sampleProposal(), press('reject', { reason: 'not needed' }), stranger)).toBe('not-an-approver')
    expect(codeOf(sampleProposal(), press('reject', { reason: 'not needed' }))).toBe('rejected')
  })

  it('lets an approver who was denied reject and revert, as neither gains anything', () => {
    const eligibility: Eligibility = { ...ELIGIBLE, requester: { kind: 'person', userId: ANNA.id } }
    expect(codeOf(sampleProposal(), press('reject', { reason: 'mine' }), eligibility)).toBe('rejected')
    expect(codeOf(sampleProposal(applied), press('revert'), eligibility)).toBe('reverting')
  })
})

describe('a rejection', () => {
  it.each([null, '', ' \n\t'])('without a reason (%j) is refused', reason => {
    expect(codeOf(sampleProposal(), press('reject', { reason }), ELIGIBLE)).toBe('reason-missing')
  })
})

describe('break-glass', () => {
  const glass: Eligibility = { ...ELIGIBLE, approver: known(false), breakGlass: known(true) }
  const two = sampleProposal({ verification: { ...VERIFICATION, risk: 'high', approvers: 2 } })

  it('suffices alone, with a reason', () => {
    expect(decide(two, press('break-glass', { reason: ' production is down ' }), glass, LATER)).toMatchObject({
      kind: 'approved',
      breakGlass: true,
      next: { status: 'approved', approvals: [{ reason: 'production is down' }] },
    })
  })

  it.each([null, '', '   '])('is refused with the reason %j', reason => {
    expect(codeOf(two, press('break-glass', { reason }), glass)).toBe('reason-missing')
  })

  it('is not given to approvers outside its group, nor when the group cannot be read', () => {
    const reason = 'production is down'
    expect(codeOf(two, press('break-glass', { reason }))).toBe('not-an-approver')
    const unread: Eligibility = { ...ELIGIBLE, breakGlass: unknown('Slack does not answer') }
    expect(codeOf(two, press('break-glass', { reason }), unread)).toBe('permissions-unreadable')
  })

  it('gives its group no ordinary approval', () => {
    expect(codeOf(two, press('approve'), glass)).toBe('not-an-approver')
  })

  it('is not open to the person who was denied', () => {
    const own: Eligibility = { ...glass, requester: { kind: 'person', userId: ANNA.id } }
    expect(codeOf(two, press('break-glass', { reason: 'I need it' }), own)).toBe('self-approval')
  })

  it.each([
    [null, 4],
    [1, 1],
    [4, 4],
    [8, 4],
    [72, 4],
  ])('ends after four hours at most, where limited grants have %s', (limitedGrantHours, expected) => {
    const made = decide(two, press('break-glass', { reason: 'night' }), { ...glass, limitedGrantHours }, LATER)
    expect(made).toMatchObject({ next: { status: 'approved', approvals: [{ limitHours: expected }] } })
    const begun = { ...two, approvals: [approval()] }
    const after = decide(begun, press('break-glass', { reason: 'night' }), { ...glass, limitedGrantHours }, LATER)
    if (after.kind !== 'approved') throw new Error('it is approved')
    expect(endOf(after.next.approvals)).toBe(LATER + expected * 60 * MINUTE)
  })

  it('may follow an ordinary approval of the same person', () => {
    const begun = { ...two, approvals: [approval()] }
    const both: Eligibility = { ...glass, approver: known(true) }
    expect(decide(begun, press('break-glass', { reason: 'nobody answers' }), both, LATER)).toMatchObject({
      kind: 'approved',
      next: { status: 'approved' },
    })
  })
})

describe('a late click', () => {
  it('is told who did what and when', () => {
    const cases: readonly (readonly [Proposal, string])[] = [
      [
        sampleProposal({ status: 'rejected', rejection: { by: BEN, atMs: NOON + MINUTE, reason: 'wrong role' } }),
        'Rejected by ben (U0ONCALL2), 2026-11-24 12:01 UTC: wrong role',
      ],
      [
        sampleProposal({ status: 'approved', approvals: [approval({ by: BEN })] }),
        'Approved by ben (U0ONCALL2), 2026-11-24 12:00 UTC; the change is being written.',
      ],
      [sampleProposal({ status: 'expired' }), 'Nobody decided in time: it ended 2026-11-24 20:00 UTC.'],
    ]
    for (const [proposal, message] of cases)
      expect(decide(proposal, press('approve'), ELIGIBLE, LATER)).toMatchObject({
        kind: 'refused',
        refusal: { code: 'already-decided', message },
      })
  })

  it('never says "applied" before it is', () => {
    for (const status of ['approved', 'applying'] as const) {
      const decision = decide(sampleProposal({ status, approvals: [approval()] }), press('approve'), ELIGIBLE, LATER)
      expect(JSON.stringify(decision)).not.toMatch(/applied|granted/i)
    }
  })
})

describe('what a card offers', () => {
  it('is what a press would not be barred from, in every status', () => {
    const offered = (proposal: Proposal): readonly string[] =>
      DECIDING_ACTIONS.filter(action => closedTo(action, proposal, APPROVE, LATER) === null)
    expect(offered(sampleProposal())).toEqual(['approve', 'approve-limited', 'break-glass', 'reject'])
    expect(offered(sampleProposal(applied))).toEqual(['revert'])
    expect(offered(sampleProposal({ ...applied, status: 'confirmed' }))).toEqual(['revert'])
    for (const status of ['drafted', 'approved', 'applying', 'reverting', 'reverted'] as const)
      expect(offered(sampleProposal({ status }))).toEqual([])
    for (const status of ['rejected', 'expired', 'failed', 'stale', 'closed'] as const)
      expect(offered(sampleProposal({ status }))).toEqual([])
  })
})

describe('the number of approvers', () => {
  it('is two where the verification is not on record', () => {
    const { diagnosis } = sampleProposal()
    expect(approvalsNeeded({ diagnosis, verification: null }, { kind: 'machine' })).toBe(2)
  })
})

describe('a card that holds several denials', () => {
  const OTHER_PATCH = { ...(sampleProposal().patch as Patch), digest: OTHER_DIGEST }
  const only = sampleProposal({ patch: OTHER_PATCH })
  const alone = { patch: only.patch, verification: only.verification, followUps: [] } as Change
  const template = { needs: [], alone } as unknown as TemplateFindings
  const several = sampleProposal({ template, approvals: [approval({ by: BEN })] })

  it('is narrowed to the denial alone, and earlier approvals of the whole do not count', () => {
    const pressed = press('approve-alone', { digest: OTHER_DIGEST })
    const decision = decide(several, pressed, ELIGIBLE, LATER)
    expect(decision).toMatchObject({
      kind: 'approved',
      next: { patch: { digest: OTHER_DIGEST }, approvals: [{ by: ANNA }] },
    })
  })

  it('is approved whole by the button that says so', () => {
    expect(decide(several, press('approve'), ELIGIBLE, LATER)).toMatchObject({
      kind: 'approved',
      next: { patch: { digest: DIGEST }, template: { alone } },
    })
  })

  it('has no denial of its own to approve once it is decided, or where it holds one only', () => {
    const pressed = press('approve-alone', { digest: OTHER_DIGEST })
    expect(codeOf(sampleProposal({ ...applied, template }), pressed)).toBe('already-decided')
    expect(codeOf(sampleProposal(), press('approve-alone'))).toBe('nothing-apart')
    expect(closedTo('approve-alone', several, APPROVE, LATER)).toBeNull()
    expect(closedTo('approve-alone', sampleProposal(), APPROVE, LATER)?.code).toBe('nothing-apart')
  })
})

describe('the choice of a part of the card', () => {
  const OTHER_PATCH = { ...(sampleProposal().patch as Patch), digest: OTHER_DIGEST }
  const only = sampleProposal({ patch: OTHER_PATCH })
  const alone = { patch: only.patch, verification: only.verification, followUps: [] } as Change
  const several = sampleProposal({ template: { needs: [], alone } as unknown as TemplateFindings })
  const chosen = (changed: Partial<Eligibility>) =>
    decide(several, press('approve-alone', { digest: OTHER_DIGEST }), { ...ELIGIBLE, ...changed }, LATER)

  it('ends for a person, who may ask again, and not for a machine', () => {
    const person = { kind: 'person', userId: 'U0DEV' } as const
    expect(chosen({ requester: person })).toMatchObject({ next: { approvals: [{ limitHours: 8 }] } })
    expect(chosen({})).toMatchObject({ next: { approvals: [{ limitHours: null }] } })
  })
})

describe('an approval with a pull request', () => {
  it('lasts as long as a bridge, and asks for it', () => {
    const withCode = sampleProposal({ code: {} } as never)
    expect(decide(withCode, press('approve-with-pull'), ELIGIBLE, LATER)).toMatchObject({
      next: { approvals: [{ limitHours: 72, pullRequest: true }] },
    })
    expect(codeOf(sampleProposal(), press('approve-with-pull'))).toBe('no-repository')
    const plain = decide(withCode, press('approve'), ELIGIBLE, LATER)
    expect(plain).toMatchObject({ kind: 'approved' })
    expect(JSON.stringify(plain)).not.toContain('"pullRequest"')
  })
})

describe('whether a break-glass was right', () => {
  const ratification: Ratification = {
    ...{ askedAtMs: NOON, card: { conversation: 'C0DEPLOYS', message: '1' }, needed: 2, by: [], declined: null },
  }
  const glass = (changed: object = {}) =>
    sampleProposal({
      ...applied,
      approvals: [approval({ by: BEN, limitHours: 4, reason: 'orders are down' })],
      ratification,
      ...changed,
    } as never)
  const elevated = { verification: { ...VERIFICATION, risk: 'elevated' } }
  const young = { ...ELIGIBLE, memberSinceMs: LATER - HOUR }

  it.each(['applied', 'confirmed', 'reverted'])('is asked while it is %s', status => {
    expect(codeOf(glass({ status }), press('ratify'))).toBe('ratified')
  })

  it('is not asked while it is taken away, nor where nobody asked', () => {
    expect(codeOf(glass({ status: 'reverting' }), press('ratify'))).toBe('not-asked')
    expect(codeOf(glass({ ratification: undefined }), press('ratify'))).toBe('not-asked')
  })

  it.each<DecidingAction>(['ratify', 'not-ratify'])('is not said by a new member at a risk above low: %s', action => {
    const pressed = press(action, { reason: 'because' })
    expect(codeOf(glass(elevated), pressed, young)).toBe('new-member')
    expect(codeOf(glass(elevated), pressed, { ...young, memberSinceMs: LATER - 24 * HOUR })).not.toBe('new-member')
    expect(codeOf(glass(), pressed, young)).not.toBe('new-member')
  })

  it('is given by each person once, also under a second account', () => {
    const answered = (by: object) => glass({ ratification: { ...ratification, by: [by] } })
    const again = decide(answered({ by: ANNA, atMs: NOON, signed: null }), press('ratify'), ELIGIBLE, LATER)
    expect(again).toEqual({ kind: 'counted', missing: 1 })
    const signed = { decision: { by: { email: 'Anna@example.com' } } }
    const other = answered({ by: { id: 'U0OTHER', name: 'anna2' }, atMs: NOON, signed })
    expect(codeOf(other, press('ratify'), { ...ELIGIBLE, address: 'anna@example.com' })).toBe('counted')
    expect(codeOf(other, press('ratify'), { ...ELIGIBLE, address: 'ben@example.com' })).toBe('ratified')
    expect(codeOf(other, press('ratify'))).toBe('ratified')
    const old = answered({ by: { id: 'U0OTHER', name: 'anna2' }, atMs: NOON, signed: { decision: { by: {} } } })
    expect(codeOf(old, press('ratify'))).toBe('ratified')
  })

  it('is not said by who broke the glass', () => {
    expect(codeOf(glass(), press('ratify', { by: BEN }))).toBe('self-approval')
  })
})

describe('the age of a member', () => {
  const decided = (risk: 'low' | 'elevated') => {
    const { by, ...made } = decisionAbout(sampleProposal(), { kind: 'approve', by: ANNA, atMs: LATER })
    return { signed: signedBy({ ...made, risk, by: { ...by, memberSinceMs: LATER - HOUR } } as Decision) }
  }

  it('counts by the higher of the risk that was seen and that of today', () => {
    expect(youthOf(decided('low'), 'low')).toBeNull()
    expect(youthOf(decided('low'), 'elevated')).toEqual({ countsFromMs: LATER + 23 * HOUR })
    expect(youthOf(decided('elevated'), 'low')).toEqual({ countsFromMs: LATER + 23 * HOUR })
  })
})

describe('a press before its card stands', () => {
  it('is asked to come again', () => {
    expect(codeOf(sampleProposal({ status: 'drafted' }), press('approve'))).toBe('not-posted')
  })
})

describe('a person whose Slack account cannot be read', () => {
  it('is asked to press again, and decides nothing', () => {
    const unread = { ...ELIGIBLE, membership: unknown('Slack did not answer') }
    expect(codeOf(sampleProposal(), press('approve'), unread)).toBe('account-unreadable')
    expect(codeOf(sampleProposal(), press('reject', { reason: 'no' }), unread)).toBe('account-unreadable')
  })
})

describe('a refusal to the person who was denied', () => {
  const messageFor = (requester: Eligibility['requester']): string => {
    const decision = decide(sampleProposal(), press('approve'), { ...ELIGIBLE, requester }, LATER)
    return decision.kind === 'refused' ? decision.refusal.message : decision.kind
  }

  it('says whether it is proved or only claimed by the session', () => {
    expect(messageFor({ kind: 'person', userId: ANNA.id } as never)).toContain('your own denied request')
    expect(messageFor({ kind: 'unknown', why: 'the name proves nothing', claimed: ANNA.id } as never)).toContain(
      'claims to be you',
    )
  })
})

describe('a card that asks whether a grant is still needed', () => {
  const question = { atMs: NOON + HOUR, card: { conversation: 'C0DEPLOYS', message: '1.2' }, isSeen: true }
  const keptAt = (atMs: number) => ({ by: BEN, atMs, signed: null })
  const asking = (use: Partial<GrantUse> = {}) =>
    sampleProposal({
      ...applied,
      use: { lookedAtMs: NOON, wholeSinceMs: NOON, unseen: null, lastUsedAtMs: null, question, kept: null, ...use },
    })

  it.each<[string, Proposal, string]>([
    ['for a grant that stands', asking(), 'kept'],
    ['again after an earlier question', asking({ kept: keptAt(question.atMs - 1) }), 'kept'],
    ['not once somebody has kept it', asking({ kept: keptAt(question.atMs) }), 'already-kept'],
    ['not where nobody asks', asking({ question: null }), 'not-asked'],
    ['not where nobody has looked', sampleProposal(applied), 'not-asked'],
    ['not for what is open', sampleProposal(), 'not-applied'],
    ['not for information', sampleProposal({ patch: null, status: 'closed' }), 'nothing-to-decide'],
  ])('is answered %s', (_, proposal, code) => {
    expect(codeOf(proposal, press('keep'))).toBe(code)
  })

  it('is answered in every mode: what stands was approved before', () => {
    const lower: AppliedMode = { mode: 'observe', setting: 'mode', unread: null }
    expect(closedTo('keep', asking(), lower, LATER)).toBeNull()
    expect(decide(asking(), press('keep'), { ...ELIGIBLE, mode: lower }, LATER)).toMatchObject({ kind: 'kept' })
  })

  it('says who has kept it', () => {
    expect(decide(asking({ kept: keptAt(question.atMs) }), press('keep'), ELIGIBLE, LATER)).toMatchObject({
      refusal: { message: 'ben (U0ONCALL2) has kept it already.' },
    })
  })

  it('keeps it in the name of the one who pressed', () => {
    const decision = decide(asking(), press('keep'), ELIGIBLE, LATER)
    expect(decision).toMatchObject({ kind: 'kept', next: { use: { kept: { by: ANNA, atMs: LATER, signed: null } } } })
  })
})

describe('what stands', () => {
  const observed: AppliedMode = { mode: 'observe', setting: 'mode', unread: null }

  it('can be reverted and kept in every mode, while nothing is approved', () => {
    const standing = sampleProposal(applied)
    expect(closedTo('revert', standing, observed, LATER)).toBeNull()
    expect(closedTo('keep', standing, observed, LATER)).toMatchObject({ code: 'not-asked' })
    expect(closedTo('approve', sampleProposal(), observed, LATER)).toMatchObject({ code: 'mode-too-low' })
  })

  it('is left to the code in the mode recommend, too, and not in the mode observe', () => {
    const recommend: AppliedMode = { ...observed, mode: 'recommend' }
    expect(modeRefusal(recommend, 'pull-only')).toBeNull()
    expect(modeRefusal(recommend, 'approve-with-pull')).not.toBeNull()
    expect(modeRefusal(observed, 'pull-only')).not.toBeNull()
    expect(modeRefusal(APPROVE, 'approve')).toBeNull()
  })
})

describe('too few approvers', () => {
  const empty = { needed: 2, tooFew: 0 }
  it.each<[string, Parameters<typeof tooFewInWords>[0], string | null]>([
    ['are not named where it cannot be seen', { needed: 2, tooFew: null }, null],
    ['are none', empty, 'Nobody may approve this: add approvers to "approvers" in rolemedic.config.json.'],
    [
      'are the one who was denied',
      { ...empty, leftOut: ANNA.id },
      'The only approver is the person who was denied: add approvers to "approvers" in rolemedic.config.json.',
    ],
    [
      'are one of two',
      { needed: 2, tooFew: 1, leftOut: ANNA.id },
      'Only 1 of the 2 people needed may approve: add approvers to "approvers" in rolemedic.config.json.',
    ],
    [
      'of two accounts have to be the same people, and an empty group is named',
      { needed: 2, tooFew: 1, settings: ['approvers', 'accounts.prod.approvers'], emptyGroups: ['S0OPS'] },
      'Only 1 of the 2 people needed may approve: add approvers to "approvers" and "accounts.prod.approvers" in rolemedic.config.json, the same people in both. Group S0OPS has no members.',
    ],
  ])('%s', (_, shortage, words) => {
    expect(tooFewInWords(shortage)).toBe(words)
  })
})

describe('what happened', () => {
  it.each<[string, Proposal, string]>([
    ['posted', sampleProposal({ status: 'drafted' }), 'The card is still being posted.'],
    ['decided', sampleProposal(), 'Nobody has decided yet.'],
    [
      'half decided',
      sampleProposal({ approvals: [approval()] }),
      'Approved so far by anna (U0ONCALL1), 2026-11-24 12:00 UTC; it needs one more.',
    ],
    [
      'written',
      sampleProposal({ ...applied, approvals: [approval(), approval({ by: BEN, atMs: NOON + MINUTE })] }),
      'Approved by anna (U0ONCALL1), 2026-11-24 12:00 UTC and ben (U0ONCALL2), 2026-11-24 12:01 UTC, and applied 2026-11-24 12:00 UTC.',
    ],
    [
      'asked to be undone',
      sampleProposal({ status: 'reverting', revertRequest: { by: BEN, atMs: NOON } }),
      'ben (U0ONCALL2) asked to undo it; the change is being undone.',
    ],
    [
      'undone',
      sampleProposal({ status: 'reverted', reverted: { by: BEN, atMs: NOON } }),
      'ben (U0ONCALL2) had it undone, 2026-11-24 12:00 UTC.',
    ],
    [
      'left to the code',
      sampleProposal({
        status: 'rejected',
        rejection: { by: BEN, atMs: NOON, reason: 'Pull request only', pullRequest: true },
      }),
      'ben (U0ONCALL2) left it to a pull request, 2026-11-24 12:00 UTC; nothing was written to IAM.',
    ],
    [
      'rejected without a reason, as older versions allowed',
      sampleProposal({ status: 'rejected', rejection: { by: BEN, atMs: NOON, reason: '' } }),
      'Rejected by ben (U0ONCALL2), 2026-11-24 12:00 UTC',
    ],
    [
      'tried without success',
      sampleProposal({
        status: 'failed',
        approvals: [approval()],
        failure: { code: 'x', message: 'no.', owner: null },
      }),
      'Approved by anna (U0ONCALL1), 2026-11-24 12:00 UTC, but nothing was written: no.',
    ],
    [
      'out of date before anybody decided',
      sampleProposal({ status: 'stale', approvals: [], failure: { code: 'x', message: 'changed.', owner: null } }),
      'Out of date; nothing was written: changed.',
    ],
    [
      'out of date after an approval',
      sampleProposal({
        status: 'stale',
        approvals: [approval()],
        failure: { code: 'x', message: 'changed.', owner: null },
      }),
      'Approved by anna (U0ONCALL1), 2026-11-24 12:00 UTC, and out of date; nothing was written: changed.',
    ],
    [
      'only told',
      sampleProposal({ status: 'closed', patch: null }),
      'This card is for information: there is nothing to decide.',
    ],
  ])('to a card that is %s is said in one sentence', (_, proposal, sentence) => {
    expect(whatHappened(proposal)).toBe(sentence)
  })
})

it('approvals are enough when enough different people gave them, or one broke the glass', () => {
  expect(isQuorate([], 1)).toBe(false)
  expect(isQuorate([approval()], 1)).toBe(true)
  expect(isQuorate([approval(), approval({ atMs: NOON + 1 })], 2)).toBe(false)
  expect(isQuorate([approval(), approval({ by: BEN })], 2)).toBe(true)
  expect(isQuorate([approval({ reason: 'it is night' })], 2)).toBe(true)
})

it('of different times the shortest counts, and is the choice of those who gave it', () => {
  expect(shortestOf([approval(), approval({ by: BEN })])).toBeNull()
  expect(shortestOf([approval({ limitHours: 8 }), approval({ by: BEN, limitHours: 8 })])).toBeNull()
  expect(shortestOf([approval({ limitHours: 8 }), approval({ by: BEN })])).toEqual({ hours: 8, by: [ANNA] })
  expect(shortestOf([approval({ limitHours: 8 }), approval({ by: BEN, limitHours: 2 })])).toEqual({
    hours: 2,
    by: [BEN],
  })
})
