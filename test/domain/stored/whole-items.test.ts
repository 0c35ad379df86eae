import { describe, expect, it } from 'vitest'
import { digestOf } from '../../../core/base/canonical-json.ts'
import { RolemedicError } from '../../../core/base/fault.ts'
import type { Denial } from '../../../core/denial/denial.ts'
import type { Diagnosis } from '../../../core/diagnosis/diagnosis.ts'
import type { DeployState } from '../../../functions/domain/deploy/deploy.ts'
import {
  type Change,
  type Proposal,
  STATUSES,
  type TemplateFindings,
} from '../../../functions/domain/proposal/proposal.ts'
import type { PullOrder } from '../../../functions/domain/proposal/pull-request.ts'
import {
  AUDIT_HEAD,
  approverMarker,
  auditSearch,
  cardPlacement,
  deployRecord,
  deploysBy,
  deploysIn,
  evidencePosted,
  firstRun,
  harvestedDenial,
  heardFrom,
  noticePublished,
  observedDay,
  observedPosted,
  othersRevalidated,
  outcomePosted,
  passApprovals,
  pullRecord,
  recordCard,
  setSuggested,
  stormList,
  stormListKey,
  targetLock,
} from '../../../functions/domain/stored/markers.ts'
import { OCCURRENCE } from '../../../functions/domain/stored/stored-occurrence.ts'
import { PROPOSAL } from '../../../functions/domain/stored/stored-proposal.ts'
import { CURRENT_VERSION, isItemUnreadable, itemUnreadable } from '../../../functions/domain/stored/versions.ts'
import { parseWork, workMessage } from '../../../functions/domain/stored/work-message.ts'
import { CODE } from '../../fakes/bridge-world.ts'
import { CARD, DENIAL, NOON, sampleProposal, VERIFICATION } from '../../fakes/sample-proposal.ts'

const read = (stored: object) => PROPOSAL.read(JSON.parse(JSON.stringify(stored)), CURRENT_VERSION)
const stored = (proposal: Proposal): object => PROPOSAL.write(proposal) as object
const comesBack = (proposal: Proposal): void => expect(read(stored(proposal))).toEqual({ ok: true, value: proposal })

const POLICY = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'No', Effect: 'Deny' as const, Action: 'iam:PassRole', Resource: '*' }],
}
const REQUEST = {
  action: 'iam:PassRole',
  resource: 'arn:aws:iam::111122223333:role/app-task',
  principalArn: 'arn:aws:iam::111122223333:role/deployer',
  roleArn: null,
  context: {
    'aws:SourceVpc': { state: 'present', values: ['vpc-1'] },
    'aws:MultiFactorAuthPresent': { state: 'absent' },
    'aws:SourceIp': { state: 'unknown', why: 'the record does not show it' },
  },
} as const

/** Every member that a denial can have. */
const WHOLE: Denial = {
  ...DENIAL,
  source: 'message',
  reasonPolicyArn: 'arn:aws:iam::111122223333:policy/no',
  authorizationId: 'auth-1',
  encodedMessage: { blob: 'abc', cut: true },
  via: 'cloudformation.amazonaws.com',
  stack: 'orders',
  passes: [
    {
      arn: 'arn:aws:iam::111122223333:role/app-task',
      parameter: 'taskRoleArn',
      service: {
        values: [{ service: 'ecs-tasks.amazonaws.com', evidence: 'managed-policy', source: 'AmazonECS' }],
        mayBeAbsent: true,
        narrowable: false,
        disputed: [{ service: 'ecs.amazonaws.com', evidence: 'trust', source: null }],
        assumedBy: ['ecs-tasks.amazonaws.com'],
        ruledOut: [{ service: null, policy: 'no', sid: 'No' }],
      },
    },
  ],
  claims: { provider: 'token.actions.githubusercontent.com', subject: 'repo:acme/app', audience: null },
  context: REQUEST.context,
  awsEvaluation: {
    source: 'decoded-message',
    allowed: false,
    explicitDeny: true,
    action: 'iam:PassRole',
    resource: null,
    matchedStatements: [{ policy: null, sid: 'No', effect: 'DENY' }],
    context: REQUEST.context,
    policies: [{ uri: 'p-1', type: 'scp', attachedTo: null, denies: ['No', null], document: POLICY }],
  },
  unread: { kind: 'cut', text: 'app-ta' },
  hints: {
    tool: 'terraform',
    provider: 'github',
    roleBeside: null,
    linkedService: 'es.amazonaws.com',
    notBootstrapped: true,
    roleExists: false,
    noMfaSerial: true,
  },
  roleFromLog: true,
  accountFrom: { accountId: '111122223333', of: 'arn:aws:iam::111122223333:role/deployer' },
}

describe('a stored denial', () => {
  it('comes back with every member that it can have', () => {
    comesBack(sampleProposal({ denial: WHOLE }))
  })

  it.each<[string, Partial<Denial>]>([
    ['AWS’s details of an authorization', { awsEvaluation: evaluated('authorization-details') }],
    ['a token of EKS', { hints: { ...hints(), provider: 'eks' } }],
    ['no issuer', { hints: { ...hints(), provider: null, tool: null } }],
    ['a record of CloudTrail as its source', { source: 'cloudtrail' }],
    ...(['not-named', 'masked', 'placeholder', 'malformed'] as const).map(
      kind => [`a role that is ${kind}`, { unread: { kind, text: null } }] as [string, Partial<Denial>],
    ),
  ])('comes back with %s', (_, changed) => {
    comesBack(sampleProposal({ denial: { ...WHOLE, ...changed } }))
  })

  it.each<[string, object]>([
    ['a source that is not known', { source: 'slack' }],
    ['an action that is not ours', { action: 's3:GetObject' }],
    ['a kind of principal that is not known', { principal: { ...DENIAL.principal, kind: 'robot' } }],
    ['a reason that is not known', { reason: 'because' }],
    ['a tool that is not known', { hints: { ...hints(), tool: 'make' } }],
    ['a role from a log that says no', { roleFromLog: false }],
    [
      'a policy that IAM would refuse',
      {
        awsEvaluation: {
          ...evaluated('decoded-message'),
          policies: [{ ...captured(), document: { Statement: [{ Effect: 'Maybe' }] } }],
        },
      },
    ],
    [
      'a type of policy that is not known',
      { awsEvaluation: { ...evaluated('decoded-message'), policies: [{ ...captured(), type: 'law' }] } },
    ],
  ])('with %s is not read', (_, changed) => {
    const item = { ...stored(sampleProposal()), denial: { ...WHOLE, ...changed } }
    expect(read(item)).toMatchObject({ ok: false, error: expect.stringContaining('denial.') })
  })
})

function hints() {
  if (WHOLE.hints === undefined) throw new Error('it has hints')
  return WHOLE.hints
}
function evaluated(source: 'decoded-message' | 'authorization-details') {
  if (WHOLE.awsEvaluation === null) throw new Error('it has an evaluation')
  return { ...WHOLE.awsEvaluation, source }
}
function captured() {
  return evaluated('decoded-message').policies[0]
}

const PLACE = { logicalId: 'Task', property: 'TaskRoleArn', line: 12, constructPath: 'Orders/Task' }
const { patch, followUps } = sampleProposal()
const ALONE: Change = { patch, followUps, verification: VERIFICATION }
const TEMPLATE: TemplateFindings = {
  place: PLACE,
  isMade: true,
  needs: [
    { denial: DENIAL, isMade: false, operation: 'RunTask', place: { ...PLACE, line: null }, summary: 'lacks it' },
  ],
  alone: ALONE,
  unnamed: 2,
  refused: [{ role: 'admin', code: 'protected' }],
  unread: null,
}

describe('a stored proposal', () => {
  it('comes back with every member that an open one can have', () => {
    comesBack(
      sampleProposal({
        card: { ...CARD, thread: '1.2' },
        requester: { kind: 'unknown', why: 'a role', claimed: null },
        previous: { id: 'p-0', status: 'failed', digest: 'sha256:x', why: 'drift', withdrawn: true },
        deploy: { key: 'd', title: 'orders', failed: [{ name: 'the stack orders', isSure: false, link: 'https://x' }] },
        template: TEMPLATE,
        changed: { times: 1, because: 'choice', dropped: [{ id: 'U1', name: 'Ana' }], atMs: NOON },
        renewal: { after: 'p-9', atMs: NOON },
        remindersSent: 2,
        verification: {
          ...VERIFICATION,
          guardrails: [{ id: 'wildcards', outcome: 'warn', detail: 'wide', link: 'https://x' }],
          counterexample: REQUEST,
        },
      }),
    )
  })

  it.each(['approval', 'revert', 'deploy', 'record', 'choice'] as const)(
    'comes back, changed because of a %s',
    because => {
      comesBack(sampleProposal({ changed: { times: 3, because, dropped: [], atMs: NOON } }))
    },
  )

  it('comes back while write is asked to write it and to undo it', () => {
    const asked = { digest: `sha256:${'a'.repeat(64)}`, atMs: NOON, times: 2 }
    comesBack(sampleProposal({ status: 'applying', asked, leaseUntilMs: NOON }))
    comesBack(sampleProposal({ status: 'applying', beganEarlier: true }))
    comesBack(sampleProposal({ status: 'reverting', asked }))
    comesBack(sampleProposal({ status: 'approved', waitsForRecord: true }))
    comesBack(sampleProposal({ status: 'approved', stopped: { by: 'user/ada', sinceMs: NOON } }))
  })

  it('comes back with what is known of its use', () => {
    const use = {
      lookedAtMs: NOON,
      wholeSinceMs: null,
      unseen: 'cut',
      lastUsedAtMs: NOON,
      question: { atMs: NOON, card: CARD, isSeen: false },
      kept: { by: { id: 'U1', name: 'Ana' }, atMs: NOON, signed: null },
    }
    comesBack(sampleProposal({ status: 'confirmed', use }))
    comesBack(sampleProposal({ status: 'applied', use, failure: { code: 'drift', message: 'changed', owner: 'Ana' } }))
  })

  it('that expired before it was posted comes back without a card', () => {
    comesBack(sampleProposal({ status: 'expired', card: null, approvals: [] }))
    comesBack(sampleProposal({ status: 'expired', dueAtMs: null }))
  })

  it.each([
    ['a patch that was not verified', { verification: null }],
    ['no patch, and no refusal', { patch: null, refusal: null }],
  ])('with %s is not read', (why, changed) => {
    for (const status of ['drafted', 'expired'] as const) {
      const item = { ...stored(sampleProposal({ status })), ...changed }
      expect(read(item)).toEqual({ ok: false, error: `the whole: ${why}` })
    }
  })

  it.each<[string, object]>([
    ['a status that is not known', { status: 'paused' }],
    ['no card, though it is open', { card: null }],
    ['approvals that are none', { approvals: 'Ana' }],
    ['a count of reminders below zero', { remindersSent: -1 }],
    [
      'a kind of target that is not known',
      { patch: { ...patch, changes: [{ ...patch.changes[0], target: { kind: 'user' } }] } },
    ],
    ['a risk that is not known', { verification: { ...VERIFICATION, risk: 'none' } }],
  ])('with %s is not read', (_, changed) => {
    expect(read({ ...stored(sampleProposal()), ...changed })).toMatchObject({ ok: false })
  })

  it('that does not say who asked is read as asked by somebody unknown', () => {
    const { requester: _, ...item } = stored(sampleProposal()) as { [member: string]: unknown }
    expect(read(item)).toMatchObject({
      ok: true,
      value: { status: 'open', requester: { kind: 'unknown', claimed: null } },
    })
  })

  it('whose decisions have no signature is read as signed by nobody', () => {
    const by = { by: { id: 'U1', name: 'Ana' }, atMs: NOON }
    const item = { ...stored(sampleProposal({ status: 'reverting' })), revertRequest: by }
    expect(read(item)).toMatchObject({ ok: true, value: { revertRequest: { ...by, signed: null } } })
  })

  it.each(STATUSES)('that is %s is read without what another status has', status => {
    const others = {
      followUps: [],
      refusal: null,
      card: null,
      approvals: [],
      rejection: null,
      applied: null,
      reverted: null,
      revertRequest: null,
      leaseUntilMs: null,
      writing: null,
      renewal: null,
      failure: null,
      remindersSent: 0,
    }
    const proposal = sampleProposal({ status })
    expect(read({ ...others, ...stored(proposal) })).toEqual({ ok: true, value: proposal })
  })

  it('of a version that wrote by itself says that it began', () => {
    const { asked: _, ...item } = stored(sampleProposal({ status: 'applying' })) as Record<string, unknown>
    const writing = { kind: 'apply', writes: [], endsAtMs: null }
    expect(read({ ...item, writing })).toMatchObject({ ok: true, value: { asked: null, beganEarlier: true } })
    expect(read({ ...item, writing: null })).toEqual({ ok: true, value: sampleProposal({ status: 'applying' }) })
  })
})

const CONDITION = {
  statement: 0,
  operator: 'Bool',
  key: 'aws:MultiFactorAuthPresent',
  wanted: ['true'],
  got: 'false',
}

describe('a stored diagnosis', () => {
  const { diagnosis } = sampleProposal()
  const GAPS: Diagnosis['gaps'] = [
    {
      kind: 'identity',
      roles: ['r'],
      under: { Bool: { 'aws:MultiFactorAuthPresent': true }, NumericLessThan: { 'x:y': [1, 2] } },
    },
    { kind: 'identity-condition', policy: 'p', policyArn: null, attachedTo: 'deployer', ...CONDITION },
    { kind: 'trust', role: 'r' },
    { kind: 'trust-condition', role: 'r', ...CONDITION },
    { kind: 'service-trust', role: 'r', service: 'ec2.amazonaws.com' },
  ]

  it.each<[string, Partial<Diagnosis>]>([
    ['every kind of gap', { gaps: GAPS }],
    [
      'evidence of a policy and of AWS itself',
      {
        evidence: [
          { policyType: 'scp', policy: 'p', attachedTo: 'o', statement: 0, sid: null, finding: 'denies' },
          { policyType: 'aws', policy: null, attachedTo: null, statement: null, sid: null, finding: 'says so' },
        ],
      },
    ],
    ['a guessed service', { serviceGuessed: true }],
    ['a service that was only taken', { onlyTaken: true }],
    ['a cause that nothing confirms', { unconfirmed: true, verdict: 'likely' }],
    [
      'no service, unknowns and steps',
      {
        passedService: null,
        unknowns: [{ fact: 'a', why: 'b' }],
        nextSteps: [{ text: 't', command: null, owner: 'o' }],
      },
    ],
  ])('comes back with %s', (_, changed) => {
    comesBack(sampleProposal({ diagnosis: { ...diagnosis, ...changed } }))
  })
})

describe('a stored deploy', () => {
  const NEED = {
    action: 'iam:PassRole',
    operation: 'RunTask',
    service: null,
    via: null,
    role: 'r',
    by: null,
    isMade: false,
    place: PLACE,
  } as const
  const STATE: DeployState = {
    key: 'stack-1',
    round: 2,
    deploy: {
      kind: 'cloudformation',
      accountId: '111122223333',
      region: 'eu-west-1',
      target: 'orders',
      name: 'orders',
      attempt: null,
      status: 'UPDATE_FAILED',
      failedAtMs: NOON,
      reasons: [{ text: 'no', resource: null, resourceType: null, atMs: NOON }],
      log: null,
    },
    correlation: {
      requests: ['k'],
      roles: [],
      sessions: [],
      via: null,
      ownRoles: [],
      fromMs: 1,
      untilMs: 2,
      explained: true,
    },
    attempts: [{ id: 'a', atMs: NOON }],
    causes: [{ fingerprint: 'f', confidence: 'caused by' }],
    noticedAtMs: null,
    noticingUntilMs: 0,
    alert: null,
    postingUntilMs: 0,
  }
  const { codec } = deployRecord('stack-1')

  it.each<[string, Partial<DeployState>]>([
    ['no template', {}],
    [
      'a template that was read',
      { template: { kind: 'read', needs: [NEED], unnamed: 1, reported: [{ request: 'k', resource: null }] } },
    ],
    ['a template that was not read', { template: { kind: 'unread', why: 'AccessDenied' } }],
    ['an earlier round', { past: { fingerprints: ['f'], untilMs: NOON }, leftOut: 3 }],
  ])('comes back with %s', (_, changed) => {
    const state = { ...STATE, ...changed }
    const item = JSON.parse(JSON.stringify(codec.write(state)))
    expect(codec.read(item, CURRENT_VERSION)).toEqual({ ok: true, value: state })
    expect(item).toMatchObject({ generation: 2, traces: { said: ['k'], otherwise: true } })
  })
})

it('no occurrence is read from what is none', () => {
  expect(OCCURRENCE.read('x', CURRENT_VERSION)).toMatchObject({ ok: false })
})

it('only an item that does not parse is unreadable', () => {
  expect(isItemUnreadable(itemUnreadable('proposal p-1', 'status: Invalid input'))).toBe(true)
  expect(isItemUnreadable(new RolemedicError('drift', 'changed'))).toBe(false)
  expect(isItemUnreadable({ code: 'item-unreadable' })).toBe(false)
})

/** If a key changes, everything stored under the old key is lost. */
describe('the key of a marker', () => {
  const target = patch.changes[0]?.target
  if (target === undefined) throw new Error('it changes something')
  it.each([
    ['notice/p-1', noticePublished('p-1')],
    ['p-1/result/applied', outcomePosted('p-1', 'applied')],
    ['p-1/result/evidence-2', evidencePosted('p-1', 2)],
    ['renewed/p-1/reverted', othersRevalidated('p-1', 'reverted')],
    ['lock#arn:aws:iam::111122223333:role/deployer#role-inline-policy#rolemedic', targetLock(target)],
    [
      'lock#arn:aws:iam::111122223333:role/deployer#role-trust-policy#',
      targetLock({ ...target, kind: 'role-trust-policy', policyName: null }),
    ],
    ['card-place/p-1', cardPlacement('p-1')],
    [`record/${digestOf('e-1').slice(7)}`, recordCard('e-1')],
    ['digest/C1/7', stormList(stormListKey('C1', 7))],
    ['pull/p-1', pullRecord('p-1')],
    ['first-run/C1', firstRun('C1')],
    ['observed/C1/20000', observedDay('C1', 20_000)],
    ['observed-posted/C1/20000', observedPosted('C1', 20_000)],
    ['harvested/k', harvestedDenial('k')],
    ['deploy/stack-1', deployRecord('stack-1')],
    ['deploys/111122223333/eu-west-1', deploysIn('111122223333', 'eu-west-1')],
    ['deploys-by/f', deploysBy('f')],
    ['heard/111122223333', heardFrom('111122223333')],
    ['approved-by/U1', approverMarker('U1')],
    ['pass-approvals/role/1/deployer', passApprovals('role/1/deployer')],
    ['set-suggested/s/unread', setSuggested('s', 'unread')],
    ['audit#head', AUDIT_HEAD],
    ['audit#key#p-1/applied', auditSearch('p-1/applied')],
  ])('is %s', (expected, { key }) => {
    expect(key).toBe(expected)
  })
})

describe('a work message', () => {
  it.each(['open', 'poll', 'closed'] as const)('to publish what is wanted %s comes back as it was', wanted => {
    const order: PullOrder = {
      proposalId: 'p-1',
      wanted,
      place: CODE,
      changes: patch.changes,
      decisions: [],
      shown: { request: ['role/1/deployer', 'iam:PassRole', null], summary: 'lacks it', verification: VERIFICATION },
      cardUrl: 'https://acme.slack.com/archives/C1/p1',
      reminder: 1,
    }
    expect(parseWork(workMessage({ kind: 'publish', order }))).toEqual({ ok: true, value: { kind: 'publish', order } })
    expect(parseWork(workMessage({ kind: 'publish', order: { ...order, proposalId: '../p' } }))).toMatchObject({
      ok: false,
    })
    // What the version before needs, and what it sent.
    const {
      shown: _,
      cardUrl: _url,
      reminder: _reminder,
      ...earlier
    } = JSON.parse(workMessage({ kind: 'publish', order })).order
    expect(earlier).toMatchObject({ facts: { action: 'iam:PassRole', resource: '', checks: [] }, remark: null })
    expect(parseWork(JSON.stringify({ kind: 'publish', order: earlier }))).toEqual({
      ok: true,
      value: { kind: 'publish', order: { ...order, shown: null, cardUrl: null, reminder: null } },
    })
  })

  it.each([
    ['{', 'the message is not JSON'],
    ['{"v":"2","kind":"apply","proposalId":"p-1"}', 'the message has no version that can be read'],
    ['7', 'the message has no version that can be read'],
    ['{"kind":"reboot"}', expect.stringContaining('kind')],
    ['{"kind":"apply","proposalId":""}', expect.stringContaining('proposalId')],
    [`{"kind":"apply","proposalId":"${'p'.repeat(201)}"}`, expect.stringContaining('proposalId')],
  ])('%s is not read', (body, error) => {
    expect(parseWork(body)).toEqual({ ok: false, error })
  })

  it('without a version, and without who asked, is of the first version and asked by nobody', () => {
    const value = { kind: 'revert', proposalId: 'p'.repeat(200), by: null }
    expect(parseWork(JSON.stringify({ kind: 'revert', proposalId: value.proposalId }))).toEqual({ ok: true, value })
  })
})
