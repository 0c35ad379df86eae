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

  it('passes one role', () => {
    expect(outcome('exact-trust-principal', { patch: trustPatch({ AWS: DEPLOYER }) })).toBe('pass')
  })

  it('passes the service that was denied itself, and neither another nor several', () => {
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

/** What a trust policy has, what is added, and who comes in. */
const SUBJECTS: readonly [
  trusted: string,
  added: string,
  operator: string,
  expected: string,
  wording: string | null,
][] = [
  [
    'repo:acme/shop:environment:production',
    'repo:acme/shop:ref:refs/heads/fix',
    'StringEquals',
    'warn elevated',
    'Anybody who can push a branch named fix of acme/shop could assume orders-task, which now trusts only the environment production.',
  ],
  [
    'repo:acme/shop:environment:production',
    'repo:acme/shop:environment:staging',
    'StringEquals',
    'warn elevated',
    'Any job of acme/shop that may use the environment staging could assume orders-task, which now trusts only the environment production.',
  ],
  [
    'repo:acme/shop:environment:production',
    'repo:acme/shop:environment:Production',
    'StringEquals',
    'warn elevated',
    'Any job of acme/shop that may use the environment Production could assume orders-task, which now trusts only the environment production.',
  ],
  [
    'repo:acme/shop:ref:refs/heads/main',
    'repo:acme/shop:pull_request',
    'StringLike',
    'warn elevated',
    'Anybody who can open a pull request in acme/shop could assume orders-task, which now trusts only the branch main.',
  ],
  [
    'repo:acme/shop:ref:refs/heads/main',
    'repo:acme/shop:ref:refs/tags/v1.2',
    'StringLike',
    'warn elevated',
    'Anybody who can push a tag named v1.2 of acme/shop could assume orders-task, which now trusts only the branch main.',
  ],
  [
    'repo:acme/shop:ref:refs/tags/v1*',
    'repo:acme/shop:ref:refs/heads/main',
    'StringLike',
    'warn elevated',
    'Anybody who can push a branch named main of acme/shop could assume orders-task, which now trusts only the tag v1*.',
  ],
  [
    'repo:acme/shop:job_workflow_ref:acme/ci/.github/workflows/deploy.yml@refs/heads/main',
    'repo:acme/shop:ref:refs/heads/main',
    'StringLike',
    'warn elevated',
    'Anybody who can push a branch named main of acme/shop could assume orders-task, which now trusts only the workflow acme/ci/.github/workflows/deploy.yml@refs/heads/main.',
  ],
  [
    'repo:acme/shop:environment:production:job_workflow_ref:acme/ci/.github/workflows/deploy.yml@refs/heads/main',
    'repo:acme/shop:environment:production:job_workflow_ref:acme/ci/.github/workflows/other.yml@refs/heads/main',
    'StringLike',
    'warn elevated',
    'Any job of acme/shop that may use the environment production through the workflow acme/ci/.github/workflows/other.yml@refs/heads/main could assume orders-task, which now trusts only the environment production with the workflow acme/ci/.github/workflows/deploy.yml@refs/heads/main.',
  ],
  [
    'repo:acme/shop:ref:refs/heads/main',
    'repo:acme/other:ref:refs/heads/main',
    'StringLike',
    'warn elevated',
    'Anybody who can push a branch named main of acme/other could assume orders-task: orders-task trusts no token of this project of acme yet.',
  ],
  [
    'repo:acme/shop:pull_request',
    'repo:acme/shop:ref:refs/heads/main',
    'StringEqualsIgnoreCase',
    'warn elevated',
    'Anybody who can push a branch named main of acme/shop could assume orders-task, also with the name in another case, because StringEqualsIgnoreCase ignores case.',
  ],
  [
    'project_path:acme/shop:ref_type:branch:ref:main',
    'project_path:acme/shop:ref_type:tag:ref:v1',
    'StringLike',
    'warn elevated',
    'Anybody who can push a tag named v1 of acme/shop could assume orders-task, which now trusts only the branch main.',
  ],
  [
    'project_path:acme/shop:ref_type:branch:ref:main',
    'project_path:acme/shop:ref_type:branch:ref:fix',
    'StringLike',
    'warn elevated',
    'Anybody who can push a branch named fix of acme/shop could assume orders-task, which now trusts only the branch main.',
  ],
  [
    'organization:acme:project:shop:workspace:prod:run_phase:apply',
    'organization:acme:project:shop:workspace:prod:run_phase:plan',
    'StringLike',
    'warn elevated',
    'Anybody who can start a Terraform plan in the workspace prod of acme/shop could assume orders-task, which now trusts only the run prod:apply.',
  ],
  [
    'system:serviceaccount:shop:app',
    'system:serviceaccount:evil:app',
    'StringLike',
    'warn elevated',
    'Anybody who can run a pod as app in the namespace evil could assume orders-task: orders-task trusts no token of this namespace of the cluster yet.',
  ],
  ['system:serviceaccount:shop:app', 'system:serviceaccount:shop:worker', 'StringLike', 'pass', null],
  ['repo:acme/shop:pull_request', 'repo:acme/shop:environment:production', 'StringLike', 'pass', null],
  ['repo:acme/shop:ref:refs/heads/*', 'repo:acme/shop:environment:production', 'StringLike', 'pass', null],
  ['repo:acme/shop:ref:refs/heads/*', 'repo:acme/shop:ref:refs/heads/main', 'StringEquals', 'pass', null],
  ['repo:acme/shop:*', 'repo:acme/shop:ref:refs/tags/v1', 'StringEquals', 'pass', null],
  ['repo:acme/*', 'repo:acme/shop:pull_request', 'StringEquals', 'pass', null],
  [
    'project_path:acme/shop:ref_type:*:ref:*',
    'project_path:acme/shop:ref_type:branch:ref:main',
    'StringEquals',
    'pass',
    null,
  ],
  [
    'repo:acme/shop:ref:refs/heads/main',
    'repo:acme@1/shop@2:ref:refs/heads/main',
    'StringLike',
    'warn low',
    'repo:acme@1/shop@2:ref:refs/heads/main has ids that the trust policy does not contain yet: check that they are yours.',
  ],
  [
    'repo:acme/shop:ref:refs/heads/main',
    'repo:acme@1/shop@2:pull_request',
    'StringLike',
    'warn elevated',
    'Anybody who can open a pull request in acme/shop could assume orders-task, which now trusts only the branch main.',
  ],
]

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
  it('refuses another owner, and a format whose owner is unknown', () => {
    expect(outcome('web-identity-subject', sub(main, 'repo:evil/shop:ref:refs/heads/main'))).toBe('refuse')
    expect(outcome('web-identity-subject', sub(main, 'something-else'))).toBe('refuse')
    expect(outcome('web-identity-subject', sub('repo:octo-org@1/shop@2:ref:x', 'repo:octo-org@9/shop@2:ref:x'))).toBe(
      'refuse',
    )
  })
  it('recognizes the key of a subject ignoring case', () => {
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
  it('refuses a name without ids if the ids are trusted, because a name can change owner', () => {
    const pinned = 'repo:octo-org@1/shop@2:pull_request'
    const named = 'repo:octo-org/shop:ref:refs/heads/main'
    expect(outcome('web-identity-subject', sub(pinned, named))).toBe('refuse')
    expect(outcome('web-identity-subject', sub([pinned, 'repo:octo-org/shop:pull_request'], named))).toBe('pass')
  })

  it('refuses another id of an owner whose id is trusted, even if the name is trusted too', () => {
    const pinned = 'repo:octo-org@1/shop@2:ref:refs/heads/main'
    expect(outcome('web-identity-subject', sub([main, pinned], 'repo:octo-org@9/shop@8:ref:x'))).toBe('refuse')
    expect(outcome('web-identity-subject', sub([main, pinned], 'repo:octo-org@1/shop@2:ref:x'))).toBe('warn elevated')
  })

  it.each(SUBJECTS)('trusts %s and is asked for %s', (trusted, added, operator, expected, wording) => {
    const changes = sub(trusted, added, operator)
    expect([outcome('web-identity-subject', changes), detail('web-identity-subject', changes)]).toEqual([
      expected,
      wording,
    ])
  })

  it('refuses a statement of its own for a subject or provider that is not trusted', () => {
    const statement = (subject: string, provider = GITHUB_PROVIDER): Statement => ({
      Effect: 'Allow',
      Principal: { Federated: provider },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': subject,
        },
      },
    })
    const before = githubTrust(main)
    const added = (one: Statement) => ({
      patch: patchOf(
        change('role-trust-policy', TASK_ROLE, before, { ...before, Statement: [...before.Statement, one] }),
      ),
    })
    const { Condition: _, ...open } = statement(main)
    expect(outcome('web-identity-subject', added(statement('repo:evil/shop:ref:refs/heads/main')))).toBe('refuse')
    expect(outcome('web-identity-subject', added(statement(main, `${GITHUB_PROVIDER}-2`)))).toBe('refuse')
    expect(outcome('web-identity-subject', added(open))).toBe('refuse')
    expect(outcome('web-identity-subject', added(statement(main)))).toBe('pass')
  })
})

describe('trust-account', () => {
  const other = 'arn:aws:iam::444455556666:role/tools'
  it('refuses an account that is not known to be inside the organization', () => {
    expect(outcome('trust-account', { patch: trustPatch({ AWS: other }) })).toBe('refuse')
    expect(outcome('trust-account', { patch: trustPatch({ AWS: 'AROAEXAMPLEEXAMPLE12' }) })).toBe('refuse')
  })
  it('treats SCPs that were read as proof for the caller’s account only, and only in an organization', () => {
    const patch = trustPatch({ AWS: other })
    const scps = { known: true as const, value: [{ id: 'r-root', policies: [] }] }
    expect(outcome('trust-account', { patch, snapshot: snapshot(identity(DEPLOYER), [taskRole], { scps }) })).toBe(
      'refuse',
    )
    const organization = { known: true as const, value: { id: null, managementAccountId: null } }
    const alone = snapshot(identity(other), [taskRole], { scps, organization })
    expect(outcome('trust-account', { patch, snapshot: alone })).toBe('refuse')
  })
  it('checks principals that are added to a condition, ignoring the case of its key', () => {
    const named = (...arns: string[]): Statement => ({
      Effect: 'Allow',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { ArnLike: { 'aws:PRINCIPALARN': [DEPLOYER, ...arns] } },
    })
    const patch = patchOf(change('role-trust-policy', TASK_ROLE, document(named()), document(named(other))))
    expect(outcome('trust-account', { patch })).toBe('refuse')
  })
  it('needs two approvers for an account inside it', () => {
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
  it('passes the role’s own account', () => {
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
  it('passes a policy that only the caller has', () => {
    expect(outcome('shared-policy', edit(managed(DEPLOYER, 'p', 1)))).toBe('pass')
  })
})
