import { describe, expect, it } from 'vitest'
import type { AccessSnapshot } from '../../../../core/iam/evaluation/access-snapshot.ts'
import type { Statement } from '../../../../core/iam/policy/policy-document.ts'
import {
  change,
  detail,
  diagnosis,
  grant,
  outcome,
  pass,
  patchOf,
  SID,
  seen,
  sees,
  taskRole,
} from '../../../fixtures/guardrails.ts'
import { type Known, sent } from '../../../fixtures/passed-service.ts'
import {
  ACCOUNT,
  allow,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  identity,
  inline,
  managed,
  passDenial,
  snapshot,
  TASK_ROLE,
} from '../../../fixtures/patches.ts'

describe('no-wildcard', () => {
  it.each([
    ['an action', { Action: 'iam:*' }],
    ['an action with ?', { Action: 'iam:PassRol?' }],
    ['a resource', { Resource: `arn:aws:iam::${ACCOUNT}:role/orders-*` }],
    ['every resource', { Resource: '*' }],
    ['a policy variable', { Resource: `arn:aws:iam::${ACCOUNT}:role/\${aws:username}` }],
    ['a NotAction', { NotAction: 'iam:DeleteRole' }],
    ['a NotResource', { NotResource: TASK_ROLE }],
    ['a NotPrincipal', { NotPrincipal: { AWS: DEPLOYER } }],
    ['a Deny', { Effect: 'Deny' as const }],
  ])('refuses %s', (_, more) => {
    expect(outcome('no-wildcard', { patch: grant(pass(TASK_ROLE, more)) })).toBe('refuse')
  })

  it('passes the pattern of an approved role set, and no other', () => {
    const pattern = `arn:aws:iam::${ACCOUNT}:role/orders-*`
    const approvedRoleSets = [{ name: 'orders', pattern, services: ['ecs-tasks.amazonaws.com'] }]
    expect(outcome('no-wildcard', { patch: grant(pass(pattern)), config: { approvedRoleSets } })).toBe('pass')
    const wider = grant(pass(`arn:aws:iam::${ACCOUNT}:role/o*`))
    expect(outcome('no-wildcard', { patch: wider, config: { approvedRoleSets } })).toBe('refuse')
  })
})

describe('exact-passed-service', () => {
  it.each([
    ['no condition', undefined],
    ['a pattern', { StringLike: { 'iam:PassedToService': '*' } }],
    ['two services', { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'lambda.amazonaws.com'] } }],
    ['what is no service', { StringEquals: { 'iam:PassedToService': 'anything' } }],
  ])('refuses %s', (_, Condition) => {
    const { Condition: _old, ...rest } = pass()
    const statement = Condition === undefined ? rest : { ...rest, Condition }
    expect(outcome('exact-passed-service', { patch: grant(statement as Statement) })).toBe('refuse')
  })

  it('passes one service, with StringEquals or StringEqualsIfExists', () => {
    const Condition = { StringEqualsIfExists: { 'iam:PassedToService': 'apprunner.amazonaws.com' } }
    expect(outcome('exact-passed-service', { patch: grant(pass(TASK_ROLE, { Condition })) })).toBe('pass')
  })
})

describe('exact-passed-service for an extended list', () => {
  const growing = (...services: string[]) => {
    const listed = (more: string[]) =>
      pass(TASK_ROLE, { Condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', ...more] } } })
    return patchOf(change('role-inline-policy', DEPLOYER, document(listed([])), document(listed(services))))
  }
  it('passes the name of a service and refuses anything else, also together with one', () => {
    expect(outcome('exact-passed-service', { patch: growing('glue.amazonaws.com') })).toBe('pass')
    expect(outcome('exact-passed-service', { patch: growing('glue.*') })).toBe('refuse')
    expect(outcome('exact-passed-service', { patch: growing('glue.amazonaws.com', 'glue.*') })).toBe('refuse')
  })
})

describe('exact-passed-service for several services', () => {
  const two = ['apprunner.amazonaws.com', 'bullet.amazonaws.com']
  const granted = (services: string[], operator = 'StringEquals') =>
    grant(pass(TASK_ROLE, { Condition: { [operator]: { 'iam:PassedToService': services } } }))
  const callSends = (services: string[], known: Known) => ({
    ...passDenial(),
    passes: [{ arn: TASK_ROLE, parameter: null, service: sent(services, known) }],
  })

  it('passes those of which AWS publishes that the call sends one, and refuses one more', () => {
    const denial = callSends(two, 'published')
    expect(outcome('exact-passed-service', { patch: granted(two), denial })).toBe('pass')
    expect(outcome('exact-passed-service', { patch: granted(two, 'StringEqualsIfExists'), denial })).toBe('pass')
    expect(outcome('exact-passed-service', { patch: granted([...two, 'ec2.amazonaws.com']), denial })).toBe('refuse')
  })

  it('refuses those that are guessed from whom the role trusts', () => {
    expect(outcome('exact-passed-service', { patch: granted(two), denial: callSends(two, 'guess') })).toBe('refuse')
  })

  it('refuses services of which each belongs to another role of the call', () => {
    const passes = [
      { arn: TASK_ROLE, parameter: null, service: sent('apprunner.amazonaws.com') },
      { arn: EXECUTION_ROLE, parameter: null, service: sent('bullet.amazonaws.com') },
    ]
    expect(outcome('exact-passed-service', { patch: granted(two), denial: { ...passDenial(), passes } })).toBe('refuse')
  })

  it('takes the word of the diagnosis, unless that is a guess too', () => {
    const finding = (evidence: 'published' | 'trust') => ({
      diagnosis: { ...diagnosis, passedService: { services: two, evidence, mayBeAbsent: false, disputed: [] } },
    })
    const none = { patch: granted(two), denial: { ...passDenial(), passes: [] } }
    expect(outcome('exact-passed-service', { ...none, ...finding('published') })).toBe('pass')
    expect(outcome('exact-passed-service', { ...none, ...finding('trust') })).toBe('refuse')
    expect(outcome('exact-passed-service', { ...none, diagnosis: { ...diagnosis, passedService: null } })).toBe(
      'refuse',
    )
  })
})

describe('foreign-statements', () => {
  const theirs = { Sid: 'Theirs', ...allow('s3:GetObject', 'x') }
  const edit = (before: Statement[], after: Statement[]) => ({
    patch: patchOf(change('role-inline-policy', DEPLOYER, document(...before), document(...after))),
  })
  it('refuses to remove or rewrite statements of others', () => {
    expect(outcome('foreign-statements', edit([theirs], [pass()]))).toBe('refuse')
    expect(outcome('foreign-statements', edit([theirs], [{ ...theirs, Resource: 'y' }, pass()]))).toBe('refuse')
  })
  it('refuses several values, and a value in two lists', () => {
    const listed = (a: string[], b: string[]): Statement => ({ ...theirs, Condition: { StringEquals: { a, b } } })
    expect(outcome('foreign-statements', edit([listed(['1'], ['1'])], [listed(['1', '2', '3'], ['1'])]))).toBe('refuse')
    expect(outcome('foreign-statements', edit([listed(['1'], ['1'])], [listed(['1', '2'], ['1', '2'])]))).toBe('refuse')
  })
  it('refuses to remove an expired statement of others, and an unexpired one of rolemedic', () => {
    const until = (time: string) => ({ Condition: { DateLessThan: { 'aws:CurrentTime': time } } })
    const theirsEnded = { ...theirs, ...until('2026-11-24T11:00:00Z') }
    expect(outcome('foreign-statements', edit([theirsEnded], [pass()]))).toBe('refuse')
    const ownGoesOn = pass(EXECUTION_ROLE, until('2026-11-24T13:00:00Z'))
    expect(outcome('foreign-statements', edit([ownGoesOn], [pass()]))).toBe('refuse')
  })
  it.each<[string, Statement]>([
    ['that rolemedic never writes', { ...allow('s3:GetObject', 'x'), Sid: SID }],
    ['for another role than the change grants', pass(EXECUTION_ROLE)],
  ])('refuses to remove an expired statement with a rolemedic Sid %s', (_, statement) => {
    const Condition = { ...statement.Condition, DateLessThan: { 'aws:CurrentTime': '2026-11-24T11:00:00Z' } }
    expect(outcome('foreign-statements', edit([{ ...statement, Condition }], [pass()]))).toBe('refuse')
  })
  it('refuses another policy Id', () => {
    const after = { ...document(theirs, pass()), Id: 'mine' }
    const patch = patchOf(change('role-inline-policy', DEPLOYER, document(theirs), after))
    expect(outcome('foreign-statements', { patch })).toBe('refuse')
  })
  it('refuses an added statement without a rolemedic Sid', () => {
    expect(outcome('foreign-statements', edit([theirs], [theirs, { ...pass(), Sid: 'Mine' }]))).toBe('refuse')
  })
  it('refuses another policy Version', () => {
    const before = { Statement: [theirs] }
    const patch = patchOf(change('role-inline-policy', DEPLOYER, before, document(theirs, pass())))
    expect(outcome('foreign-statements', { patch })).toBe('refuse')
  })
  it('refuses to remove what grants the same if it has not expired, or if rolemedic did not write it', () => {
    const until = (time: string) => ({ Condition: { DateLessThan: { 'aws:CurrentTime': time } } })
    expect(outcome('foreign-statements', edit([pass(TASK_ROLE, until('2026-11-24T13:00:00Z'))], [pass()]))).toBe(
      'refuse',
    )
    const theirsEnded = pass(TASK_ROLE, { Sid: 'Theirs', ...until('2026-11-24T11:00:00Z') })
    expect(outcome('foreign-statements', edit([theirsEnded], [pass()]))).toBe('refuse')
  })
  it('passes the removal of a statement of the same change that a wider one takes in, and no other', () => {
    const both = pass([TASK_ROLE, EXECUTION_ROLE])
    const joinable = new Set([SID])
    expect(outcome('foreign-statements', { ...edit([pass()], [both]), joinable })).toBe('pass')
    expect(outcome('foreign-statements', edit([pass()], [both]))).toBe('refuse')
    expect(outcome('foreign-statements', { ...edit([pass()], [both]), joinable: new Set(['Other']) })).toBe('refuse')
    expect(outcome('foreign-statements', { ...edit([pass()], [pass(EXECUTION_ROLE)]), joinable })).toBe('refuse')
    const { Sid: _, ...nameless } = pass()
    const joined = { ...edit([nameless], [both]), joinable }
    expect(outcome('foreign-statements', joined)).toBe('refuse')
  })
  it('passes one value in one list, and the removal of its own expired statement', () => {
    const listed = (...a: string[]): Statement => ({ ...theirs, Condition: { StringEquals: { a } } })
    expect(outcome('foreign-statements', edit([listed('1')], [listed('1', '2')]))).toBe('pass')
    const ended = pass(TASK_ROLE, { Condition: { DateLessThan: { 'aws:CurrentTime': '2026-11-24T11:00:00Z' } } })
    expect(outcome('foreign-statements', edit([ended], [pass()]))).toBe('pass')
  })
})

describe('forbidden-actions', () => {
  it('refuses what the configuration forbids, ignoring case', () => {
    expect(outcome('forbidden-actions', { config: { forbiddenActions: ['IAM:Pass*'] } })).toBe('refuse')
    expect(outcome('forbidden-actions', { config: { forbiddenActions: ['iam:CreateUser'] } })).toBe('pass')
  })
})

describe('policy-size', () => {
  const filler = (size: number) => inline(DEPLOYER, 'big', allow('s3:GetObject', 'x'.repeat(size)))
  it('refuses what exceeds a quota, counting all inline policies together', () => {
    expect(outcome('policy-size', sees([taskRole], identity(DEPLOYER, [filler(10_000)])))).toBe('refuse')
    expect(outcome('policy-size', sees([taskRole], identity(DEPLOYER, [filler(9_000)])))).toBe('pass')
    const long = document({ Sid: SID, Effect: 'Allow', Principal: { AWS: DEPLOYER }, Action: 'x'.repeat(2_000) })
    expect(outcome('policy-size', { patch: patchOf(change('role-trust-policy', TASK_ROLE, null, long)) })).toBe(
      'refuse',
    )
  })
  it('counts the inline policies of the changed caller only, and only for one of them', () => {
    const nearlyFull = snapshot(identity(DEPLOYER, [filler(10_000)]), [taskRole])
    const of = (one: ReturnType<typeof change>) => outcome('policy-size', { snapshot: nearlyFull, patch: patchOf(one) })
    expect(of(change('role-inline-policy', DEPLOYER, null, document(pass())))).toBe('refuse')
    expect(of(change('role-inline-policy', EXECUTION_ROLE, null, document(pass())))).toBe('pass')
    expect(of(change('role-trust-policy', DEPLOYER, null, document(pass())))).toBe('pass')
  })
  it('passes a document with exactly the quota, its end time included, and not one character more', () => {
    // {"Version":"2012-10-17","Statement":[…]}, the statement, and the condition that an end time adds.
    const around = '{"Version":"2012-10-17","Statement":[{"Sid":"Rolemedic0a1b2c3d","Effect":"Allow","Action":""}]}'
      .length
    const end = ',"Condition":{"DateLessThan":{"aws:CurrentTime":"1970-01-01T00:00:00Z"}}'.length
    const sized = (length: number) => document({ Sid: SID, Effect: 'Allow', Action: 'x'.repeat(length - around - end) })
    const of = (length: number) =>
      outcome('policy-size', {
        patch: patchOf(change('managed-policy', `arn:aws:iam::${ACCOUNT}:policy/p`, null, sized(length))),
      })
    expect(of(6_144)).toBe('pass')
    expect(of(6_145)).toBe('refuse')
  })
})

describe('shared-policy', () => {
  const edit = (policy: ReturnType<typeof managed>, boundary: AccessSnapshot['caller'] | null = null) => ({
    snapshot: snapshot(
      identity(
        DEPLOYER,
        [policy],
        boundary === null ? {} : { boundary: { kind: 'found', value: { ...policy, type: 'boundary' } } },
      ),
      [taskRole],
    ),
    patch: patchOf(change('managed-policy', policy.arn ?? '', document(), document(pass()))),
  })
  it('needs two approvers for a policy that is or may be attached to others', () => {
    expect(outcome('shared-policy', edit(managed(DEPLOYER, 'p', 3)))).toBe('warn elevated')
    expect(outcome('shared-policy', edit(managed(DEPLOYER, 'p', null)))).toBe('warn elevated')
  })
  it('refuses a policy that is also the caller’s boundary', () => {
    expect(outcome('shared-policy', edit(managed(DEPLOYER, 'p', 1), seen.caller))).toBe('refuse')
  })
  it('refuses a policy that is the boundary of another entity', () => {
    expect(outcome('shared-policy', edit({ ...managed(DEPLOYER, 'p', 2), bounds: true }))).toBe('refuse')
  })
  it('says to how many others it is attached, where that was read', () => {
    expect(detail('shared-policy', edit(managed(DEPLOYER, 'p', 3)))).toBe(
      'p is a managed policy: the change also affects the other entities that it is attached to (2).',
    )
    expect(detail('shared-policy', edit(managed(DEPLOYER, 'p', null)))).toBe(
      'p is a managed policy: the change also affects the other entities that it is attached to.',
    )
  })
  it('passes a policy that only the caller has', () => {
    expect(outcome('shared-policy', edit(managed(DEPLOYER, 'p', 1)))).toBe('pass')
  })
})
