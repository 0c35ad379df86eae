import { describe, expect, it } from 'vitest'
import { known } from '../../../../core/base/fact.ts'
import type { Statement } from '../../../../core/iam/policy/policy-document.ts'
import type { EscalationStep, Reach } from '../../../../core/patch/risk/could-become.ts'
import { ADMINISTRATOR } from '../../../../core/patch/risk/escalation-edges.ts'
import { holderOf, reachableBy } from '../../../../core/patch/risk/holder.ts'
import {
  allowAllIdentity,
  delegatingTrust,
  evaluateInIsolation,
  isolatedRole,
  requestFrom,
} from '../../../../core/patch/risk/isolated-evaluation.ts'
import { explainedAt, wayInWords } from '../../../../core/patch/risk/reach-wording.ts'
import { ANY_NAME } from '../../../../core/patch/risk/resource-samples.ts'
import { pathCalled } from '../../../../core/patch/risk/table/catalog.ts'
import { worldOf } from '../../../../core/patch/risk/world.ts'
import { ACCOUNT, allow, identity, inline, TASK_ROLE } from '../../../fixtures/patches.ts'

const APP = identity(`arn:aws:iam::${ACCOUNT}:role/app`)
const OPS = `arn:aws:iam::${ACCOUNT}:role/ci/ops`
const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:orders`

const step = (id: string, resource: string, more: Partial<EscalationStep> = {}): EscalationStep => ({
  path: pathCalled(id),
  it: { resource, any: false, pattern: resource, foreign: false },
  role: null,
  to: ADMINISTRATOR,
  certain: true,
  among: [],
  from: APP,
  fromKey: APP.arn,
  ...more,
})
const any = (label: string) => ({ resource: label, any: true, pattern: '*', foreign: false })
const reach = (steps: readonly EscalationStep[], certain = true): Reach => ({
  opened: APP,
  way: { certain, steps },
  reached: [],
  harms: [],
  unknowns: [],
  wants: [],
  wantsForWords: [],
})
const words = (...steps: EscalationStep[]) => wayInWords(reach(steps), 'deployer')
const START = 'Through app deployer could become administrator:'

describe('a way to administrator access in words', () => {
  it('is none without one, and none is explained', () => {
    expect([wayInWords({ ...reach([]), way: null }, 'deployer'), explainedAt({ ...reach([]), way: null })]).toEqual([
      null,
      null,
    ])
    expect(explainedAt(reach([]))).toBe(null)
  })

  it('might lead there if it is not certain', () => {
    expect(wayInWords(reach([step('iam-009', OPS)], false), 'deployer')).toBe(
      'Through app deployer might become administrator: app may attach any policy to the role ops.',
    )
  })

  it.each<[string, EscalationStep, string]>([
    ['itself', step('iam-009', APP.arn), 'app may attach any policy to itself.'],
    ['another, by its name', step('iam-009', OPS), 'app may attach any policy to the role ops.'],
    ['any', step('iam-009', 'x', { it: any('x') }), 'app may attach any policy to any role.'],
    [
      'some, by their pattern',
      step('lambda-003', 'x', {
        it: { resource: `${FUNCTION}${ANY_NAME}`, any: false, pattern: `${FUNCTION}-*`, foreign: false },
      }),
      'app may update the code of the Lambda function orders-*.',
    ],
    [
      'what is no ARN, as it is',
      step('lambda-003', 'x', {
        it: { resource: ANY_NAME, any: false, pattern: 'orders*', foreign: false },
      }),
      'app may update the code of the Lambda function orders*.',
    ],
    [
      'a passed role',
      step('lambda-001', FUNCTION, { role: OPS, to: OPS, it: any('x') }),
      'app may run a Lambda function with ops, which may do anything.',
    ],
    [
      'any passed role',
      step('lambda-001', FUNCTION, { role: '*', it: any('x') }),
      'app may run a Lambda function with any role.',
    ],
    [
      'any passed role, of which one is known',
      step('lambda-001', FUNCTION, { role: '*', it: any('x'), among: [OPS, APP.arn] }),
      'app may run a Lambda function with any role, such as ops.',
    ],
    [
      'a resource that runs with a role',
      step('lambda-003', FUNCTION, { to: OPS }),
      'app may update the code of the Lambda function orders, which may run as ops, which may do anything.',
    ],
    [
      'any resource, of which one may run with a role',
      step('lambda-003', 'x', { it: any('x'), among: [OPS] }),
      'app may update the code of any Lambda function, and one of them may run as ops.',
    ],
    [
      'a principal that it becomes',
      step('iam-002', `arn:aws:iam::${ACCOUNT}:user/ana`, { to: `arn:aws:iam::${ACCOUNT}:user/ana` }),
      'app may create an access key of the user ana, which may do anything.',
    ],
    [
      'an identity provider',
      step('iam-add-oidc-client-id', `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`, { to: OPS }),
      'app may let tokens for other audiences in through the OIDC provider gitlab.com, and so become ops, which may do anything.',
    ],
  ])('names %s', (_, one, wanted) => {
    expect(words(one)).toBe(`${START} ${wanted}`)
  })

  it('names each step, and is explained by the last', () => {
    const steps = [step('sts-001', OPS, { to: OPS }), step('iam-009', OPS, { from: identity(OPS) })]
    expect(words(...steps)).toBe(`${START} app may assume the role ops, and ops may attach any policy to itself.`)
    expect(explainedAt(reach(steps))).toBe('https://pathfinding.cloud/paths/iam-009')
  })
})

describe('the policies of one entity in isolation', () => {
  const user = `arn:aws:iam::${ACCOUNT}:user/ana`
  it('are those of an entity of its kind', () => {
    expect([
      allowAllIdentity(user).kind,
      allowAllIdentity(OPS).kind,
      allowAllIdentity('ec2.amazonaws.com').kind,
    ]).toEqual(['user', 'role', 'role'])
    expect(requestFrom(allowAllIdentity(user), 'sts:AssumeRole', OPS, {}).roleArn).toBe(null)
    expect(requestFrom(allowAllIdentity(OPS), 'sts:AssumeRole', OPS, {}).roleArn).toBe(OPS)
    expect(evaluateInIsolation(allowAllIdentity(user), 's3:GetObject', 'arn:aws:s3:::x')).toBe('allowed')
    expect(evaluateInIsolation(identity(user), 's3:GetObject', 'arn:aws:s3:::x')).toBe('denied')
    expect(evaluateInIsolation(allowAllIdentity(OPS), 'sts:AssumeRole', TASK_ROLE)).toBe('allowed')
  })

  it('meet a role that trusts the account of the caller, in the partition of the role', () => {
    const trusts = (arn: string) => delegatingTrust(arn, ACCOUNT).Statement[0]?.Principal
    expect(trusts(OPS)).toEqual({ AWS: `arn:aws:iam::${ACCOUNT}:root` })
    expect(trusts(`arn:aws-cn:iam::${ACCOUNT}:role/x`)).toEqual({ AWS: `arn:aws-cn:iam::${ACCOUNT}:root` })
    expect(trusts('no ARN')).toEqual({ AWS: `arn:aws:iam::${ACCOUNT}:root` })
    const { role } = isolatedRole(OPS, { Statement: [] })
    expect(role.kind === 'found' && [role.value.name, role.value.path, role.value.accountId]).toEqual([
      'ops',
      '/ci/',
      ACCOUNT,
    ])
  })

  it('are within the SCPs of the account, where they were read', () => {
    const deny = {
      type: 'scp',
      name: 's',
      arn: null,
      attachedTo: ACCOUNT,
      document: { Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] },
    } as const
    const around = {
      organization: known({ id: 'o-abc123', managementAccountId: '999999999999' }),
      scps: known([{ id: ACCOUNT, policies: [deny] }]),
    }
    expect(evaluateInIsolation(allowAllIdentity(OPS), 's3:GetObject', 'arn:aws:s3:::x', {}, around)).toBe('denied')
    expect(holderOf(allowAllIdentity(OPS), around).may('s3:GetObject', 'arn:aws:s3:::x')).toBe(false)
  })
})

describe('what one identity may do, among the actions of the table', () => {
  const holder = (...statements: Statement[]) => holderOf(identity(TASK_ROLE, [inline(TASK_ROLE, 'p', ...statements)]))

  it('counts what could not be read neither as an allow nor as a limit', () => {
    const unseen = [{ fact: 'policy x', why: 'AccessDenied' }]
    const boundary = { kind: 'unreadable' as const, why: 'AccessDenied' }
    const some = holderOf(
      identity(TASK_ROLE, [inline(TASK_ROLE, 'p', allow('iam:PassRole', '*'))], { unseen, boundary }),
    )
    expect([some.may('iam:PassRole', OPS), some.may('iam:PutRolePolicy', OPS)]).toEqual([true, false])
  })

  it('has every resource pattern of its policies and its boundary, once', () => {
    const boundary = {
      kind: 'found' as const,
      value: { ...inline(TASK_ROLE, 'b', allow('*', ['c', 'a'])), type: 'boundary' as const },
    }
    const one = holderOf(
      identity(
        TASK_ROLE,
        [inline(TASK_ROLE, 'p', allow('s3:*', ['a', 'b']), { Effect: 'Deny', Action: '*', NotResource: 'd' })],
        { boundary },
      ),
    )
    expect(one.patterns).toEqual(['a', 'b', 'd', 'c'])
  })

  it('passes a role where the service may be absent, or is one of several', () => {
    const under = (service: string) =>
      holder(allow('iam:PassRole', OPS, { Condition: { StringEquals: { 'iam:PassedToService': service } } }))
    expect(under('ec2.amazonaws.com').mayPass(OPS, ['lambda.amazonaws.com', 'ec2.amazonaws.com'])).toBe(true)
    expect(under('ec2.amazonaws.com').mayPass(OPS, ['lambda.amazonaws.com'])).toBe(false)
    expect(under('ec2.amazonaws.com').mayPass(TASK_ROLE, ['ec2.amazonaws.com'])).toBe(false)
    expect(holder(allow('iam:PassRole', OPS)).mayPass(OPS, [])).toBe(true)
    expect(holder(allow('iam:PassRole', TASK_ROLE)).mayPass(OPS, [])).toBe(false)
  })

  it('reaches a path only where it is allowed every action on every type of resource', () => {
    const path = pathCalled('ssm-002')
    const instance = `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/i-1`
    const shell = 'arn:aws:ssm:us-east-1::document/AWS-RunShellScript'
    const both = holder(allow('ssm:SendCommand', [instance, shell]))
    expect(
      reachableBy(path, both)
        ?.get('instance')
        ?.map(({ resource }) => resource),
    ).toEqual([instance])
    expect(
      reachableBy(path, both)
        ?.get('document')
        ?.map(({ resource }) => resource),
    ).toEqual([shell])
    expect(reachableBy(path, holder(allow('ssm:SendCommand', instance)))).toBe(null)
    const foreign = `arn:aws:ec2:us-east-1:444455556666:instance/i-1`
    expect(reachableBy(path, holder(allow('ssm:SendCommand', [foreign, shell])))).toBe(null)
    const two = holder(allow(['iam:AttachRolePolicy'], OPS), allow('sts:AssumeRole', TASK_ROLE))
    expect(reachableBy(pathCalled('iam-014'), two)).toBe(null)
  })
})

describe('the world around a role', () => {
  const surroundings = { roles: new Map(), identities: new Map() }
  it('knows what is opened and what was put there, and asks for the rest once', () => {
    const world = worldOf(surroundings, [APP])
    expect(world.identityOf(APP.arn)).toBe(APP)
    expect([world.peek(APP.arn), world.peek(OPS)]).toEqual([APP, null])
    world.put('app boundary', APP)
    expect(world.identityOf('app boundary')).toBe(APP)
    expect([world.identityOf(OPS), world.identityOf(OPS), world.rolesOf(ACCOUNT)]).toEqual([null, null, null])
    expect(world.wants()).toEqual([
      { kind: 'identity', arn: OPS },
      { kind: 'roles-of', accountId: ACCOUNT },
    ])
    expect([world.unknowns(), world.caller, world.around(ACCOUNT)]).toEqual([[], null, undefined])
  })
})
