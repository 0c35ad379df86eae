import { describe, expect, it } from 'vitest'
import { asPlainText, joined, own } from '../../../core/base/rich-text.ts'
import { type Card, cardOf } from '../../../functions/domain/card/card.ts'
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
import { ADA, all, approval, CONFIG, card, changes, checksOf, evidence, labels, lines } from './card-fixture.ts'

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
    const inEurope = 'https://console.amazonaws-eusc.eu/codesuite/codepipeline/pipelines/orders/view'
    const there = { ...broken, failed: [{ name, isSure: true, link: inEurope }] }
    expect(lines(card({ deploy: there }).status)).toContain(`Open it in the console (${inEurope}).`)
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
    const value = `p-1:${DIGEST}`
    expect(card().buttons.map(button => button.value)).toEqual([value, value, `${value}@8`, value])
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
