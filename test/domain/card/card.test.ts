import { describe, expect, it } from 'vitest'
import { asPlainText } from '../../../functions/domain/base/rich-text.ts'
import { type Card, cardOf } from '../../../functions/domain/card/card.ts'
import { type Config, configSchema } from '../../../functions/domain/config/config.ts'
import type { Proposal } from '../../../functions/domain/proposal/proposal.ts'
import { APPROVE, DIGEST, HOUR, MINUTE, NOON, sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'

const CONFIG: Config = configSchema.parse({ accounts: { '111122223333': { alias: 'shop' } } })
const ADA = { id: 'U0ONCALL1', name: 'ada' }
const approval = { by: ADA, atMs: NOON + MINUTE, limitHours: null, reason: null, signed: null }
const changes = sampleProposal().patch?.changes ?? []
const applied = { changes, atMs: NOON + 2 * MINUTE, endsAtMs: null, answer: 'allowed' } as const

function card(changed: Partial<Proposal> = {}, config: Config = CONFIG, nowMs = NOON): Card {
  return cardOf(sampleProposal(changed), {
    config,
    mode: APPROVE,
    nowMs,
    needed: 1,
    mayApprove: 'U0ONCALL1, group S0ONCALL',
  })
}
const lines = (expected: Card['status']): string => expected.map(asPlainText).join('\n')
const labels = (shown: Card): readonly string[] => shown.buttons.map(button => button.label)

describe('an open card', () => {
  it('says who was denied what, where, how often, why, and what the change opens', () => {
    const shown = card({ repeats: { count: 14, firstSeenMs: NOON - 3 * HOUR, lastSeenMs: NOON - MINUTE } })
    expect(asPlainText(shown.headline)).toBe('Low risk: deployer was denied iam:PassRole on app-task')
    expect(shown.facts.map(({ label, value }) => `${label}: ${asPlainText(value)}`)).toEqual([
      'Who: deployer (role, session ci-4711)',
      'Denied: iam:PassRole on arn:aws:iam::111122223333:role/app-task',
      'Call: RegisterTaskDefinition of ecs.amazonaws.com',
      'Where: shop (111122223333), eu-west-1',
      'Seen: 14 times since 2026-11-24 09:00 UTC, last 2026-11-24 11:59 UTC',
    ])
    expect(lines(shown.why)).toBe('Why (proved): No identity policy of deployer allows iam:PassRole on app-task.')
    expect(asPlainText(shown.blastRadius ?? [])).toBe(
      '1 role (app-task), 1 service (ecs-tasks.amazonaws.com), 1 action (iam:PassRole)',
    )
    expect(shown.checks.map(({ outcome, text }) => `${outcome}: ${asPlainText(text)}`)).toEqual([
      'pass: this request: denied now, allowed with the change',
      'pass: 12 other requests checked, none changes',
    ])
  })

  it.each([
    ['aws-mcp.amazonaws.com', 'by an agent through aws-mcp.amazonaws.com'],
    ['eks-mcp.amazonaws.com', 'by an agent through eks-mcp.amazonaws.com'],
    ['cloudformation.amazonaws.com', 'through cloudformation.amazonaws.com'],
  ])('says who made the call that came through %s', (via, words) => {
    const shown = card({ denial: { ...sampleProposal().denial, via } })
    const call = shown.facts.find(({ label }) => label === 'Call')
    expect(asPlainText(call?.value ?? [])).toBe(`RegisterTaskDefinition of ecs.amazonaws.com, ${words}`)
  })

  it('says how many are needed, who may, and when it ends', () => {
    expect(lines(card().status)).toBe(
      'Waiting for approval: 1 person needed. The card expires 2026-11-24 20:00 UTC.\nMay approve: U0ONCALL1, group S0ONCALL.',
    )
    expect(lines(card({ approvals: [approval] }).status)).toContain('Approved by ada, 2026-11-24 12:01 UTC.')
    expect(lines(card({ approvals: [approval] }).status)).toContain('1 person needed, 1 so far')
  })

  it('says why more are needed than the risk asks for', () => {
    const because = 'it cannot be seen who was denied, as the event carries no e-mail address'
    const shown = cardOf(sampleProposal(), {
      config: CONFIG,
      mode: APPROVE,
      nowMs: NOON,
      needed: 2,
      because,
      mayApprove: 'U0ONCALL1',
    })
    expect(lines(shown.status)).toContain(`2 people needed (${because}). The card expires`)
  })

  it('offers Approve, Approve for a time, Reject and Details, bound to the content shown', () => {
    expect(labels(card())).toEqual(['Approve', 'Approve for 8 h', 'Reject…', 'Details'])
    expect(new Set(card().buttons.map(button => button.value))).toEqual(new Set([`p-1:${DIGEST}`]))
  })

  it('hides the limited grant when it is off, and shows break-glass when it is on', () => {
    expect(labels(card({}, { ...CONFIG, limitedGrantHours: null }))).toEqual(['Approve', 'Reject…', 'Details'])
    const breakGlass = { group: 'S0NIGHT', announceChannel: 'C0NIGHT' }
    expect(labels(card({}, { ...CONFIG, breakGlass }))).toContain('Break glass…')
  })

  it('asks once more before more than a low risk is approved', () => {
    const elevated = card({ verification: { ...VERIFICATION, risk: 'elevated' } })
    expect(asPlainText(elevated.headline)).toMatch(/^Elevated risk: /)
    expect(elevated.buttons[0]?.confirm).not.toBeNull()
    expect(card().buttons[0]?.confirm).toBeNull()
  })

  it('has no Approve after its time, even before anybody has marked it as expired', () => {
    expect(labels(card({}, CONFIG, NOON + 8 * HOUR))).toEqual(['Details'])
  })

  it('leads with the owner of the code when the role is managed as code', () => {
    const managed = {
      id: 'managed-by-code',
      outcome: 'warn',
      detail: 'Managed by the CloudFormation stack app.',
    } as const
    const shown = card({ verification: { ...VERIFICATION, guardrails: [managed] } })
    expect(lines(shown.first)).toBe('Managed by the CloudFormation stack app.')
    expect(shown.checks.map(check => asPlainText(check.text)).join()).not.toContain('stack app')
  })

  it('puts a warning before what passed, and counts the passes', () => {
    const guardrails = [
      { id: 'exact-service', outcome: 'pass', detail: null },
      { id: 'stronger-role', outcome: 'warn', detail: 'app-task can change IAM' },
    ] as const
    const shown = card({ verification: { ...VERIFICATION, guardrails } })
    expect(shown.checks.map(({ outcome, text }) => `${outcome}: ${asPlainText(text)}`)).toEqual([
      'warn: stronger-role: app-task can change IAM',
      'pass: this request: denied now, allowed with the change',
      'pass: 12 other requests checked, none changes',
      'pass: 1 guardrail passed',
    ])
  })
})

describe('a card without a change', () => {
  const { diagnosis } = sampleProposal()

  it('names the owner and the next step, and has no Approve', () => {
    const shown = card({
      status: 'closed',
      patch: null,
      verification: null,
      diagnosis: {
        ...diagnosis,
        verdict: 'not-ours',
        cause: 'scp-gap',
        nextSteps: [
          {
            text: 'Ask for iam:PassRole in the SCP.',
            command: 'aws organizations describe-policy --policy-id p-1',
            owner: 'the platform team',
          },
        ],
      },
      refusal: { code: 'scp-gap', message: diagnosis.summary, owner: 'the platform team' },
    })
    expect(asPlainText(shown.headline)).toMatch(/^Not ours to change: /)
    expect(shown.advice.map(({ text, command }) => `${asPlainText(text)} | ${command}`)).toEqual([
      'Ask for iam:PassRole in the SCP. (owner: the platform team) | aws organizations describe-policy --policy-id p-1',
    ])
    expect(labels(shown)).toEqual(['Details'])
  })

  it('says which guardrail refused a change', () => {
    const refusal = {
      code: 'outside-trust',
      message: 'Trust to an account outside the organization.',
      owner: 'security',
    }
    const shown = card({ status: 'closed', patch: null, verification: null, refusal })
    expect(asPlainText(shown.headline)).toMatch(/^No safe change: /)
    expect(shown.advice.map(({ text }) => asPlainText(text))).toEqual([
      'No change offered: Trust to an account outside the organization.',
      'Ask: security',
    ])
  })

  it('says with a likely cause what AWS says, which may contradict what was read', () => {
    const { diagnosis } = sampleProposal()
    const finding = 'AWS says: an explicit deny in a policy, but no such statement was found in what was read'
    const aws = { policyType: 'aws', policy: null, attachedTo: null, statement: null, sid: null, finding } as const
    const likely = { ...diagnosis, verdict: 'likely', evidence: [aws] } as const
    expect(lines(card({ status: 'closed', patch: null, diagnosis: likely }).why)).toContain(
      `Likely, not proved. ${finding}. Could not be seen`,
    )
  })

  it('says what could not be seen', () => {
    const unknowns = [{ fact: 'sts:ExternalId', why: 'the event does not show it' }]
    const likely = { ...diagnosis, verdict: 'likely', unknowns } as const
    expect(lines(card({ status: 'closed', patch: null, diagnosis: likely }).why)).toContain(
      'Likely, not proved. Could not be seen: sts:ExternalId (the event does not show it).',
    )
  })
})

describe('a decided card', () => {
  const decided: readonly (readonly [string, string, Partial<Proposal>, readonly string[]])[] = [
    ['Approved: ', 'The change is being written next.', { status: 'approved', approvals: [approval] }, ['Details']],
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
      'Being undone: ',
      'ada asked to undo it 2026-11-24 13:00 UTC. The change is being undone.',
      { status: 'reverting', applied, revertRequest: { by: ADA, atMs: NOON + HOUR, signed: null } },
      ['Details'],
    ],
    [
      'Reverted: ',
      'Reverted for ada, 2026-11-24 13:00 UTC: the policies are as before the change.',
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
      'Approved by ada, 2026-11-24 12:01 UTC.\nRejected by ada',
      { status: 'rejected', approvals: [approval], rejection: { by: ADA, atMs: NOON, reason: '', signed: null } },
      ['Details'],
    ],
    ['Expired: ', 'nobody decided in time, nothing was changed', { status: 'expired' }, ['Details']],
    [
      'Expired: ',
      'Approved by ada, 2026-11-24 12:01 UTC.\nExpired',
      { status: 'expired', approvals: [approval] },
      ['Details'],
    ],
    [
      'Failed: ',
      'Failed: nothing was changed. IAM refused it.',
      { status: 'failed', failure: { code: 'x', message: 'IAM refused it.', owner: null } },
      ['Details'],
    ],
    [
      'Out of date: ',
      'Out of date, nothing was changed: The policy was edited.',
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
    expect(lines(shown.status)).toContain(expected)
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
      expect(`${asPlainText(card({ status }).headline)} ${lines(card({ status }).status)}`).not.toMatch(/allowed now/i)
  })

  it('drops the diff once the change does not stand', () => {
    expect(card({ status: 'rejected' }).changes).toEqual([])
    expect(card({ status: 'applied', applied }).changes).toHaveLength(1)
  })
})

describe('the buttons of a card whose approvers are not enough', () => {
  const labelsWith = (more: object, proposal = sampleProposal()) =>
    labels(cardOf(proposal, { config: CONFIG, mode: APPROVE, nowMs: NOON, needed: 2, mayApprove: 'U0ADA', ...more }))

  it('leave out what could never be enough, and keep Reject', () => {
    expect(labelsWith({})).toEqual(['Approve', 'Approve for 8 h', 'Reject…', 'Details'])
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
    expect(labelsWith({ tooFew: 1 }, whole)).toEqual(['Approve just this', 'Reject…', 'Details'])
    expect(labelsWith({ tooFew: 0 }, whole)).toEqual(['Reject…', 'Details'])
  })
})

describe.each(['observe', 'recommend'] as const)('a card of an account in %s', mode => {
  const shown = (changed: Parameters<typeof sampleProposal>[0] = {}) =>
    cardOf(sampleProposal(changed), {
      config: CONFIG,
      mode: { mode, setting: 'mode', unread: null },
      nowMs: NOON,
      needed: 1,
      mayApprove: 'U0ADA',
    })

  it('has no button that decides, and names who makes the change and the line that moves up', () => {
    expect(labels(shown())).toEqual(['Details'])
    expect(lines(shown().status)).toMatch(/Who makes it: the owner of [^,]*111122223333[^,]*, who administers deployer/)
    expect(lines(shown().status)).toContain(
      mode === 'observe'
        ? 'The next mode up: "mode": "recommend" in rolemedic.config.json. Only "approve" gives such cards Approve.'
        : 'To have Approve on such cards: "mode": "approve" in rolemedic.config.json.',
    )
    expect(shown().changes).toHaveLength(1)
  })

  it('keeps Revert for what stands', () => {
    const outcome = { changes: [], atMs: NOON, endsAtMs: null, answer: 'allowed' } as const
    expect(labels(shown({ status: 'applied', applied: outcome } as never))).toEqual(['Revert', 'Details'])
  })
})

describe('a card whose approvers are not enough', () => {
  const shown = (more: object): string =>
    lines(
      cardOf(sampleProposal(), {
        config: CONFIG,
        mode: APPROVE,
        nowMs: NOON,
        needed: 2,
        mayApprove: 'U0ONCALL1',
        ...more,
      }).status,
    )

  it('names who may not approve their own request, and how many are lacking', () => {
    const claimed = { kind: 'unknown', why: 'people can assume this role', claimed: 'U0JANE' } as const
    expect(shown({ leftOut: 'U0JANE', requester: claimed })).toContain('who the session claims to be.')
    expect(shown({ leftOut: 'U0JANE', tooFew: 1 })).toContain(
      'May approve: U0ONCALL1. Not U0JANE, whose own denied request it is.\nOnly 1 of the 2 people needed may approve: add approvers to "approvers" in rolemedic.config.json.\nPress Details after that: Approve comes back.',
    )
    expect(shown({ tooFew: 0 })).toContain(
      'Nobody may approve this: add approvers to "approvers" in rolemedic.config.json.',
    )
    expect(shown({ tooFew: null })).not.toContain('rolemedic.config.json')
  })
})

describe('a card with an approval of somebody who is an approver no more', () => {
  it('says that it does not count, and leaves it out of how many there are', () => {
    const waiting = { config: CONFIG, mode: APPROVE, nowMs: NOON, needed: 2, mayApprove: 'U0ONCALL2', had: [] }
    const { status } = cardOf(sampleProposal({ approvals: [approval] }), waiting)
    expect(lines(status)).toContain('The approval of ada does not count any more.\n')
    expect(lines(status)).toContain('2 people needed, 0 so far')
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

describe('a card after one that came to nothing', () => {
  const previous = { id: 'p-0', digest: DIGEST, why: 'the policy of deployer was changed after the card was made' }

  it('says why that one was out of date, and that its approvals do not count', () => {
    expect(lines(card({ previous: { ...previous, status: 'stale' } }).first)).toBe(
      'The card before this one (p-0) went out of date: the policy of deployer was changed after the card was made. Approvals that were given there do not count here.',
    )
  })

  it('says why that one was not written', () => {
    expect(lines(card({ previous: { ...previous, status: 'failed', why: 'IAM refused it.' } }).first)).toBe(
      'An earlier change for this (p-0) was approved and not written: IAM refused it.',
    )
    expect(lines(card({ previous: { id: 'p-0', status: 'failed' } }).first)).toMatch(/and not written\.$/)
  })
})

describe('a card after an earlier grant', () => {
  const previous = { id: 'p-0', status: 'applied', digest: DIGEST } as const

  it('offers to revert the earlier grant first', () => {
    const shown = card({ previous })
    expect(lines(shown.first)).toContain('An earlier grant did not help')
    expect(shown.buttons[0]).toMatchObject({
      action: 'revert',
      label: 'Revert the earlier grant',
      value: `p-0:${DIGEST}:p-1`,
    })
    expect(labels(shown)).toContain('Approve')
  })

  it('offers it also when there is nothing new to approve', () => {
    expect(labels(card({ previous, status: 'closed', patch: null }))).toEqual(['Revert the earlier grant', 'Details'])
  })
})
