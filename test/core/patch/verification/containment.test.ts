import { describe, expect, it } from 'vitest'
import { found } from '../../../../core/base/fact.ts'
import type { Denial } from '../../../../core/denial/denial.ts'
import { present } from '../../../../core/iam/conditions/context.ts'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import type { PolicyChange } from '../../../../core/patch/patch.ts'
import { proofRefusal, withdrawalRefusal } from '../../../../core/patch/verification/containment.ts'
import { change, pass, SID } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
  assumeDenial,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  ecsTrust,
  identity,
  inline,
  managed,
  NOW_MS,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
} from '../../../fixtures/patches.ts'
import { excess, type Given, own, proved, REPORTS, SOMEBODY } from '../../../fixtures/proofs.ts'

const ECS = 'ecs-tasks.amazonaws.com'
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/reporting`
const granting = (...statements: Statement[]) => excess(own(null, ...statements))
const under = (operator: string, value: string | string[], key = 'iam:PassedToService') =>
  pass(TASK_ROLE, { Condition: { [operator]: { [key]: value } } })

describe('a grant of a role is proved', () => {
  it('for the denied principal, action, role and service, under any further condition', () => {
    expect(proved(own(null, pass()))).toEqual({
      proof: { outcome: 'nothing-else', detail: null },
      counterexample: null,
      unclear: null,
      evaluated: 0,
    })
    const Condition = {
      StringEquals: { 'iam:PassedToService': ECS, 'aws:RequestedRegion': 'eu-central-1' },
      StringNotLike: { 'iam:PassedToService': '*' },
      Null: { 'aws:TokenIssueTime': 'true' },
      DateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' },
    }
    expect(granting(pass(TASK_ROLE, { Condition }))).toBe(null)
    expect(granting(pass(TASK_ROLE, { Action: ['IAM:passrole'] }))).toBe(null)
    expect(granting(pass(), { Sid: SID, ...allow('iam:GetRole', TASK_ROLE) })).toBe(null)
  })

  it('under every operator that compares with the one name', () => {
    for (const operator of ['StringEquals', 'StringLike', 'StringEqualsIgnoreCase', 'ForAnyValue:StringEquals'])
      expect(granting(under(operator, ECS))).toBe(null)
  })

  it.each<[string, Statement]>([
    ['StringEqualsIfExists', under('StringEqualsIfExists', ECS)],
    ['ForAllValues', under('ForAllValues:StringEquals', ECS)],
    ['a negated operator', under('StringNotEquals', ECS)],
    ['an operator for ARNs', under('ArnLike', ECS)],
    ['an operator that nobody knows', under('StringSomething', ECS)],
    ['another value', under('StringEquals', 'ec2.amazonaws.com')],
    ['one value more', under('StringEquals', [ECS, 'ec2.amazonaws.com'])],
    ['a pattern', under('StringLike', 'ecs*')],
    ['no value', under('StringEquals', [])],
    ['another key', under('StringEquals', ECS, 'iam:AssociatedResourceArn')],
    ['no condition', { Sid: SID, ...allow('iam:PassRole', TASK_ROLE) }],
  ])('not under %s', (_, statement) => {
    expect(granting(statement)).toBe('it does not limit iam:passedtoservice as this denial does')
  })

  it('without the key only where the call may not send it', () => {
    const denial = passDenial([TASK_ROLE], ECS, 'optional')
    expect(excess(own(null, under('StringEqualsIfExists', ECS)), { denial })).toBe(null)
    expect(excess(own(null, under('StringLikeIfExists', ECS)), { denial })).toBe(null)
    expect(excess(own(null, under('StringEquals', ECS)), { denial })).toBe(null)
    expect(excess(own(null, under('ForAllValues:StringEquals', ECS)), { denial })).toMatch(/passedtoservice/)
    const guess = passDenial([TASK_ROLE], ECS, 'guess')
    expect(excess(own(null, under('StringEqualsIfExists', ECS)), { denial: guess })).toBe(null)
  })

  it.each<[string, string, Statement]>([
    [
      'another action',
      'it allows iam:PutRolePolicy',
      pass(TASK_ROLE, { Action: ['iam:PassRole', 'iam:PutRolePolicy'] }),
    ],
    ['a pattern of actions', 'it allows iam:Pass*', pass(TASK_ROLE, { Action: 'iam:Pass*' })],
    ['no action', 'a statement has no action or no resource', pass(TASK_ROLE, { Action: [] })],
    ['no resource', 'a statement has no action or no resource', pass([])],
    ['another role', `it reaches ${EXECUTION_ROLE}`, pass([TASK_ROLE, EXECUTION_ROLE])],
    ['a pattern of roles', `it reaches ${TASK_ROLE}*`, pass(`${TASK_ROLE}*`)],
    ['everything', 'it reaches *', pass('*')],
    ['another role to be read', 'it reaches *', { Sid: SID, ...allow('iam:GetRole', '*') }],
    ['a Principal', 'a statement has Principal', pass(TASK_ROLE, { Principal: '*' })],
    ['NotAction', 'a statement has NotAction', pass(TASK_ROLE, { NotAction: 's3:*' })],
    ['NotResource', 'a statement has NotResource', pass(TASK_ROLE, { NotResource: EXECUTION_ROLE })],
    [
      'a key in two spellings',
      'a condition has one key or operator in two spellings',
      pass(TASK_ROLE, { Condition: { StringEquals: { 'iam:PassedToService': ECS, 'IAM:passedToService': '*' } } }),
    ],
    [
      'an operator in two spellings',
      'a condition has one key or operator in two spellings',
      pass(TASK_ROLE, { Condition: { StringEquals: { 'iam:PassedToService': ECS }, stringequals: { a: 'b' } } }),
    ],
    [
      'an end in seconds',
      'a statement has an end that cannot be read',
      pass(TASK_ROLE, {
        Condition: { StringEquals: { 'iam:PassedToService': ECS }, DateLessThan: { 'aws:currentTime': '1900000000' } },
      }),
    ],
    [
      'an end in another spelling',
      'a statement has an end that cannot be read',
      pass(TASK_ROLE, {
        Condition: {
          StringEquals: { 'iam:PassedToService': ECS },
          dateLessThan: { 'aws:CurrentTime': '2027-01-01T00:00:00Z' },
        },
      }),
    ],
    ['a Deny', 'it adds a Deny to the policy of deployer', { Effect: 'Deny', Action: 's3:*', Resource: '*' }],
  ])('not with %s', (_, why, statement) => {
    expect(granting(statement)).toBe(why)
  })

  it('for each role of the call, each for its own service', () => {
    const denial = passDenial([TASK_ROLE, EXECUTION_ROLE])
    expect(excess(own(null, pass([TASK_ROLE, EXECUTION_ROLE])), { denial })).toBe(null)
    const [first, second] = denial.passes
    const values = [{ service: 'ec2.amazonaws.com', evidence: 'published' as const, source: null }]
    const other = { ...denial, passes: [first, { ...second, service: { ...second?.service, values } }] } as Denial
    expect(excess(own(null, pass([TASK_ROLE, EXECUTION_ROLE])), { denial: other })).toMatch(/passedtoservice/)
  })

  it('never where nothing says which service receives the role', () => {
    const silent = { ...passDenial(), passes: [] }
    expect(excess(own(null, pass()), { denial: silent, seen: snapshot(identity(DEPLOYER), []) })).toBe(
      `it reaches ${TASK_ROLE}`,
    )
  })

  it('for an approved set that holds the role, for every service that may receive it', () => {
    const set = (pattern: string, services = [ECS]) => ({
      config: { approvedRoleSets: [{ name: 'orders', pattern, services }] },
    })
    const pattern = `arn:aws:iam::${ACCOUNT}:role/orders-*`
    expect(excess(own(null, pass(pattern)), set(pattern))).toBe(null)
    expect(excess(own(null, pass(TASK_ROLE)), set(TASK_ROLE))).toBe(null)
    expect(excess(own(null, pass(pattern)), set(pattern, ['ec2.amazonaws.com']))).toBe(`it reaches ${pattern}`)
    const elsewhere = `arn:aws:iam::${ACCOUNT}:role/billing-*`
    expect(excess(own(null, pass(elsewhere)), set(elsewhere))).toBe(`it reaches ${elsewhere}`)
    expect(excess(own(null, pass(`${TASK_ROLE}*`)), set(pattern))).toBe(`it reaches ${TASK_ROLE}*`)
    expect(excess(own(null, pass(`${TASK_ROLE}s`)), set(`${TASK_ROLE}s`))).toBe(`it reaches ${TASK_ROLE}s`)
  })

  it('under the conditions of the nearest allow, where that lacks only the service', () => {
    const Condition = {
      StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com', 'aws:RequestedRegion': 'eu-west-1' },
    }
    const nearest = inline(DEPLOYER, 'hand', allow('s3:*', '*'), allow('iam:PassRole', TASK_ROLE, { Condition }))
    const value = { operator: 'StringEquals', key: 'iam:PassedToService', wanted: ['ec2.amazonaws.com'], got: ECS }
    const where = { policy: 'hand', policyArn: null, attachedTo: DEPLOYER, statement: 1 }
    const given: Given = {
      seen: snapshot(identity(DEPLOYER, [nearest]), [role(TASK_ROLE, ecsTrust)]),
      gaps: [
        { kind: 'service-trust', role: TASK_ROLE, service: ECS },
        { kind: 'identity-condition', ...where, ...value },
      ],
    }
    const region = { StringEquals: { 'iam:PassedToService': ECS, 'aws:RequestedRegion': 'eu-west-1' } }
    expect(excess(own(null, pass(TASK_ROLE, { Condition: region })), given)).toBe(null)
    const why = 'it does not limit aws:requestedregion as this denial does'
    expect(excess(own(null, pass()), given)).toBe(why)
    const unrelated: Given['gaps'] = [{ kind: 'identity', roles: [EXECUTION_ROLE], under: { Bool: { a: 'true' } } }]
    expect(excess(own(null, pass()), { gaps: unrelated })).toBe(null)
    const ofOther = inline(DEPLOYER, 'hand', allow('s3:*', '*'), allow('iam:PassRole', EXECUTION_ROLE, { Condition }))
    const aboutOther = snapshot(identity(DEPLOYER, [ofOther]), [role(TASK_ROLE, ecsTrust)])
    expect(excess(own(null, pass()), { ...given, seen: aboutOther })).toBe(null)
    const elsewhere: Given['gaps'] = [{ kind: 'identity-condition', ...where, ...value, statement: 0 }]
    expect(excess(own(null, pass()), { ...given, gaps: elsewhere })).toBe(null)
  })

  it('under the conditions of the nearest allow', () => {
    const gaps = [
      { kind: 'identity', roles: [TASK_ROLE], under: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } },
    ] as const
    const guarded = (value: string): Statement =>
      pass(TASK_ROLE, {
        Condition: { StringEquals: { 'iam:PassedToService': ECS }, Bool: { 'aws:MultiFactorAuthPresent': value } },
      })
    expect(excess(own(null, guarded('true')), { gaps })).toBe(null)
    const why = 'it does not limit aws:multifactorauthpresent as this denial does'
    expect(excess(own(null, guarded('false')), { gaps })).toBe(why)
    expect(excess(own(null, pass()), { gaps })).toBe(why)
    expect(excess(own(null, guarded('true'), { Sid: SID, ...allow('iam:GetRole', TASK_ROLE) }), { gaps })).toBe(why)
  })
})

describe('a grant of another action is proved', () => {
  it('for the session tags that the denial shows', () => {
    const denial: Denial = {
      ...assumeDenial(REPORTS),
      action: 'sts:TagSession',
      context: { 'aws:tagkeys': present('team') },
    }
    const given = { denial, seen: snapshot(identity(DEPLOYER), [role(REPORTS, ecsTrust)]) }
    const tagging = (Condition?: Statement['Condition']) =>
      excess(own(null, { Sid: SID, ...allow('sts:TagSession', REPORTS, Condition && { Condition }) }), given)
    expect(tagging({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } })).toBe(null)
    const why = 'it does not limit aws:tagkeys as this denial does'
    expect(tagging()).toBe(why)
    expect(tagging({ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'admin'] } })).toBe(why)
    expect(tagging({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['team'] } })).toBe(why)
  })

  it('for the service of a service-linked role', () => {
    const linked = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`
    const denial: Denial = { ...passDenial([linked]), action: 'iam:CreateServiceLinkedRole', passes: [] }
    const creating = (more: Partial<Statement> = {}) =>
      excess(own(null, { Sid: SID, ...allow('iam:CreateServiceLinkedRole', linked, more) }), { denial })
    const under = (service: string) => ({ Condition: { StringEquals: { 'iam:AWSServiceName': service } } })
    expect(creating(under('ecs.amazonaws.com'))).toBe(null)
    const why = 'it does not limit iam:awsservicename as this denial does'
    expect(creating()).toBe(why)
    expect(creating(under('eks.amazonaws.com'))).toBe(why)
  })
})

describe('a document is proved', () => {
  it('only where it is the caller’s own, under its own name', () => {
    const [grant] = own(null, pass())
    if (grant === undefined) throw new Error('one change')
    const at = (target: Partial<PolicyChange['target']>) =>
      excess([{ ...grant, target: { ...grant.target, ...target } }])
    expect(at({})).toBe(null)
    expect(at({ policyName: 'another' })).toBe(null)
    const why = (name: string) => `${name} is not the principal that was denied, or not its own policy`
    expect(at({ name: 'admin' })).toBe(why('admin'))
    expect(at({ accountId: '444455556666' })).toBe(why('deployer'))
    expect(at({ arn: SOMEBODY })).toBe(why('deployer'))
    expect(at({ kind: 'user-inline-policy' })).toBe(why('deployer'))
    expect(at({ kind: 'managed-policy', arn: POLICY, policyName: null })).toBe(why('deployer'))
    expect(at({ kind: 'role-trust-policy', policyName: null })).toBe(
      'the trust policy of deployer does not decide about the denied request',
    )
  })

  it('only where the caller is the one who was denied', () => {
    const why = 'deployer is not the principal that was denied, or not its own policy'
    expect(excess(own(null, pass()), { seen: snapshot(null, [role(TASK_ROLE, ecsTrust)]) })).toBe(why)
    const recreated = identity(DEPLOYER, [], { uniqueId: 'AROAEXAMPLEOTHER00000' })
    const denial = passDenial()
    const principal = { ...denial.principal, uniqueId: 'AROAEXAMPLEDEPLOYER0:ci' }
    const seen = snapshot(recreated, [role(TASK_ROLE, ecsTrust)])
    expect(excess(own(null, pass()), { seen, denial: { ...denial, principal } })).toBe(why)
    const other = { ...denial.principal, arn: `arn:aws:sts::${ACCOUNT}:assumed-role/other/ci`, name: 'other' }
    const by = { ...other, roleArn: null, pathKnown: false, uniqueId: null }
    expect(excess(own(null, pass()), { denial: { ...denial, principal: by } })).toBe(why)
  })

  it('only where it is as it was read, with its version', () => {
    const before = document(pass(EXECUTION_ROLE))
    expect(excess(own(before, ...before.Statement, pass()))).toBe('the policy of deployer is not as it was read')
    const holds = snapshot(identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', ...before.Statement)]), [
      role(TASK_ROLE, ecsTrust),
    ])
    expect(excess(own(before, ...before.Statement, pass()), { seen: holds })).toBe(null)
    expect(excess(own(null, pass()), { seen: holds })).toBe('the policy of deployer is not as it was read')
    const old = [change('role-inline-policy', DEPLOYER, null, { Version: '2008-10-17', Statement: [pass()] })]
    expect(excess(old)).toBe('it changes the Version or Id of the policy of deployer')
    const named = [change('role-inline-policy', DEPLOYER, null, { ...document(pass()), Id: 'x' })]
    expect(excess(named)).toBe('it changes the Version or Id of the policy of deployer')
  })

  it('in a managed policy of the caller alone; if others have it, they are named, and if it bounds somebody it is not', () => {
    const write = [change('managed-policy', POLICY, document(), document(pass()))]
    const holding = (policy: ReturnType<typeof managed>, more = {}) => ({
      seen: snapshot(identity(DEPLOYER, [policy], more), [role(TASK_ROLE, ecsTrust)]),
    })
    expect(proved(write, holding(managed(DEPLOYER, 'reporting', 1))).proof).toEqual({
      outcome: 'nothing-else',
      detail: null,
    })
    expect(proved(write, holding(managed(DEPLOYER, 'reporting', 3))).proof).toEqual({
      outcome: 'others-too',
      detail: 'reporting is a managed policy: 2 more that have it get it too.',
    })
    expect(proved(write, holding(managed(DEPLOYER, 'reporting', null))).proof).toEqual({
      outcome: 'others-too',
      detail: 'reporting is a managed policy: others, if any, that have it get it too.',
    })
    const why = 'reporting is not the principal that was denied, or not its own policy'
    expect(excess(write, holding({ ...managed(DEPLOYER, 'reporting', 1), bounds: true }))).toBe(why)
    expect(excess(write, holding(managed(SOMEBODY, 'reporting', 1)))).toBe(why)
    const boundary = found({ ...managed(DEPLOYER, 'reporting', 1), type: 'boundary' as const })
    expect(excess(write, holding(managed(DEPLOYER, 'reporting', 1), { boundary }))).toBe(why)
  })

  it('of a permission set, for everyone who is assigned to it', () => {
    const name = 'AWSReservedSSO_Admin_0123456789abcdef'
    const arn = `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-west-1/${name}`
    const denial = passDenial()
    const by = {
      ...denial.principal,
      kind: 'sso-role' as const,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/ana`,
    }
    const principal = { ...by, roleArn: arn, name, uniqueId: null }
    const write = change('permission-set-inline-policy', arn, null, document(pass()))
    const target = { ...write.target, name: 'Admin', policyName: null }
    const seen = snapshot(identity(arn), [role(TASK_ROLE, ecsTrust)])
    expect(proved([{ ...write, target }], { denial: { ...denial, principal }, seen }).proof).toEqual({
      outcome: 'others-too',
      detail: 'Everyone who is assigned to permission set Admin gets it too, in every account.',
    })
  })
})

describe('what changes in place', () => {
  const inPlace = (before: Statement[], after: Statement[], given: Given = {}) =>
    excess(own(document(...before), ...after), {
      seen: snapshot(identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', ...before)]), [role(TASK_ROLE, ecsTrust)]),
      ...given,
    })
  const listed = (operator: string, ...services: string[]): Statement => ({
    ...allow('iam:PassRole', TASK_ROLE, { Condition: { [operator]: { 'iam:PassedToService': services } } }),
    Sid: 'Owners',
  })

  it('may be one value in the list of the service, also where the operator lets a missing key pass', () => {
    for (const operator of ['StringEquals', 'StringLike', 'StringEqualsIfExists', 'ForAnyValue:StringEquals'])
      expect(inPlace([listed(operator, 'ec2.amazonaws.com')], [listed(operator, 'ec2.amazonaws.com', ECS)])).toBe(null)
    expect(
      inPlace(
        [listed('StringEquals', 'a.amazonaws.com')],
        [listed('StringEquals', 'a.amazonaws.com', 'b.amazonaws.com')],
      ),
    ).toBe('it does not limit iam:passedtoservice as this denial does')
    expect(inPlace([listed('StringNotEquals', 'a')], [listed('StringNotEquals', 'a', ECS)])).not.toBe(null)
    expect(
      inPlace([listed('ForAllValues:StringEquals', 'a')], [listed('ForAllValues:StringEquals', 'a', ECS)]),
    ).not.toBe(null)
  })

  it('may be one value in the list of a statement that reads the role too', () => {
    const Action = ['iam:PassRole', 'iam:GetRole']
    const [before, after] = [['ec2.amazonaws.com'], ['ec2.amazonaws.com', ECS]].map(
      (services): Statement => ({ ...listed('StringEquals', ...services), Action }),
    ) as [Statement, Statement]
    expect(inPlace([before], [after])).toBe(null)
  })

  it('may be no value in another list', () => {
    const region = (...regions: string[]): Statement => ({
      ...pass(),
      Condition: { StringEquals: { 'iam:PassedToService': ECS, 'aws:RequestedRegion': regions } },
    })
    expect(inPlace([region('a')], [region('a', 'b')])).toBe('it does not limit aws:RequestedRegion as this denial does')
  })

  it('may be no value in a list of a statement that only reads the role', () => {
    const reading = (...regions: string[]): Statement => ({
      Sid: 'Owners',
      ...allow('iam:GetRole', TASK_ROLE, { Condition: { StringEquals: { 'aws:RequestedRegion': regions } } }),
    })
    expect(inPlace([reading('a')], [reading('a', 'b')])).toBe(
      'it does not limit aws:RequestedRegion as this denial does',
    )
  })

  it('may be one more role of a statement, if that is the denied one', () => {
    expect(inPlace([pass(EXECUTION_ROLE)], [pass([EXECUTION_ROLE, TASK_ROLE])])).toBe(null)
    expect(inPlace([pass(TASK_ROLE)], [pass([TASK_ROLE, EXECUTION_ROLE])])).toBe(`it reaches ${EXECUTION_ROLE}`)
    expect(inPlace([pass([TASK_ROLE, EXECUTION_ROLE])], [pass([EXECUTION_ROLE, TASK_ROLE])])).toBe(null)
    const { Resource: _, ...anything } = pass()
    expect(inPlace([pass([])], [anything])).toBe('a statement has no action or no resource')
  })

  it('may be a grant of rolemedic that has ended, every end of it', () => {
    const until = (...ends: string[]) =>
      pass(TASK_ROLE, {
        Condition: { StringEquals: { 'iam:PassedToService': ECS }, DateLessThan: { 'aws:CurrentTime': ends } },
      })
    const [past, next] = ['2026-11-24T11:59:59Z', '2026-11-24T12:00:01Z']
    const removed = (statement: Statement) => inPlace([statement], [{ ...pass(), Sid: 'Rolemedic99999999' }])
    const why = `it changes or removes the statement ${SID} in the policy of deployer`
    expect(removed(until(past))).toBe(null)
    expect(removed(until('2026-11-24T12:00:00Z'))).toBe(null)
    expect(removed(until(next))).toBe(why)
    expect(removed(until(past, next))).toBe(why)
    expect(removed(pass())).toBe(why)
    expect(removed({ ...until(past), Sid: 'Owners' })).toBe(
      'it changes or removes the statement Owners in the policy of deployer',
    )
    const { Sid: _, ...nameless } = pass(EXECUTION_ROLE)
    expect(removed(nameless)).toBe('it changes or removes a statement in the policy of deployer')
  })

  it('may never be a Deny', () => {
    const deny: Statement = { Effect: 'Deny', Action: 'iam:*', Resource: EXECUTION_ROLE }
    const why = 'it changes a Deny in the policy of deployer'
    expect(inPlace([deny], [pass()])).toBe(why)
    expect(inPlace([deny], [{ ...deny, Resource: [EXECUTION_ROLE, TASK_ROLE] }, pass()])).toBe(
      'it adds a Deny to the policy of deployer',
    )
    expect(inPlace([deny], [deny, pass()])).toBe(null)
  })
})

describe('the refusal', () => {
  it('says what is more, and the request that shows it', () => {
    expect(proofRefusal(proved(own(null, pass())))).toBe(null)
    expect(
      proofRefusal(
        proved(own(null, pass(TASK_ROLE, { Action: ['iam:PassRole', 'iam:PutRolePolicy'], Condition: {} }))),
      ),
    ).toEqual({
      code: 'opens-more',
      message: `Cannot prove that the change opens nothing else: it does not limit iam:passedtoservice as this denial does. It would also alter the answer to iam:PassRole on ${TASK_ROLE} by arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ci.`,
      owner: null,
    })
    const silent = proved(own(null, pass(TASK_ROLE, { Principal: '*' })))
    const message = 'Cannot prove that the change opens nothing else: a statement has Principal.'
    expect(proofRefusal({ ...silent, counterexample: null, unclear: null })?.message).toBe(message)
    const elsewhere = proved(own(null, pass(`${TASK_ROLE}2`, { Principal: '*' })))
    expect(proofRefusal(elsewhere)?.message).toBe(
      `${message} It would also leave open the answer to iam:PassRole on ${TASK_ROLE}2 by arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ci.`,
    )
  })

  it('is also for an earlier grant that cannot be withdrawn alone', () => {
    const [target] = own(null).map(one => one.target)
    if (target === undefined) throw new Error('one target')
    const withdrawing = (live: PolicyDocument, without: PolicyDocument | null) =>
      withdrawalRefusal([{ proposalId: 'p', target, live, without }], NOW_MS)
    const deny: Statement = { Effect: 'Deny', Action: 'iam:PassRole', Resource: TASK_ROLE }
    expect(withdrawing(document(pass()), null)).toBe(null)
    expect(withdrawing(document(deny, pass()), document(deny))).toBe(null)
    expect(withdrawing(document(deny, pass()), document())).toEqual({
      code: 'opens-more',
      message: 'Cannot prove that withdrawing an earlier grant from the policy of deployer opens nothing.',
      owner: null,
    })
    expect(withdrawing(document(pass()), document(pass(EXECUTION_ROLE)))?.code).toBe('opens-more')
    expect(withdrawalRefusal([], NOW_MS)).toBe(null)
  })
})
