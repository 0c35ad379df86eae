import { describe, expect, it } from 'vitest'
import type { ConditionBlock, Statement } from '../../../../core/iam/policy/policy-document.ts'
import { change, detail, outcome, patchOf, SID, trustPatch } from '../../../fixtures/guardrails.ts'
import { DEPLOYER, document, GITHUB_PROVIDER, githubTrust, TASK_ROLE } from '../../../fixtures/patches.ts'

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

  it('has two look at who could enter only under another condition before', () => {
    const statement = (subject: string, more: ConditionBlock = {}): Statement => ({
      ...githubTrust(subject).Statement[0],
      Effect: 'Allow',
      Condition: { ...githubTrust(subject).Statement[0]?.Condition, ...more },
    })
    const requests = 'repo:octo-org/shop:pull_request'
    const vpn = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }
    const added = (trusted: Statement, one: Statement) => ({
      patch: patchOf(
        change('role-trust-policy', TASK_ROLE, document(trusted), document(trusted, { Sid: SID, ...one })),
      ),
    })
    const wide = added(statement(requests, vpn), statement(main))
    expect(outcome('web-identity-subject', wide)).toBe('warn elevated')
    expect(detail('web-identity-subject', wide)).toBe(
      'Anybody who can push a branch named main of octo-org/shop could assume orders-task, which now trusts only pull requests.',
    )
    expect(outcome('web-identity-subject', added(statement(main, vpn), statement(main)))).toBe('warn elevated')
    expect(outcome('web-identity-subject', added(statement(requests, vpn), statement(main, vpn)))).toBe('pass')
    const office = { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } }
    expect(outcome('web-identity-subject', added(statement(main, vpn), statement(main, office)))).toBe('warn elevated')
    const inVpc = { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }
    expect(outcome('web-identity-subject', added(statement(main, vpn), statement(main, inVpc)))).toBe('warn elevated')
    expect(outcome('web-identity-subject', added(statement(requests), statement(main, vpn)))).toBe('pass')
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
