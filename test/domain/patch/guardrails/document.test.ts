import { describe, expect, it } from 'vitest'
import type { Denial, FederatedClaims } from '../../../../functions/domain/denial/denial.ts'
import type { AccessSnapshot } from '../../../../functions/domain/iam/evaluation/access-snapshot.ts'
import type { ConditionBlock, Statement } from '../../../../functions/domain/iam/policy/policy-document.ts'
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
  trustPatch,
} from '../../../fixtures/guardrails.ts'
import { type Known, sent } from '../../../fixtures/passed-service.ts'
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
  webIdentityDenial,
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

describe('exact-trust-principal for a token', () => {
  const GITHUB = 'token.actions.githubusercontent.com'
  const subject = 'repo:octo-org/shop:ref:refs/heads/main'
  const denial = webIdentityDenial(TASK_ROLE, subject)
  const trusted: Statement = { Effect: 'Allow', Principal: { Federated: GITHUB_PROVIDER }, Action: 'sts:TagSession' }
  const pinned = { [`${GITHUB}:sub`]: subject, [`${GITHUB}:aud`]: 'sts.amazonaws.com' }
  const token = (Condition: ConditionBlock, more: Partial<Statement> = {}): Statement => ({
    Sid: SID,
    Effect: 'Allow',
    Principal: { Federated: GITHUB_PROVIDER },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition,
    ...more,
  })
  const adding = (statement: Statement, before: readonly Statement[] = [trusted], about: Denial = denial) =>
    outcome('exact-trust-principal', {
      denial: about,
      patch: patchOf(change('role-trust-policy', TASK_ROLE, document(...before), document(...before, statement))),
    })

  it('passes its one subject and audience, of a provider that the role trusts', () => {
    expect(adding(token({ StringEquals: pinned }))).toBe('pass')
    const upper = { [`${GITHUB}:SUB`]: [subject], [`${GITHUB}:AUD`]: ['sts.amazonaws.com'] }
    expect(adding(token({ StringEquals: upper }))).toBe('pass')
    const open: Statement[] = [{ Effect: 'Deny', Principal: '*', Action: 'sts:TagSession' }, trusted]
    expect(adding(token({ StringEquals: pinned }), open)).toBe('pass')
  })

  it.each<[string, ConditionBlock]>([
    ['another subject', { StringEquals: { ...pinned, [`${GITHUB}:sub`]: 'repo:octo-org/shop:pull_request' } }],
    ['two subjects', { StringEquals: { ...pinned, [`${GITHUB}:sub`]: [subject, 'repo:octo-org/*'] } }],
    ['two subjects, the denied one last', { StringEquals: { ...pinned, [`${GITHUB}:sub`]: ['repo:a/b:x', subject] } }],
    ['no subject', { StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' } }],
    ['another audience', { StringEquals: { ...pinned, [`${GITHUB}:aud`]: 'vault' } }],
    ['two audiences', { StringEquals: { ...pinned, [`${GITHUB}:aud`]: ['sts.amazonaws.com', 'vault'] } }],
    ['no audience', { StringEquals: { [`${GITHUB}:sub`]: subject } }],
    [
      'the claims of another provider',
      { StringEquals: { 'example.com:sub': subject, 'example.com:aud': 'sts.amazonaws.com' } },
    ],
    ['a pattern', { StringLike: pinned }],
    ['no condition', {}],
  ])('refuses %s', (_, condition) => {
    expect(adding(token(condition))).toBe('refuse')
  })

  it.each<[string, readonly Statement[]]>([
    ['nothing', []],
    ['the provider by a Deny only', [{ ...trusted, Effect: 'Deny' }]],
    ['another provider', [{ ...trusted, Principal: { Federated: `${GITHUB_PROVIDER}-2` } }]],
    ['a principal of another type with its name', [{ ...trusted, Principal: { AWS: GITHUB_PROVIDER } }]],
    ['everybody', [{ ...trusted, Principal: '*' }]],
  ])('refuses it for a role that trusts %s', (_, before) => {
    expect(adding(token({ StringEquals: pinned }), before)).toBe('refuse')
  })

  it('refuses it with a second principal, and for a policy that was not there', () => {
    const two = { Principal: { Federated: [GITHUB_PROVIDER, `${GITHUB_PROVIDER}-2`] } }
    expect(adding(token({ StringEquals: pinned }, two))).toBe('refuse')
    const more = { Principal: { Federated: GITHUB_PROVIDER, AWS: DEPLOYER } }
    expect(adding(token({ StringEquals: pinned }, more))).toBe('refuse')
    const patch = patchOf(change('role-trust-policy', TASK_ROLE, null, document(token({ StringEquals: pinned }))))
    expect(outcome('exact-trust-principal', { denial, patch })).toBe('refuse')
  })

  it('refuses it if the denied token did not carry both, or if no token was denied', () => {
    const without = (claims: Partial<FederatedClaims>): Denial => ({
      ...denial,
      claims: { provider: GITHUB_PROVIDER, subject, audience: 'sts.amazonaws.com', ...claims },
    })
    for (const about of [without({ subject: null }), without({ audience: null }), passDenial()])
      expect(adding(token({ StringEquals: pinned }), [trusted], about)).toBe('refuse')
  })
})

describe('exact-trust-principal for a caller that was not read', () => {
  it('refuses to add its name to a list of principals', () => {
    const named = (...arns: string[]): Statement => ({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Action: 'sts:AssumeRole',
      Condition: { ArnLike: { 'aws:PrincipalArn': [EXECUTION_ROLE, ...arns] } },
    })
    const patch = patchOf(change('role-trust-policy', TASK_ROLE, document(named()), document(named(DEPLOYER))))
    expect(outcome('exact-trust-principal', { patch })).toBe('pass')
    expect(outcome('exact-trust-principal', { patch, snapshot: snapshot(null, [taskRole]) })).toBe('refuse')
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
  [
    'repo:acme/shop:pull_request:job_workflow_ref:acme/ci/.github/workflows/deploy.yml@refs/heads/main',
    'repo:acme/shop:ref:refs/heads/main',
    'StringLike',
    'warn elevated',
    'Anybody who can push a branch named main of acme/shop could assume orders-task, which now trusts only pull requests with the workflow acme/ci/.github/workflows/deploy.yml@refs/heads/main.',
  ],
  [
    'repo:acme/shop:workspace:blue:job_workflow_ref:acme/ci/.github/workflows/deploy.yml@refs/heads/main',
    'repo:acme/shop:ref:refs/heads/main',
    'StringLike',
    'warn elevated',
    'Anybody who can push a branch named main of acme/shop could assume orders-task, which now trusts only workspace:blue with the workflow acme/ci/.github/workflows/deploy.yml@refs/heads/main.',
  ],
  [
    'system:serviceaccount:*:app',
    'system:serviceaccount:shop:worker',
    'StringLike',
    'warn elevated',
    'Anybody who can run a pod as worker in the namespace shop could assume orders-task, which now trusts only the service account app.',
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
    expect(detail('web-identity-subject', sub(main, 'something-else'))).toBe(
      'something-else does not belong to an owner that orders-task already trusts.',
    )
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

  it('passes a subject of an unknown format only where it is trusted already', () => {
    const trusted = githubTrust('something-else')
    const again = (subject: string): Statement => ({
      ...trusted.Statement[0],
      Effect: 'Allow',
      Sid: SID,
      Condition: { StringEquals: { 'token.actions.githubusercontent.com:sub': subject } },
    })
    const added = (subject: string) => ({
      patch: patchOf(change('role-trust-policy', TASK_ROLE, trusted, document(...trusted.Statement, again(subject)))),
    })
    expect(outcome('web-identity-subject', added('something-else'))).toBe('pass')
    expect(outcome('web-identity-subject', added('something-new'))).toBe('refuse')
    expect(detail('web-identity-subject', added('something-new'))).toBe(
      'something-new does not belong to an owner that orders-task already trusts.',
    )
  })

  it('has two look at a new audience, and says whose token it is for', () => {
    const KEY = 'token.actions.githubusercontent.com'
    const accepting = (aud: string[], sub: string | null): Statement => ({
      Effect: 'Allow',
      Principal: { Federated: GITHUB_PROVIDER },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [`${KEY}:aud`]: aud, ...(sub === null ? {} : { [`${KEY}:sub`]: sub }) } },
    })
    const extended = (sub: string | null) => ({
      patch: patchOf(
        change(
          'role-trust-policy',
          TASK_ROLE,
          document(accepting(['sts.amazonaws.com'], sub)),
          document(accepting(['sts.amazonaws.com', 'vault'], sub)),
        ),
      ),
    })
    const could = 'could assume orders-task with a token for the audience vault, which it does not accept now.'
    expect(outcome('web-identity-subject', extended(main))).toBe('warn elevated')
    expect(detail('web-identity-subject', extended(main))).toBe(
      `Anybody who can push a branch named main of octo-org/shop ${could}`,
    )
    expect(detail('web-identity-subject', extended(null))).toBe(`Anybody whom the other conditions admit ${could}`)
    expect(detail('web-identity-subject', extended('something-else'))).toBe(
      `Anybody whom the other conditions admit ${could}`,
    )

    const before = accepting(['sts.amazonaws.com'], main)
    const separate = (aud: string) => ({
      patch: patchOf(
        change(
          'role-trust-policy',
          TASK_ROLE,
          document(before),
          document(before, { Sid: SID, ...accepting([aud], main) }),
        ),
      ),
    })
    expect(outcome('web-identity-subject', separate('sts.amazonaws.com'))).toBe('pass')
    expect(outcome('web-identity-subject', separate('vault'))).toBe('warn elevated')
  })

  it('leaves other conditions and other principals to other guardrails', () => {
    const with_ = (Condition: ConditionBlock): Statement => ({
      ...githubTrust(main).Statement[0],
      Effect: 'Allow',
      Condition,
    })
    const ref = (...refs: string[]) => document(with_({ StringEquals: { 'aws:RequestTag/branch': refs } }))
    expect(
      outcome('web-identity-subject', {
        patch: patchOf(change('role-trust-policy', TASK_ROLE, ref('main'), ref('main', 'fix'))),
      }),
    ).toBe('pass')
    for (const Principal of ['*' as const, { AWS: DEPLOYER }, undefined])
      expect(outcome('web-identity-subject', { patch: trustPatch(Principal) })).toBe('pass')
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
  it('takes the account of the denial for that of a caller who was not read', () => {
    const scps = { known: true as const, value: [{ id: 'r-root', policies: [] }] }
    const of = (accountId: string) =>
      outcome('trust-account', {
        patch: trustPatch({ AWS: other }),
        denial: { ...passDenial(), accountId },
        snapshot: snapshot(null, [taskRole], { scps }),
      })
    expect(of('444455556666')).toBe('warn elevated')
    expect(of(ACCOUNT)).toBe('refuse')
  })
  it('takes an empty list of SCPs for no proof', () => {
    const unproved = snapshot(identity(other), [taskRole], { scps: { known: true, value: [] } })
    expect(outcome('trust-account', { patch: trustPatch({ AWS: other }), snapshot: unproved })).toBe('refuse')
  })
  it('leaves everybody, services and nobody to other guardrails', () => {
    for (const Principal of ['*' as const, { Service: 'ec2.amazonaws.com' }, undefined])
      expect(outcome('trust-account', { patch: trustPatch(Principal) })).toBe('pass')
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
