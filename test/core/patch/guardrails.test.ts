import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { AccessPicture } from '../../../functions/core/access/access-picture.ts'
import { type Config, DEFAULT_CONFIG } from '../../../functions/core/config/config.ts'
import { unknown, unreadable } from '../../../functions/core/fact.ts'
import type { Examined } from '../../../functions/core/patch/guardrail.ts'
import { checkGuardrails, GUARDRAILS } from '../../../functions/core/patch/guardrails.ts'
import {
  changeDigest,
  type Patch,
  patchDigest,
  type Target,
  type TargetKind,
} from '../../../functions/core/patch/patch.ts'
import type { PolicyDocument, Statement } from '../../../functions/core/policy/policy.ts'
import {
  ACCOUNT,
  allow,
  DEPLOYER,
  document,
  ecsTrust,
  examineScene,
  GITHUB_PROVIDER,
  githubTrust,
  identity,
  inline,
  managed,
  NOW_MS,
  passDenial,
  picture,
  role,
  TASK_ROLE,
} from '../patch-scenes.ts'

const SID = 'Rolemedic0a1b2c3d'
const pass = (Resource: string | string[] = TASK_ROLE, more: Partial<Statement> = {}): Statement => ({
  Sid: SID,
  ...allow('iam:PassRole', Resource, {
    Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  }),
  ...more,
})

function change(kind: TargetKind, arn: string, before: PolicyDocument | null, after: PolicyDocument) {
  const target: Target = {
    kind,
    accountId: arn.split(':')[4] ?? '',
    name: arn.split('/').at(-1) ?? '',
    policyName: kind.endsWith('inline-policy') ? 'rolemedic' : null,
    arn,
  }
  return { target, before, after, required: true, digest: changeDigest({ target, before, after }) }
}

const patchOf = (...changes: Patch['changes']): Patch => ({ changes, digest: patchDigest(changes) })
const grant = (...statements: Statement[]) =>
  patchOf(change('role-inline-policy', DEPLOYER, null, document(...statements)))
const trustPatch = (Principal: Statement['Principal'], roleArn = TASK_ROLE) =>
  patchOf(
    change(
      'role-trust-policy',
      roleArn,
      ecsTrust,
      document(...ecsTrust.Statement, {
        Sid: SID,
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        ...(Principal ? { Principal } : {}),
      }),
    ),
  )

const taskRole = role(TASK_ROLE, ecsTrust)
const seen = picture(identity(DEPLOYER), [taskRole])
const diagnosis = examineScene(passDenial(), seen).diagnosis

type Changes = Omit<Partial<Examined>, 'config'> & { readonly config?: Partial<Config> }

function outcome(id: string, { config, ...changes }: Changes = {}) {
  const examined: Examined = {
    patch: grant(pass()),
    denial: passDenial(),
    diagnosis,
    picture: seen,
    roles: changes.picture?.targets ?? [taskRole],
    nowMs: NOW_MS,
    changesToday: null,
    asked: false,
    ...changes,
    config: { ...DEFAULT_CONFIG, ...config },
  }
  const found = checkGuardrails(examined).find(one => one.id === id)
  if (found === undefined) throw new Error(`no guardrail ${id}`)
  const { finding } = found
  return finding.outcome === 'warn' ? `warn ${finding.risk}` : finding.outcome
}

const sees = (targets: AccessPicture['targets'], caller = identity(DEPLOYER)): Changes => ({
  picture: picture(caller, targets),
  roles: targets,
})

describe('the list of guardrails', () => {
  it('has one file for each, named by its id', () => {
    const files = readdirSync(new URL('../../../functions/core/patch/guardrails', import.meta.url)).map(name =>
      name.replace(/\.ts$/, ''),
    )
    expect(GUARDRAILS.map(rule => rule.id).sort()).toEqual(files.sort())
  })

  it('refuses what a rule failed to check', () => {
    const failing = {
      id: 'failing',
      check: () => {
        throw new Error('out of order')
      },
    }
    expect(checkGuardrails({} as Examined, [failing])).toEqual([
      { id: 'failing', finding: { outcome: 'refuse', detail: 'The rule failing failed: out of order', owner: null } },
    ])
  })

  it.each(GUARDRAILS.map(rule => rule.id))('refuses a patch when %s throws', id => {
    const rule = GUARDRAILS.find(one => one.id === id)
    const poisoned = new Proxy({} as Examined, {
      get() {
        throw new Error('unreadable')
      },
    })
    expect(checkGuardrails(poisoned, rule === undefined ? [] : [rule])[0]?.finding.outcome).toBe('refuse')
  })

  it('lets an ordinary grant through with no more than a note', () => {
    const ids = GUARDRAILS.map(rule => rule.id)
    expect(ids.filter(id => outcome(id) !== 'pass')).toEqual([])
  })
})

describe('no-wildcard', () => {
  it.each([
    ['an action', { Action: 'iam:*' }],
    ['an action with ?', { Action: 'iam:PassRol?' }],
    ['a resource', { Resource: `arn:aws:iam::${ACCOUNT}:role/orders-*` }],
    ['every resource', { Resource: '*' }],
    ['a policy variable', { Resource: `arn:aws:iam::${ACCOUNT}:role/\${aws:username}` }],
    ['a NotAction', { NotAction: 'iam:DeleteRole' }],
    ['a NotResource', { NotResource: TASK_ROLE }],
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
})

describe('protected', () => {
  it.each([
    ['the role, whatever its case', 'arn:aws:iam::*:role/ORDERS-TASK'],
    ['the caller', 'arn:aws:iam::*:role/deploy*'],
  ])('refuses %s when a glob names it', (_, glob) => {
    expect(outcome('protected', { config: { protected: [glob] } })).toBe('refuse')
  })

  it('refuses a tagged role and a tagged caller', () => {
    const tags = { 'rolemedic:protected': 'yes' }
    expect(outcome('protected', sees([role(TASK_ROLE, ecsTrust, [], { tags })]))).toBe('refuse')
    expect(outcome('protected', sees([taskRole], identity(DEPLOYER, [], { tags })))).toBe('refuse')
  })

  it('refuses a role under a path when the glob gives its name alone', () => {
    const patch = grant(pass(`arn:aws:iam::${ACCOUNT}:role/admin/eu/break-glass`))
    expect(outcome('protected', { patch, config: { protected: ['arn:aws:iam::*:role/break-glass*'] } })).toBe('refuse')
    expect(outcome('protected', { patch, config: { protected: ['arn:aws:iam::*:role/break-glass-2'] } })).toBe('pass')
  })

  it('refuses an approved set that holds a protected role', () => {
    const patch = grant(pass(`arn:aws:iam::${ACCOUNT}:role/orders-*`))
    expect(outcome('protected', { patch, config: { protected: ['arn:aws:iam::*:role/*-admin'] } })).toBe('refuse')
    expect(outcome('protected', { patch, config: { protected: ['arn:aws:iam::*:role/break-glass*'] } })).toBe('pass')
  })

  it('lets others through', () => {
    expect(outcome('protected', { config: { protected: ['arn:aws:iam::*:role/break-glass*'] } })).toBe('pass')
  })
})

describe('own-roles', () => {
  const own = `arn:aws:iam::${ACCOUNT}:role/rolemedic-writer`
  it('refuses the bot as caller and as role', () => {
    expect(outcome('own-roles', sees([taskRole], identity(own)))).toBe('refuse')
    expect(outcome('own-roles', sees([role(own, ecsTrust)]))).toBe('refuse')
  })
  it('lets a role through that only sounds like it', () => {
    expect(outcome('own-roles', sees([role(`arn:aws:iam::${ACCOUNT}:role/rolemedics`, ecsTrust)]))).toBe('pass')
  })
})

describe('approvers-path', () => {
  const approver = `arn:aws:iam::${ACCOUNT}:role/on-call/ana`
  it('refuses a role under the path of the approvers', () => {
    expect(
      outcome('approvers-path', { ...sees([taskRole], identity(approver)), config: { approversPath: '/on-call/' } }),
    ).toBe('refuse')
  })
  it('lets others through, and everybody where no path is set', () => {
    expect(outcome('approvers-path', { config: { approversPath: '/on-call/' } })).toBe('pass')
    expect(outcome('approvers-path', sees([taskRole], identity(approver)))).toBe('pass')
  })
})

describe('reserved-entity', () => {
  const reserved = `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_0123456789abcdef`
  const linked = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`
  const edits = (arn: string) => ({ patch: patchOf(change('role-inline-policy', arn, null, document(pass()))) })

  it('refuses to edit a reserved and a service-linked role, and to pass a reserved one', () => {
    expect(outcome('reserved-entity', edits(reserved))).toBe('refuse')
    expect(outcome('reserved-entity', edits(linked))).toBe('refuse')
    expect(outcome('reserved-entity', sees([role(reserved, ecsTrust)]))).toBe('refuse')
  })
  it('refuses root and a service-linked caller', () => {
    for (const kind of ['root', 'service-linked-role'] as const) {
      const denial = passDenial()
      expect(outcome('reserved-entity', { denial: { ...denial, principal: { ...denial.principal, kind } } })).toBe(
        'refuse',
      )
    }
  })
  it('lets a permission set through', () => {
    const patch = patchOf(change('permission-set-inline-policy', reserved, null, document(pass())))
    expect(outcome('reserved-entity', { patch })).toBe('pass')
  })
})

describe('likely-verdict', () => {
  it('refuses what is likely unless the configuration allows it, and then asks two', () => {
    const likely = { ...diagnosis, verdict: 'likely' as const }
    expect(outcome('likely-verdict', { diagnosis: likely })).toBe('refuse')
    expect(outcome('likely-verdict', { diagnosis: likely, config: { patchLikely: true } })).toBe('warn elevated')
  })
  it('refuses what is not ours even then', () => {
    for (const verdict of ['not-ours', 'not-enough-evidence'] as const)
      expect(outcome('likely-verdict', { diagnosis: { ...diagnosis, verdict }, config: { patchLikely: true } })).toBe(
        'refuse',
      )
  })
})

describe('denial-age', () => {
  const aged = (hours: number, more: Changes = {}) =>
    outcome('denial-age', { denial: { ...passDenial(), timeMs: NOW_MS - hours * 3_600_000 }, ...more })
  it('refuses a denial older than a day', () => {
    expect(aged(24.1)).toBe('refuse')
    expect(aged(23.9)).toBe('pass')
  })
  it('refuses a denial without a time, but for a person who asks', () => {
    const timeless = { denial: { ...passDenial(), timeMs: null } }
    expect(outcome('denial-age', timeless)).toBe('refuse')
    expect(outcome('denial-age', { ...timeless, asked: true })).toBe('pass')
  })
  it('only tells a person who asks', () => {
    expect(aged(100, { asked: true })).toBe('warn low')
  })
  it('has two people look at a time in the future', () => {
    expect(aged(-1)).toBe('warn elevated')
    expect(aged(-0.01)).toBe('pass')
  })
})

describe('changes-per-day', () => {
  it('refuses at the limit and lets through below it', () => {
    expect(outcome('changes-per-day', { changesToday: 10 })).toBe('refuse')
    expect(outcome('changes-per-day', { changesToday: 9 })).toBe('pass')
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
  it('asks two for another project of the owner', () => {
    expect(outcome('web-identity-subject', sub(main, 'repo:octo-org/other:ref:refs/heads/main'))).toBe('warn elevated')
    expect(outcome('web-identity-subject', sub('system:serviceaccount:a:app', 'system:serviceaccount:b:app'))).toBe(
      'warn elevated',
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
  })
  it('asks two for an account inside it', () => {
    const patch = trustPatch({ AWS: other })
    expect(outcome('trust-account', { patch, config: { organizationAccounts: ['444455556666'] } })).toBe(
      'warn elevated',
    )
    const scps = { known: true as const, value: [{ id: 'r-root', policies: [] }] }
    expect(outcome('trust-account', { patch, picture: picture(identity(other), [taskRole], { scps }) })).toBe(
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
})

describe('administrator-equivalent', () => {
  const with_ = (...statements: Statement[]) =>
    sees([role(TASK_ROLE, ecsTrust, [inline(TASK_ROLE, 'p', ...statements)])])
  it.each([
    ['may do everything', [allow('*', '*')]],
    ['may do everything but one thing', [{ Effect: 'Allow' as const, NotAction: 'iam:DeleteUser', Resource: '*' }]],
    ['may attach policies to itself', [allow('iam:AttachRolePolicy', TASK_ROLE)]],
    ['may write into any role', [allow('iam:Put*', '*')]],
    ['may make keys for any user', [allow('iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/*`)]],
    ['may change any managed policy', [allow('iam:CreatePolicyVersion', '*')]],
    ['may pass any role to compute', [allow('iam:PassRole', '*'), allow(['lambda:*'], '*')]],
    ['may assume any role', [allow('sts:AssumeRole', '*')]],
    [
      'may do it under a condition that cannot be seen',
      [allow('*', '*', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } })],
    ],
  ])('has two look at a role that %s', (_, statements) => {
    expect(outcome('administrator-equivalent', with_(...statements))).toBe('warn high')
  })
  it.each([
    ['reads data', [allow(['s3:GetObject', 'dynamodb:*'], '*')]],
    ['passes one role', [allow('iam:PassRole', DEPLOYER), allow('lambda:*', '*')]],
    ['passes any role without compute', [allow('iam:PassRole', '*')]],
    ['is denied what it is allowed', [allow('*', '*'), { Effect: 'Deny' as const, Action: '*', Resource: '*' }]],
  ])('lets a role through that %s', (_, statements) => {
    expect(outcome('administrator-equivalent', with_(...statements))).toBe('pass')
  })
  it('lets a role through that its boundary keeps small', () => {
    const boundary = {
      kind: 'found' as const,
      value: { ...inline(TASK_ROLE, 'b', allow('s3:*', '*')), type: 'boundary' as const },
    }
    const small = role(TASK_ROLE, ecsTrust, [inline(TASK_ROLE, 'p', allow('*', '*'))], { boundary })
    expect(outcome('administrator-equivalent', sees([small]))).toBe('pass')
  })
})

describe('stronger-than-caller', () => {
  const roleWith = (...statements: Statement[]) => [role(TASK_ROLE, ecsTrust, [inline(TASK_ROLE, 'p', ...statements)])]
  it('has two look at rights that the caller lacks', () => {
    expect(outcome('stronger-than-caller', sees(roleWith(allow('iam:PutRolePolicy', DEPLOYER))))).toBe('warn elevated')
    expect(outcome('stronger-than-caller', sees(roleWith(allow('secretsmanager:GetSecretValue', '*'))))).toBe(
      'warn elevated',
    )
  })
  it('has two look at a role that cannot be read', () => {
    expect(outcome('stronger-than-caller', sees([{ ...taskRole, role: unreadable('AccessDenied') }]))).toBe(
      'warn elevated',
    )
    const unseen = [{ fact: 'policy x', why: 'AccessDenied' }]
    expect(outcome('stronger-than-caller', sees([role(TASK_ROLE, ecsTrust, [], { unseen })]))).toBe('warn elevated')
  })
  it('lets ordinary rights through, and those that the caller has as well', () => {
    expect(
      outcome(
        'stronger-than-caller',
        sees(roleWith(allow(['logs:*', 'ecr:*'], '*'), allow('s3:GetObject', 'arn:aws:s3:::orders/*'))),
      ),
    ).toBe('pass')
    const strong = identity(DEPLOYER, [inline(DEPLOYER, 'p', allow('*', '*'))])
    expect(outcome('stronger-than-caller', sees(roleWith(allow('iam:PutRolePolicy', '*')), strong))).toBe('pass')
  })
  it('names at most five actions', () => {
    const config = DEFAULT_CONFIG
    const all = sees(roleWith(allow('*', '*')))
    const examined = {
      ...all,
      patch: grant(pass()),
      denial: passDenial(),
      diagnosis,
      nowMs: NOW_MS,
      changesToday: null,
      asked: false,
      config,
    }
    const finding = checkGuardrails(examined as Examined).find(one => one.id === 'stronger-than-caller')?.finding
    expect(finding?.outcome === 'warn' && finding.detail.split(', ')).toHaveLength(5)
  })
})

describe('shared-policy', () => {
  const edit = (policy: ReturnType<typeof managed>, boundary: AccessPicture['caller'] | null = null) => ({
    picture: picture(
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
  it('lets a policy of the caller alone through', () => {
    expect(outcome('shared-policy', edit(managed(DEPLOYER, 'p', 1)))).toBe('pass')
  })
})

describe('what is only good to know', () => {
  it('says whom a permission set reaches', () => {
    const patch = patchOf(change('permission-set-inline-policy', DEPLOYER, null, document(pass())))
    expect(outcome('permission-set-reach', { patch })).toBe('warn low')
    expect(outcome('permission-set-reach')).toBe('pass')
  })
  it.each([
    [{ 'aws:cloudformation:stack-name': 'orders' }],
    [{ ManagedBy: 'Terraform' }],
    [{ 'terraform-workspace': 'prod' }],
    [{ 'aws-cdk:stack': 'x' }],
  ])('says that the code of %j should change', tags => {
    expect(outcome('managed-by-code', sees([taskRole], identity(DEPLOYER, [], { tags })))).toBe('warn low')
  })
  it('says nothing of code for other tags', () => {
    expect(outcome('managed-by-code', sees([taskRole], identity(DEPLOYER, [], { tags: { team: 'orders' } })))).toBe(
      'pass',
    )
  })
  it('says which layers were not seen', () => {
    const scps = unknown('no organization file')
    expect(outcome('unseen-layers', { picture: picture(identity(DEPLOYER), [taskRole], { scps }) })).toBe('warn low')
    expect(outcome('unseen-layers')).toBe('pass')
  })
  it('leaves out the layers that do not bear on the request', () => {
    // RCPs bind no iam:PassRole, and the record names no VPC endpoint.
    const unread = unknown('not read')
    const unseen = picture(identity(DEPLOYER), [taskRole], { rcps: unread, vpce: unread })
    expect(outcome('unseen-layers', { picture: unseen })).toBe('pass')
  })
})
