import { describe, expect, it } from 'vitest'
import type { AccessSnapshot } from '../../../../functions/domain/iam/evaluation/access-snapshot.ts'
import type { Statement } from '../../../../functions/domain/iam/policy/policy-document.ts'
import {
  change,
  detail,
  grant,
  outcome,
  pass,
  patchOf,
  SID,
  seen,
  sees,
  taskRole,
  trustPatch,
} from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  GITHUB_PROVIDER,
  githubTrust,
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

  it('lets the pattern of an approved set through, and no other', () => {
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

  it('lets one service through, sent for certain or not', () => {
    const Condition = { StringEqualsIfExists: { 'iam:PassedToService': 'apprunner.amazonaws.com' } }
    expect(outcome('exact-passed-service', { patch: grant(pass(TASK_ROLE, { Condition })) })).toBe('pass')
  })
})

describe('exact-passed-service of a list that grows', () => {
  const growing = (...services: string[]) => {
    const listed = (more: string[]) =>
      pass(TASK_ROLE, { Condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', ...more] } } })
    return patchOf(change('role-inline-policy', DEPLOYER, document(listed([])), document(listed(services))))
  }
  it('lets the name of a service through and refuses anything else, also beside one', () => {
    expect(outcome('exact-passed-service', { patch: growing('glue.amazonaws.com') })).toBe('pass')
    expect(outcome('exact-passed-service', { patch: growing('glue.*') })).toBe('refuse')
    expect(outcome('exact-passed-service', { patch: growing('glue.amazonaws.com', 'glue.*') })).toBe('refuse')
  })
})

describe('exact-trust-principal', () => {
  it.each([
    ['the account', { AWS: `arn:aws:iam::${ACCOUNT}:root` }],
    ['an account id', { AWS: ACCOUNT }],
    ['a session', { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ci` }],
    ['everybody', '*' as const],
    ['everybody of AWS', { AWS: '*' }],
    ['a provider', { Federated: GITHUB_PROVIDER }],
    ['two roles', { AWS: [DEPLOYER, TASK_ROLE] }],
    ['a role and a service', { AWS: DEPLOYER, Service: 'ec2.amazonaws.com' }],
    ['nobody', undefined],
  ])('refuses %s', (_, Principal) => {
    expect(outcome('exact-trust-principal', { patch: trustPatch(Principal) })).toBe('refuse')
  })

  it('lets one role through', () => {
    expect(outcome('exact-trust-principal', { patch: trustPatch({ AWS: DEPLOYER }) })).toBe('pass')
  })

  it('lets the one service through that was denied itself, and neither another nor more beside it', () => {
    const { principal, ...rest } = passDenial()
    const denial = { ...rest, principal: { ...principal, kind: 'service' as const, name: 'ec2.amazonaws.com' } }
    const trusting = (Principal: Statement['Principal']) =>
      outcome('exact-trust-principal', { denial, patch: trustPatch(Principal) })
    expect(trusting({ Service: 'ec2.amazonaws.com' })).toBe('pass')
    expect(trusting({ Service: 'lambda.amazonaws.com' })).toBe('refuse')
    expect(trusting({ Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] })).toBe('refuse')
    expect(trusting({ Service: 'ec2.amazonaws.com', AWS: '*' })).toBe('refuse')
  })
})

describe('foreign-statements', () => {
  const theirs = { Sid: 'Theirs', ...allow('s3:GetObject', 'x') }
  const edit = (before: Statement[], after: Statement[]) => ({
    patch: patchOf(change('role-inline-policy', DEPLOYER, document(...before), document(...after))),
  })
  it('refuses to remove or rewrite what the bot did not write', () => {
    expect(outcome('foreign-statements', edit([theirs], [pass()]))).toBe('refuse')
    expect(outcome('foreign-statements', edit([theirs], [{ ...theirs, Resource: 'y' }, pass()]))).toBe('refuse')
  })
  it('refuses several values, and a value in two lists', () => {
    const listed = (a: string[], b: string[]): Statement => ({ ...theirs, Condition: { StringEquals: { a, b } } })
    expect(outcome('foreign-statements', edit([listed(['1'], ['1'])], [listed(['1', '2', '3'], ['1'])]))).toBe('refuse')
    expect(outcome('foreign-statements', edit([listed(['1'], ['1'])], [listed(['1', '2'], ['1', '2'])]))).toBe('refuse')
  })
  it('refuses to take out a statement of others that has ended, and one of its own that has not', () => {
    const until = (time: string) => ({ Condition: { DateLessThan: { 'aws:CurrentTime': time } } })
    const theirsEnded = { ...theirs, ...until('2026-11-24T11:00:00Z') }
    expect(outcome('foreign-statements', edit([theirsEnded], [pass()]))).toBe('refuse')
    const ownGoesOn = pass(EXECUTION_ROLE, until('2026-11-24T13:00:00Z'))
    expect(outcome('foreign-statements', edit([ownGoesOn], [pass()]))).toBe('refuse')
  })
  it('refuses another id of the policy', () => {
    const after = { ...document(theirs, pass()), Id: 'mine' }
    const patch = patchOf(change('role-inline-policy', DEPLOYER, document(theirs), after))
    expect(outcome('foreign-statements', { patch })).toBe('refuse')
  })
  it('refuses an addition that does not bear the Sid of the bot', () => {
    expect(outcome('foreign-statements', edit([theirs], [theirs, { ...pass(), Sid: 'Mine' }]))).toBe('refuse')
  })
  it('refuses another version of the policy language', () => {
    const before = { Statement: [theirs] }
    const patch = patchOf(change('role-inline-policy', DEPLOYER, before, document(theirs, pass())))
    expect(outcome('foreign-statements', { patch })).toBe('refuse')
  })
  it('lets one value in one list through, and a statement of its own whose time is over', () => {
    const listed = (...a: string[]): Statement => ({ ...theirs, Condition: { StringEquals: { a } } })
    expect(outcome('foreign-statements', edit([listed('1')], [listed('1', '2')]))).toBe('pass')
    const ended = pass(TASK_ROLE, { Condition: { DateLessThan: { 'aws:CurrentTime': '2026-11-24T11:00:00Z' } } })
    expect(outcome('foreign-statements', edit([ended], [pass()]))).toBe('pass')
  })
})

describe('forbidden-actions', () => {
  it('refuses what the configuration forbids, whatever the case', () => {
    expect(outcome('forbidden-actions', { config: { forbiddenActions: ['IAM:Pass*'] } })).toBe('refuse')
    expect(outcome('forbidden-actions', { config: { forbiddenActions: ['iam:CreateUser'] } })).toBe('pass')
  })
})

describe('policy-size', () => {
  const filler = (size: number) => inline(DEPLOYER, 'big', allow('s3:GetObject', 'x'.repeat(size)))
  it('refuses what exceeds a quota, all inline policies together', () => {
    expect(outcome('policy-size', sees([taskRole], identity(DEPLOYER, [filler(10_000)])))).toBe('refuse')
    expect(outcome('policy-size', sees([taskRole], identity(DEPLOYER, [filler(9_000)])))).toBe('pass')
    const long = document({ Sid: SID, Effect: 'Allow', Principal: { AWS: DEPLOYER }, Action: 'x'.repeat(2_000) })
    expect(outcome('policy-size', { patch: patchOf(change('role-trust-policy', TASK_ROLE, null, long)) })).toBe(
      'refuse',
    )
  })
  it('lets a document through that has exactly the characters of the quota, its end included, and not one more', () => {
    // {"Version":"2012-10-17","Statement":[…]}, the statement, and the condition that an end adds to it.
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

describe('web-identity-subject', () => {
  const sub = (was: string | string[], value: string, operator = 'StringLike') => ({
    patch: patchOf(
      change(
        'role-trust-policy',
        TASK_ROLE,
        githubTrust(was, operator),
        githubTrust([...[was].flat(), value], operator),
      ),
    ),
  })
  const main = 'repo:octo-org/shop:ref:refs/heads/main'
  it('refuses another owner, and a form whose owner is not known', () => {
    expect(outcome('web-identity-subject', sub(main, 'repo:evil/shop:ref:refs/heads/main'))).toBe('refuse')
    expect(outcome('web-identity-subject', sub(main, 'something-else'))).toBe('refuse')
    expect(outcome('web-identity-subject', sub('repo:octo-org@1/shop@2:ref:x', 'repo:octo-org@9/shop@2:ref:x'))).toBe(
      'refuse',
    )
  })
  it('knows the key of a subject however it is written', () => {
    const trust = (...subjects: string[]) =>
      document({
        Effect: 'Allow',
        Principal: { Federated: GITHUB_PROVIDER },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringLike: { 'token.actions.githubusercontent.com:SUB': subjects } },
      })
    const patch = patchOf(
      change('role-trust-policy', TASK_ROLE, trust(main), trust(main, 'repo:evil/shop:ref:refs/heads/main')),
    )
    expect(outcome('web-identity-subject', { patch })).toBe('refuse')
  })
  it('refuses a name without ids where the ids are what is trusted, as a name may pass to somebody else', () => {
    const pinned = 'repo:octo-org@1/shop@2:pull_request'
    const named = 'repo:octo-org/shop:pull_request'
    expect(outcome('web-identity-subject', sub(pinned, named))).toBe('refuse')
    expect(outcome('web-identity-subject', sub([pinned, main], named))).toBe('pass')
  })

  it('refuses another id of an owner whose id is trusted, also where a name of the owner is trusted beside it', () => {
    const pinned = 'repo:octo-org@1/shop@2:ref:refs/heads/main'
    expect(outcome('web-identity-subject', sub([main, pinned], 'repo:octo-org@9/shop@8:ref:x'))).toBe('refuse')
    expect(outcome('web-identity-subject', sub([main, pinned], 'repo:octo-org@1/shop@2:ref:x'))).toBe('pass')
  })
  it('asks two for another project of the owner', () => {
    expect(outcome('web-identity-subject', sub(main, 'repo:octo-org/other:ref:refs/heads/main'))).toBe('warn elevated')
    expect(outcome('web-identity-subject', sub('system:serviceaccount:a:app', 'system:serviceaccount:b:app'))).toBe(
      'warn elevated',
    )
  })
  it('says a namespace of the cluster where the token is of Kubernetes', () => {
    const changes = sub('system:serviceaccount:shop:app', 'system:serviceaccount:evil:app')
    expect(detail('web-identity-subject', changes)).toBe(
      'orders-task would trust evil, another namespace of the cluster.',
    )
    expect(detail('web-identity-subject', sub(main, 'repo:octo-org/other:pull_request'))).toBe(
      'orders-task would trust other, another project of octo-org.',
    )
  })
  it('lets another form of the same project through, and notes ids seen for the first time', () => {
    expect(outcome('web-identity-subject', sub(main, 'repo:octo-org/shop:environment:prod'))).toBe('pass')
    expect(
      outcome('web-identity-subject', sub('repo:octo-org/*', 'repo:octo-org/shop:pull_request', 'StringEquals')),
    ).toBe('pass')
    expect(outcome('web-identity-subject', sub(main, 'repo:octo-org@1/shop@2:ref:refs/heads/main'))).toBe('warn low')
  })
})

describe('trust-account', () => {
  const other = 'arn:aws:iam::444455556666:role/tools'
  it('refuses an account that is not known to be inside the organization', () => {
    expect(outcome('trust-account', { patch: trustPatch({ AWS: other }) })).toBe('refuse')
    expect(outcome('trust-account', { patch: trustPatch({ AWS: 'AROAEXAMPLEEXAMPLE12' }) })).toBe('refuse')
  })
  it('takes policies of the organization for a sign of the caller’s account alone, and only in an organization', () => {
    const patch = trustPatch({ AWS: other })
    const scps = { known: true as const, value: [{ id: 'r-root', policies: [] }] }
    expect(outcome('trust-account', { patch, snapshot: snapshot(identity(DEPLOYER), [taskRole], { scps }) })).toBe(
      'refuse',
    )
    const organization = { known: true as const, value: { id: null, managementAccountId: null } }
    const alone = snapshot(identity(other), [taskRole], { scps, organization })
    expect(outcome('trust-account', { patch, snapshot: alone })).toBe('refuse')
  })
  it('looks at the callers whom a condition comes to name, however its key is written', () => {
    const named = (...arns: string[]): Statement => ({
      Effect: 'Allow',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { ArnLike: { 'aws:PRINCIPALARN': [DEPLOYER, ...arns] } },
    })
    const patch = patchOf(change('role-trust-policy', TASK_ROLE, document(named()), document(named(other))))
    expect(outcome('trust-account', { patch })).toBe('refuse')
  })
  it('asks two for an account inside it', () => {
    const patch = trustPatch({ AWS: other })
    expect(outcome('trust-account', { patch, config: { organizationAccounts: ['444455556666'] } })).toBe(
      'warn elevated',
    )
    const scps = { known: true as const, value: [{ id: 'r-root', policies: [] }] }
    expect(outcome('trust-account', { patch, snapshot: snapshot(identity(other), [taskRole], { scps }) })).toBe(
      'warn elevated',
    )
    expect(outcome('trust-account', { patch: trustPatch({ AWS: 'arn:aws:iam::999999999999:role/x' }) })).toBe(
      'warn elevated',
    )
  })
  it('lets the role’s own account through', () => {
    expect(outcome('trust-account', { patch: trustPatch({ AWS: DEPLOYER }) })).toBe('pass')
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
  it('has two look at a policy that others carry or may carry', () => {
    expect(outcome('shared-policy', edit(managed(DEPLOYER, 'p', 3)))).toBe('warn elevated')
    expect(outcome('shared-policy', edit(managed(DEPLOYER, 'p', null)))).toBe('warn elevated')
  })
  it('refuses one that is the caller’s boundary too', () => {
    expect(outcome('shared-policy', edit(managed(DEPLOYER, 'p', 1), seen.caller))).toBe('refuse')
  })
  it('refuses one that is the boundary of somebody else', () => {
    expect(outcome('shared-policy', edit({ ...managed(DEPLOYER, 'p', 2), bounds: true }))).toBe('refuse')
  })
  it('lets a policy of the caller alone through', () => {
    expect(outcome('shared-policy', edit(managed(DEPLOYER, 'p', 1)))).toBe('pass')
  })
})
