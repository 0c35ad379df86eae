import { describe, expect, it } from 'vitest'
import { asPlainText, joined, own, utc } from '../../../core/base/rich-text.ts'
import type { PolicyChange } from '../../../core/patch/patch.ts'
import type { Verification } from '../../../core/patch/verification/verification.ts'
import { isOfNow } from '../../../functions/domain/authority/earlier-decision.ts'
import { type Card, cardOf, shownChanges } from '../../../functions/domain/card/card.ts'
import { cardEvidence } from '../../../functions/domain/card/evidence.ts'
import { type Config, configSchema } from '../../../functions/domain/config/config.ts'
import type { Proposal, Status } from '../../../functions/domain/proposal/proposal.ts'
import { CODE } from '../../fakes/bridge-world.ts'
import {
  APPROVE,
  approver,
  DIGEST,
  HOUR,
  MINUTE,
  NOON,
  sampleProposal,
  VERIFICATION,
} from '../../fakes/sample-proposal.ts'
import { decisionAbout, signedBy } from '../../fakes/signing.ts'

const CONFIG: Config = configSchema.parse({ mode: 'approve', accounts: { '111122223333': { alias: 'shop' } } })
const USE = {
  ...{ lookedAtMs: NOON, wholeSinceMs: NOON, unseen: null, lastUsedAtMs: null },
  ...{ question: null, kept: null },
}
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
    mayApprove: [...approver('U0ONCALL1'), own(', group '), { kind: 'group', id: 'S0ONCALL' }],
  })
}
const lines = (expected: Card['status']): string => expected.map(asPlainText).join('\n')
/** All printed text before and below the buttons. */
const all = (shown: Card): string => lines([...shown.lines, ...shown.status])
const evidence = (changed: Partial<Proposal> = {}) => cardEvidence(sampleProposal(changed), CONFIG)
const checksOf = (changed: Partial<Proposal>) =>
  evidence(changed).checks.map(({ outcome, text }) => `${outcome}: ${asPlainText(text)}`)
const labels = (shown: Card): readonly string[] => shown.buttons.map(button => button.label)

describe('an open card', () => {
  it('says above the buttons what is broken, the risk, where, what changes, and who may approve until when', () => {
    const shown = card({ repeats: { count: 14, firstSeenMs: NOON - 3 * HOUR, lastSeenMs: NOON - MINUTE } })
    expect(asPlainText(shown.headline)).toBe('deployer was denied iam:PassRole on app-task')
    expect(shown.lines.map(asPlainText)).toEqual([
      '🟢 Low risk in shop.',
      'Change: Lets deployer pass app-task to ECS tasks, nothing else.',
      'Needs 1 of U0ONCALL1, group S0ONCALL until 2026-11-24 20:00 UTC.',
    ])
    expect(shown.status.map(asPlainText)).toEqual([
      'Stays until somebody reverts it, with one click.',
      'No policy of deployer allows it yet.',
      'Denied: session ci-4711, RegisterTaskDefinition in shop (111122223333), eu-west-1, 14 times, last 2026-11-24 11:59 UTC.',
    ])
  })

  it('names the deploy that broke, with its page, and then who was denied what', () => {
    const link =
      'https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/orders/view?region=eu-west-1'
    const name = 'the run of pipeline orders'
    const broken = { key: 'k', title: name, failed: [{ name, isSure: true, link }] }
    const shown = card({ deploy: broken })
    expect(asPlainText(shown.headline)).toBe('The run of pipeline orders failed')
    expect(asPlainText(shown.lines[0] ?? [])).toBe('Because deployer was denied iam:PassRole on app-task.')
    expect(shown.tone).toBe('broken')
    expect(lines(shown.status)).toContain(
      `Denied: session ci-4711, RegisterTaskDefinition in shop (111122223333), eu-west-1, 2026-11-24 11:58 UTC. Open it in the console (${link}).`,
    )
    const probably = { ...broken, failed: [{ name, isSure: false, link }] }
    expect(asPlainText(card({ deploy: probably }).lines[0] ?? [])).toMatch(/^Probably because deployer was denied/)
  })

  it('cuts no sentence of the fullest card of a low risk, and moves the one that does not fit below the buttons', () => {
    const link =
      'https://eu-west-1.console.aws.amazon.com/cloudformation/home?region=eu-west-1#/stacks/events?stackId=x'
    const name = 'the deploy of stack shop'
    const allow = (role: string, service: string) => ({
      Effect: 'Allow' as const,
      Action: 'iam:PassRole',
      Resource: `arn:aws:iam::111122223333:role/${role}`,
      Condition: { StringEquals: { 'iam:PassedToService': service } },
    })
    const Statement = [
      allow('app-task', 'ecs-tasks.amazonaws.com'),
      ...['app-a', 'app-b', 'app-c'].map(role => allow(role, 'lambda.amazonaws.com')),
    ]
    const [change] = changes
    const patch = { digest: DIGEST, changes: [{ ...change, after: { Version: '2012-10-17', Statement } }] }
    const need = {
      denial: sampleProposal().denial,
      place: { logicalId: 'Task', property: 'Role', line: 1, constructPath: null },
      operation: 'x',
    }
    const template = {
      ...{ place: null, isMade: false, needs: [need], unnamed: 0, refused: [], unread: null, alone: null },
    }
    const detail = 'deployer is managed by CloudFormation stack shop-pipeline: make the same change there.'
    const guardrails = [{ id: 'managed-by-code', outcome: 'warn', detail }]
    const shown = card({
      deploy: { key: 'k', title: name, failed: [{ name, isSure: true, link }] },
      repeats: { count: 3, firstSeenMs: NOON - HOUR, lastSeenMs: NOON },
      verification: { ...VERIFICATION, guardrails },
      patch,
      template,
    } as never)
    expect(shown.lines.map(asPlainText)).toEqual([
      'Because deployer was denied iam:PassRole on app-task.',
      '🟢 Low risk in shop.',
      'Change: Lets deployer pass app-task, app-a and 2 more roles to ECS tasks and Lambda functions, nothing else.',
      'Needs 1 of U0ONCALL1, group S0ONCALL until 2026-11-24 20:00 UTC.',
    ])
    expect(asPlainText(shown.status[0] ?? [])).toBe(`⚠️ ${detail}`)
  })

  it('says of a deploy how often it was denied, and keeps its page', () => {
    const link =
      'https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/orders/view?region=eu-west-1'
    const name = 'the run of pipeline orders'
    const shown = card({
      deploy: { key: 'k', title: name, failed: [{ name, isSure: true, link }] },
      repeats: { count: 14, firstSeenMs: NOON - 3 * HOUR, lastSeenMs: NOON - MINUTE },
    })
    expect(lines(shown.status)).toContain(
      `RegisterTaskDefinition in shop (111122223333), eu-west-1, 14 times, last 2026-11-24 11:59 UTC. Open it in the console (${link}).`,
    )
  })

  it('names the deploy of an item that an older version stored', () => {
    const shown = card({ deploy: { key: 'k', title: 'probably the deploy of stack orders' } })
    expect(asPlainText(shown.headline)).toBe('The deploy of stack orders failed')
    expect(asPlainText(shown.lines[0] ?? [])).toMatch(/^Probably because/)
  })

  it.each([
    'https://evil.example/console.aws.amazon.com/',
    'https://console.aws.amazon.com.evil.example/x',
    'javascript:alert(1)',
    'https://a.b.console.aws.amazon.com@evil.example/',
  ])('opens no page that is not the console of AWS: %s', link => {
    const name = 'the deploy of stack orders'
    const shown = card({ deploy: { key: 'k', title: name, failed: [{ name, isSure: true, link }] } })
    expect([...shown.lines, ...shown.status].flat().filter(({ kind }) => kind === 'link')).toEqual([])
  })

  it('keeps what it rests on for the thread', () => {
    const { facts, why, reach } = evidence({
      repeats: { count: 14, firstSeenMs: NOON - 3 * HOUR, lastSeenMs: NOON - MINUTE },
    })
    expect(facts.map(asPlainText)).toEqual([
      'Who: deployer (role, session ci-4711)',
      'Denied: iam:PassRole on arn:aws:iam::111122223333:role/app-task',
      'Call: RegisterTaskDefinition of ecs.amazonaws.com',
      'Where: shop (111122223333), eu-west-1',
      'Seen: 14 times since 2026-11-24 09:00 UTC, last 2026-11-24 11:59 UTC',
    ])
    expect(lines(why)).toBe('Why: No identity policy of deployer allows iam:PassRole on app-task.')
    expect(asPlainText(reach ?? [])).toBe(
      '1 role (app-task), 1 service (ecs-tasks.amazonaws.com), 1 action (iam:PassRole)',
    )
    expect(checksOf({})).toEqual([
      'pass: this request: denied now, allowed with the change',
      'pass: proved: opens nothing else',
    ])
  })

  it('shows the exact change where two people must read it, and else leaves it to the thread', () => {
    expect(card().changes).toEqual([])
    const shown = cardOf(sampleProposal(), { config: CONFIG, mode: APPROVE, nowMs: NOON, needed: 2, mayApprove: [] })
    expect(shown.changes.flatMap(change => change.lines.map(({ sign, text }) => `${sign} ${text}`))).toContain(
      '+   "Resource": "arn:aws:iam::111122223333:role/app-task",',
    )
    expect(evidence().changes).toHaveLength(1)
    expect(evidence().forms.map(({ language }) => language)).toEqual(['Terraform', 'CloudFormation', 'CDK', 'AWS CLI'])
  })

  it.each([
    ['aws-mcp.amazonaws.com', 'by an agent through aws-mcp.amazonaws.com'],
    ['eks-mcp.amazonaws.com', 'by an agent through eks-mcp.amazonaws.com'],
    ['cloudformation.amazonaws.com', 'through cloudformation.amazonaws.com'],
  ])('says who made the call that came through %s', (via, words) => {
    const denial = { ...sampleProposal().denial, via }
    expect(lines(evidence({ denial }).facts)).toContain(`Call: RegisterTaskDefinition of ecs.amazonaws.com, ${words}`)
    expect(all(card({ denial })).includes('by an agent')).toBe(words.includes('agent'))
  })

  it('says how many are needed, who may, and when it ends', () => {
    const asks = (shown: Card) => asPlainText(shown.lines.at(-1) ?? [])
    expect(asks(card())).toBe('Needs 1 of U0ONCALL1, group S0ONCALL until 2026-11-24 20:00 UTC.')
    const half = cardOf(sampleProposal({ approvals: [approval] }), {
      ...{ config: CONFIG, mode: APPROVE, nowMs: NOON, needed: 2 },
      mayApprove: [...approver('U0ONCALL1'), own(', '), ...approver('U0ONCALL2')],
    })
    expect(asks(half)).toBe('Approved by ada. Needs 1 more of U0ONCALL2 until 2026-11-24 20:00 UTC.')
    expect(lines(half.status)).toContain('Approved by ada, 2026-11-24 12:01 UTC.')
    expect(asks(card({}, CONFIG, NOON + 8 * HOUR))).toBe('The time to decide ended 2026-11-24 20:00 UTC.')
  })

  it('names the first three who may approve above the buttons, the first twelve below, and counts the others', () => {
    const named = (count: number) =>
      joined(
        Array.from({ length: count }, (_, at) => approver(`U0ADA${at}`)),
        ', ',
      )
    const shown = (count: number) =>
      all(cardOf(sampleProposal(), { config: CONFIG, mode: APPROVE, nowMs: NOON, needed: 1, mayApprove: named(count) }))
    expect(shown(3)).toContain('Needs 1 of U0ADA0, U0ADA1, U0ADA2 until')
    expect(shown(3)).not.toContain('May approve:')
    expect(shown(12)).toContain('Needs 1 of U0ADA0, U0ADA1, U0ADA2, and 9 more until')
    expect(shown(12)).toMatch(/May approve: U0ADA0, .*U0ADA10, U0ADA11\.$/m)
    expect(shown(14)).toMatch(/May approve: U0ADA0, .*U0ADA10, U0ADA11, and 2 more\.$/m)
  })

  it('says why more are needed than the risk asks for', () => {
    const because = 'it cannot be seen who was denied, as the event carries no e-mail address'
    const shown = cardOf(sampleProposal(), {
      config: CONFIG,
      mode: APPROVE,
      nowMs: NOON,
      needed: 2,
      because,
      mayApprove: approver('U0ONCALL1'),
    })
    expect(lines(shown.status)).toContain(`2 people needed: ${because}.`)
  })

  it('offers one approval and Reject, in a menu the other one and Details, all bound to the content shown', () => {
    expect(labels(card())).toEqual(['Approve, no end', 'Reject…', 'Approve for 8 h', 'Details'])
    expect(card().buttons.map(({ place }) => place)).toEqual([undefined, undefined, 'more', 'more'])
    expect(new Set(card().buttons.map(button => button.value))).toEqual(new Set([`p-1:${DIGEST}`]))
  })

  it.each([
    { kind: 'person', userId: 'U0JANE' },
    { kind: 'email', email: 'jane@example.com' },
    { kind: 'unknown', why: 'people can assume this role', claimed: null },
  ] as const)('offers the grant that ends by itself first where a person was denied: $kind', requester => {
    const shown = card({ requester })
    expect(labels(shown)).toEqual(['Approve for 8 h', 'Reject…', 'Approve, no end (2 people)', 'Details'])
    expect(shown.buttons.map(({ style }) => style)).toEqual(['primary', 'danger', null, null])
    expect(card().buttons.map(({ style }) => style)).toEqual(['primary', 'danger', null, null])
  })

  it('says the end exactly once an approval has set it', () => {
    const limited = { ...approval, limitHours: 8 }
    expect(all(card({ approvals: [limited] }))).toContain(
      'Ends by itself 2026-11-24 20:01 UTC; can be reverted with one click before.',
    )
  })

  it('says how many approvals another approval has cost', () => {
    const changed = { times: 1, because: 'approval', dropped: [ADA], atMs: NOON } as const
    expect(all(card({ changed }))).toContain('Changed after another approval: 1 earlier approval no longer counts.')
    expect(all(card({ changed: { ...changed, dropped: [ADA, ADA] } }))).toContain(
      '2 earlier approvals no longer count.',
    )
    expect(all(card({ changed: { ...changed, because: 'revert', dropped: [] } }))).toContain(
      'Changed after another change was reverted: read it again.',
    )
  })

  it('hides the limited grant when it is off, and shows break-glass when it is on', () => {
    expect(labels(card({}, { ...CONFIG, limitedGrantHours: null }))).toEqual(['Approve, no end', 'Reject…', 'Details'])
    const breakGlass = { group: 'S0NIGHT', announceChannel: 'C0NIGHT', askAtHourUtc: 8 }
    expect(labels(card({}, { ...CONFIG, breakGlass }))).toContain('Break glass…')
  })

  it('asks once more before more than a low risk is approved', () => {
    const elevated = card({ verification: { ...VERIFICATION, risk: 'elevated' } })
    expect(all(elevated)).toContain('Elevated risk in shop.')
    expect(elevated.buttons[0]?.confirm).toEqual({
      title: 'Approve this change?',
      text: 'Elevated risk. It stays until somebody reverts it. Lets deployer pass app-task to ECS tasks, nothing else. Details say what it opens.',
      yes: 'Approve, no end',
    })
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
    expect(asPlainText(shown.lines[0] ?? [])).toBe('⚠️ Managed by the CloudFormation stack app.')
    const guardrails = [managed]
    expect(checksOf({ verification: { ...VERIFICATION, guardrails } }).join()).not.toContain('stack app')
    expect(evidence({ verification: { ...VERIFICATION, guardrails } }).forms.map(({ language }) => language)).toEqual([
      'CloudFormation',
    ])
  })

  it('puts a warning before what passed, and counts the passes', () => {
    const guardrails = [
      { id: 'exact-service', outcome: 'pass', detail: null },
      { id: 'stronger-role', outcome: 'warn', detail: 'app-task can change IAM' },
    ] as const
    const verification = { ...VERIFICATION, guardrails }
    expect(all(card({ verification }))).toContain('app-task can change IAM')
    expect(checksOf({ verification })).toEqual([
      'warn: app-task can change IAM',
      'pass: this request: denied now, allowed with the change',
      'pass: proved: opens nothing else',
      'pass: 1 more check passed',
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
    expect(asPlainText(shown.headline)).toBe('deployer was denied iam:PassRole on app-task')
    expect(all(shown)).toContain('Nothing to approve in shop. No identity policy of deployer')
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
    expect(all(shown)).toContain('No safe change in shop.')
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
    expect(lines(evidence({ status: 'closed', patch: null, diagnosis: likely }).why)).toContain(
      `Likely, not certain. ${finding}. Could not be seen`,
    )
  })

  it('says why in a whole sentence, and that it is not certain', () => {
    const summary =
      'The trust policy of vendor-access lets role orders-deploy in only under a condition that the event does not show (sts:ExternalId).'
    const unknowns = [{ fact: 'sts:ExternalId', why: 'the event does not show it' }]
    const likely = { ...diagnosis, verdict: 'likely', cause: 'trust-condition', gaps: [], summary, unknowns } as const
    const shown = card({ status: 'closed', patch: null, verification: null, diagnosis: likely })
    expect(asPlainText(shown.lines[0] ?? [])).toBe(`Likely cause in shop. ${summary} Not seen: sts:ExternalId.`)
  })

  it('says what could not be seen', () => {
    const unknowns = [{ fact: 'sts:ExternalId', why: 'the event does not show it' }]
    const likely = { ...diagnosis, verdict: 'likely', unknowns } as const
    expect(lines(evidence({ status: 'closed', patch: null, diagnosis: likely }).why)).toContain(
      'Likely, not certain. Could not be seen: sts:ExternalId (the event does not show it).',
    )
    expect(all(card({ status: 'closed', patch: null, diagnosis: likely }))).toContain('Not seen: sts:ExternalId.')
  })
})

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

describe('a card whose code is kept in a configured repository', () => {
  const repository = {
    host: 'github.com',
    repository: 'acme/orders',
    branch: 'main',
    paths: ['**'],
    kind: 'terraform' as const,
  }
  const code = { repository, entities: [] }
  const hosted = { ...CONFIG, repositories: [repository] }
  const pull = {
    state: 'open',
    number: 12,
    url: 'https://github.com/acme/orders/pull/12',
    why: null,
    snippet: null,
    pollAtMs: null,
    aloneAtMs: null,
    reminders: 0,
    coveredSinceMs: null,
  } as const

  it('offers the bridge first, then the pull request alone, then the ordinary buttons', () => {
    const shown = card({ code })
    expect(labels(shown)).toEqual([
      'Approve, with pull request (72 h)',
      'Reject…',
      'Pull request only',
      'Approve, no end',
      'Approve for 8 h',
      'Details',
    ])
    expect(shown.buttons.map(({ style }) => style)).toEqual(['primary', 'danger', null, null, null, null])
  })

  it('offers the pull request alone where nothing may be approved', () => {
    const mode = { mode: 'recommend', setting: 'mode', unread: null } as const
    const shown = cardOf(sampleProposal({ code }), {
      config: CONFIG,
      mode,
      nowMs: NOON,
      needed: 1,
      mayApprove: approver('U0ONCALL1'),
    })
    expect(labels(shown)).toEqual(['Pull request only', 'Details'])
  })

  it('says how the pull request is, with its address', () => {
    expect(all(card({ status: 'confirmed', applied, code, pull }, hosted))).toContain(
      'Pull request #12 (https://github.com/acme/orders/pull/12) is open.',
    )
    expect(all(card({ status: 'confirmed', applied, code, pull: { ...pull, state: 'merged' } }))).toContain(
      'is merged.',
    )
    expect(
      all(card({ status: 'confirmed', applied, code, pull: { ...pull, state: 'snippet', number: null } })),
    ).toContain('the thread has the change to add by hand')
  })

  it.each([
    'https://evil.example/acme/orders/pull/12',
    'https://github.com.evil.example/pull/12',
    'https://github.com@evil.example/pull/12',
    'http://github.com/acme/orders/pull/12',
  ])('opens no page that is not on a configured host: %s', url => {
    const shown = card({ status: 'confirmed', applied, code, pull: { ...pull, url } }, hosted)
    expect(shown.lines.flat().filter(({ kind }) => kind === 'link')).toEqual([])
    expect(all(shown)).toContain('Pull request #12 is open.')
  })

  it('says that nothing was changed where the code alone changes', () => {
    const rejection = { by: ADA, atMs: NOON, reason: 'Pull request only', pullRequest: true, signed: null } as const
    const shown = card({ status: 'rejected', rejection, code, pull })
    expect(asPlainText(shown.headline)).toContain('Pull request only')
    expect(all(shown)).toContain('nothing was changed in IAM')
  })
})

describe('a card with a pull request', () => {
  const repository = {
    ...{ host: 'github.com', repository: 'acme/orders', branch: 'main', paths: ['**'], kind: 'terraform' as const },
  }
  const code = { repository, entities: [] }
  const pull = {
    ...{ state: 'open' as const, number: 12, url: null, why: null, snippet: null, pollAtMs: null },
    ...{ aloneAtMs: null, reminders: 0, coveredSinceMs: null },
  }
  it.each([
    [{ state: 'asked', number: null }, 'The pull request is being opened.'],
    [{ state: 'waiting', number: null }, 'The pull request is being opened.'],
    [{ state: 'open' }, 'Pull request #12 is open.'],
    [{ state: 'merged' }, 'Pull request #12 is merged.'],
    [{ state: 'closed' }, 'Pull request #12 is closed, not merged.'],
    [{ state: 'current' }, 'The code has the change already: deploy it.'],
    [{ state: 'snippet' }, 'No pull request: the thread has the change to add by hand.'],
    [{ state: 'failed' }, 'No pull request: the thread says why.'],
  ] as const)('says of %j: %s', (seen, sentence) => {
    expect(all(card({ status: 'confirmed', applied, code, pull: { ...pull, ...seen } }))).toContain(sentence)
  })

  it('says nothing of one that was closed before it was opened', () => {
    const never = { ...pull, state: 'closed' as const, number: null }
    expect(all(card({ status: 'confirmed', applied, code, pull: never }))).not.toContain('ull request')
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
