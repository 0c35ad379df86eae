import { describe, expect, it } from 'vitest'
import { type PlanPiece, planReader } from '../../../../iac/needs/terraform/terraform-plan.ts'
import { ENVIRONMENT, linesOf, planNeeds } from '../needs-of.ts'
import { change, code, references } from '../plan-pieces.ts'

const IAM = 'arn:aws:iam::111122223333'
const planned = (value: object): PlanPiece => ({
  kind: 'planned-resource',
  value: {
    address: 'aws_lambda_function.fn',
    mode: 'managed',
    type: 'aws_lambda_function',
    name: 'fn',
    values: { role: 'planned' },
    ...value,
  },
})
const rolesOf = (...pieces: readonly PlanPiece[]) => planNeeds(pieces).needs.map(need => need.role.text.pieces.join(''))

describe('a resource of a plan', () => {
  it('counts once: a change comes before the planned values of the same address', () => {
    const changed = change('aws_lambda_function', 'fn', { role: 'changed' })
    const gone = change('aws_lambda_function', 'fn', { role: 'gone' }, { actions: ['delete'] })
    expect(rolesOf(changed, planned({}))).toEqual(['changed'])
    expect(rolesOf(planned({}), changed)).toEqual(['changed'])
    expect(rolesOf(planned({}), gone)).toEqual([])
    expect(rolesOf(gone, planned({}))).toEqual([])
    expect(rolesOf(planned({}))).toEqual(['planned'])
  })

  it('is no data source', () => {
    expect(rolesOf(planned({ mode: 'data' }))).toEqual([])
    expect(rolesOf(change('aws_lambda_function', 'fn', { role: 'x' }, { mode: 'data' }))).toEqual([])
    expect(rolesOf({ kind: 'planned-resource', value: 'x' }, { kind: 'format-version', value: '1.2' })).toEqual([])
  })

  it('is of the AWS providers alone', () => {
    expect(rolesOf(change('google_function', 'fn', { role: 'x' }))).toEqual([])
    expect(rolesOf(change('my_aws_function', 'fn', { role: 'x' }))).toEqual([])
  })

  it.each([
    ['module.app.aws_lambda_function.fn', 'module.app'],
    ['module.app["a.b"].aws_lambda_function.fn', 'module.app["a.b"]'],
    ['module.top.module.app[0].aws_lambda_function.fn', 'module.top.module.app[0]'],
    ['aws_lambda_function.fn', ''],
  ])('is in the module of its address: %s', (address, module) => {
    const made = planNeeds([
      planned({
        address: address.replace('lambda_function.fn', 'iam_role.r'),
        type: 'aws_iam_role',
        name: 'r',
        values: {},
      }),
    ]).made
    expect(made.map(({ scope }) => scope)).toEqual([module])
  })
})

describe('a role property of a plan', () => {
  const taskRole = (type: string, value: string) =>
    rolesOf(change(type, 'x', { task_role_arn: value, role_arn: value }))

  it('may be the bare name of a role in ECS, and an ARN elsewhere', () => {
    expect(taskRole('aws_ecs_task_definition', 'orders')).toEqual(['orders'])
    expect(taskRole('aws_sfn_state_machine', 'orders')).toEqual([])
    expect(taskRole('aws_sfn_state_machine', `${IAM}:role/orders`)).toEqual([`${IAM}:role/orders`])
    expect(rolesOf(change('aws_lambda_function', 'x', { role: 'orders' }))).toEqual(['orders'])
  })

  it('is no user, no empty text and no number', () => {
    const values = [`${IAM}:user/orders`, '', 5, 'two words', `${IAM}:role/orders`]
    expect(values.map(role => rolesOf(change('aws_lambda_function', 'x', { role })))).toEqual([
      ...[[], [], [], []],
      [`${IAM}:role/orders`],
    ])
  })

  it('is conditional, and one need each, where a reference leads to several roles', () => {
    const { needs } = planNeeds([
      change('aws_iam_role', 'r', { name: 'a' }, { index: 'a', unknown: { arn: true } }),
      change('aws_iam_role', 'r', { name: 'b' }, { index: 'b', unknown: { arn: true } }),
      change('aws_lambda_function', 'one', { role: 'x' }),
      change('aws_lambda_function', 'two', {}, { unknown: { role: true } }),
      code('aws_lambda_function', 'two', { role: references('aws_iam_role.r') }),
    ])
    expect(needs.map(({ where, conditional }) => [where.logicalId, conditional])).toEqual([
      ['aws_lambda_function.one', false],
      ['aws_lambda_function.two', true],
      ['aws_lambda_function.two', true],
    ])
  })

  it('is found behind a reference that decides between roles, not in it', () => {
    const needs = planNeeds([
      { kind: 'variables', value: { interval: { value: '60' }, role: { value: `${IAM}:role/monitor` } } },
      change('aws_db_instance', 'd', {}, { unknown: { monitoring_role_arn: true } }),
      code('aws_db_instance', 'd', { monitoring_role_arn: references('var.interval', 'var.role') }),
    ])
    expect(linesOf(needs)).toEqual([
      `aws_db_instance.d.monitoring_role_arn rds:CreateDBInstance ${IAM}:role/monitor (parameter)`,
    ])
  })

  it.each([
    ['aws_db_instance', 'monitoring_role_arn', 0],
    ['aws_autoscaling_group', 'service_linked_role_arn', 0],
    ['aws_instance', 'iam_instance_profile', 0],
    ['aws_lambda_function', 'role', 1],
  ])('of %s, %s, counts without code only where the provider does not fill it in', (type, property, expected) => {
    const { needs } = planNeeds([change(type, 'x', {}, { unknown: { [property]: true } })])
    expect(needs.filter(need => !need.implied)).toHaveLength(expected)
  })

  it('counts where its code sets it, or where it is in a block that is known', () => {
    const unknown = { role: true }
    const withCode = (expressions: object) =>
      planNeeds([change('aws_lambda_function', 'fn', {}, { unknown }), code('aws_lambda_function', 'fn', expressions)])
        .needs.length
    expect(withCode({ role: references('local.x') })).toBe(1)
    expect(withCode({})).toBe(0)
    const block = (replication: unknown) =>
      planNeeds([
        change(
          'aws_s3_bucket',
          'b',
          { replication_configuration: [{}] },
          { unknown: { replication_configuration: replication } },
        ),
        code('aws_s3_bucket', 'b', {}),
      ]).needs.length
    expect(block([{ role: true }])).toBe(1)
    expect(block(true)).toBe(0)
  })

  it.each<[string, object, object, string]>([
    [
      'a nested block',
      { replication_configuration: [{ role: references('aws_iam_role.r.arn') }] },
      { replication_configuration: [{ role: true }] },
      'aws_s3_bucket',
    ],
    [
      'references of the whole block',
      { replication_configuration: references('aws_iam_role.r.arn') },
      { replication_configuration: [{ role: true }] },
      'aws_s3_bucket',
    ],
  ])('is followed from %s', (_, expressions, unknown, type) => {
    const needs = planNeeds([
      change('aws_iam_role', 'r', { name: 'n' }, { unknown: { arn: true } }),
      change(type, 'x', {}, { unknown }),
      code(type, 'x', expressions),
    ])
    expect(linesOf(needs)).toEqual([
      `${type}.x.replication_configuration[0].role s3:PutBucketReplication ${IAM}:role/n (same-template)`,
    ])
  })

  it.each<[string, object, readonly string[]]>([
    ['aws_eks_access_entry', { type: 'EC2_LINUX', principal_arn: `${IAM}:role/nodes` }, [`${IAM}:role/nodes`]],
    ['aws_eks_access_entry', { type: 'STANDARD', principal_arn: `${IAM}:role/people` }, []],
    [
      'aws_elastic_beanstalk_environment',
      {
        setting: [
          { namespace: 'aws:elasticbeanstalk:environment', name: 'ServiceRole', value: 'service' },
          { namespace: 'aws:elasticbeanstalk:application', name: 'ServiceRole', value: 'other' },
          { namespace: 'aws:autoscaling:launchconfiguration', name: 'IamInstanceProfile', value: 'web' },
        ],
      },
      ['web', 'service'],
    ],
    ['aws_cognito_identity_pool_roles_attachment', { roles: { authenticated: `${IAM}:role/in` } }, [`${IAM}:role/in`]],
    [
      'aws_servicecatalog_constraint',
      { type: 'LAUNCH', parameters: `{"RoleArn":"${IAM}:role/launch"}` },
      [`${IAM}:role/launch`],
    ],
    ['aws_servicecatalog_constraint', { type: 'NOTIFICATION', parameters: `{"RoleArn":"${IAM}:role/launch"}` }, []],
  ])('of %s is read where its path says: %j', (type, after, expected) => {
    expect(rolesOf(change(type, 'x', after))).toEqual(expected)
  })

  it.each([
    ['execution_role_arn', true],
    ['role', true],
    ['role_arn', true],
    ['iam_role', true],
    ['iam_role_arn', true],
    ['task_role', true],
    ['assumed_role_arn', true],
    ['role_arns', false],
    ['role_name', false],
    ['user_role', false],
  ])('%s of a type that no table has: %s', (property, isRole) => {
    const found = planNeeds([change('aws_newthing_big_engine', 'e', { [property]: `${IAM}:role/x` })]).needs
    expect(found.map(({ operation, byName }) => [operation, byName])).toEqual(
      isRole ? [['newthing:CreateBigEngine', true]] : [],
    )
  })
})

describe('a service-linked role of a plan', () => {
  const linkedOf = (...pieces: readonly PlanPiece[]) =>
    planNeeds(pieces).needs.map(({ action, role, implied, where }) => [
      action,
      role.text.pieces.map(piece => (typeof piece === 'string' ? piece : '*')).join(''),
      implied,
      where.property,
    ])
  const linked = (path: string) => `${IAM}:role/aws-service-role/${path}`

  it('is made by its own resource', () => {
    const own = (after: object) => change('aws_iam_service_linked_role', 'l', after)
    expect(linkedOf(own({ aws_service_name: 'autoscaling.amazonaws.com' }))).toEqual([
      [
        'iam:CreateServiceLinkedRole',
        linked('autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'),
        false,
        'aws_service_name',
      ],
    ])
    expect(linkedOf(own({ aws_service_name: 'lex.amazonaws.com' }))).toEqual([
      ['iam:CreateServiceLinkedRole', linked('lex.amazonaws.com/*'), false, 'aws_service_name'],
    ])
    expect(linkedOf(own({}))).toEqual([['iam:CreateServiceLinkedRole', linked('*/*'), false, 'aws_service_name']])
  })

  it('is implied by the first resource of its service', () => {
    expect(linkedOf(change('aws_ecs_cluster', 'c', {}))).toEqual([
      ['iam:CreateServiceLinkedRole', linked('ecs.amazonaws.com/AWSServiceRoleForECS'), true, 'type'],
    ])
    expect(linkedOf(change('aws_sqs_queue', 'q', {}))).toEqual([])
    expect(linkedOf(change('aws_ecs_cluster', 'c', {}, { actions: ['no-op'] }))).toEqual([])
  })
})

describe('a role that a plan makes', () => {
  const TRUST =
    '{"Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
  const madeWith = (after: object, ...others: readonly PlanPiece[]) =>
    planNeeds([change('aws_iam_role', 'r', { name: 'n', ...after }), ...others]).made

  it('has the trust, the path, the boundary and the policies of its own attributes', () => {
    expect(
      madeWith({
        path: '/app/',
        assume_role_policy: TRUST,
        permissions_boundary: `${IAM}:policy/edge`,
        managed_policy_arns: [`${IAM}:policy/a`, null],
        inline_policy: [{ name: 'one', policy: '{"Statement":[]}' }, { policy: '{}' }, null],
      }),
    ).toEqual([
      {
        accountId: '111122223333',
        scope: '',
        logicalId: 'aws_iam_role.r',
        name: 'n',
        path: '/app/',
        trust: { document: JSON.parse(TRUST), complete: true },
        inlinePolicies: [
          { name: 'one', document: { Statement: [] }, complete: true },
          { name: 'inline', document: {}, complete: true },
        ],
        managedPolicyArns: [`${IAM}:policy/a`],
        permissionsBoundary: `${IAM}:policy/edge`,
        complete: true,
        file: 'plan.json',
        line: null,
      },
    ])
  })

  it.each<[string, object]>([
    ['known after apply', {}],
    ['no JSON', { assume_role_policy: '{' }],
  ])('has no trust document where it is %s', (_, after) => {
    expect(madeWith(after)).toMatchObject([{ path: '/', trust: { document: null, complete: false } }])
  })

  it.each([
    ['not set', {}, {}, '/'],
    ['the default', { path: '/' }, { path: false }, '/'],
    ['known after apply', {}, { path: true }, null],
  ])('has a path that is %s', (_, after, unknown, path) => {
    expect(planNeeds([change('aws_iam_role', 'r', { name: 'n', ...after }, { unknown })]).made).toMatchObject([
      { name: 'n', path },
    ])
  })

  it('has the policies that other resources attach, by its name or by reference, and no others', () => {
    const made = planNeeds([
      change('aws_iam_role', 'r', { name: 'n' }),
      change('aws_iam_role', 's', { name: 'm' }),
      change('aws_iam_role_policy', 'named', { role: 'n', name: 'p', policy: '{"Id":"p"}' }),
      change('aws_iam_role_policy', 'nameless', { role: 'n', policy: '{}' }),
      change('aws_iam_role_policy', 'referring', { name: 'q', policy: '{"Id":"q"}' }, { unknown: { role: true } }),
      code('aws_iam_role_policy', 'referring', { role: references('aws_iam_role.r.id') }),
      change('aws_iam_role_policy', 'other', { role: 'm', name: 'o', policy: '{"Id":"o"}' }),
      change('aws_iam_role_policy_attachment', 'a', { role: 'n', policy_arn: `${IAM}:policy/a` }),
    ]).made
    expect(
      made.map(({ name, inlinePolicies, managedPolicyArns, complete }) => ({
        name,
        inlinePolicies,
        managedPolicyArns,
        complete,
      })),
    ).toEqual([
      {
        name: 'n',
        inlinePolicies: [
          { name: 'p', document: { Id: 'p' }, complete: true },
          { name: 'inline', document: {}, complete: true },
          { name: 'q', document: { Id: 'q' }, complete: true },
        ],
        managedPolicyArns: [`${IAM}:policy/a`],
        complete: true,
      },
      {
        name: 'm',
        inlinePolicies: [{ name: 'o', document: { Id: 'o' }, complete: true }],
        managedPolicyArns: [],
        complete: true,
      },
    ])
  })

  it.each<[string, PlanPiece]>([
    ['a policy', change('aws_iam_role_policy', 'p', { role: 'n' }, { unknown: { policy: true } })],
    [
      'the ARN of an attached policy',
      change('aws_iam_role_policy_attachment', 'a', { role: 'n' }, { unknown: { policy_arn: true } }),
    ],
  ])('is not complete where %s is known only after apply', (_, piece) => {
    expect(madeWith({}, piece).map(({ complete }) => complete)).toEqual([false])
    expect(madeWith({ name: 'other' }, piece).map(({ complete }) => complete)).toEqual([true])
  })

  it('is one that the plan makes, of the aws provider', () => {
    expect(planNeeds([change('aws_iam_role', 'r', { name: 'n' }, { actions: ['no-op'] })]).made).toEqual([])
    expect(planNeeds([change('aws_sqs_queue', 'q', { name: 'n' })]).made).toEqual([])
  })
})

describe('an instance profile of a plan', () => {
  it.each<[string, readonly PlanPiece[], readonly (string | null)[]]>([
    ['by name', [change('aws_iam_instance_profile', 'p', { name: 'web', role: 'n' })], ['n same-template']],
    [
      'by the name of a role outside',
      [
        change('aws_iam_instance_profile', 'p', { name: 'web', role: 'other' }),
        code('aws_iam_instance_profile', 'p', { role: references('var.role') }),
      ],
      ['other parameter'],
    ],
    [
      'by reference',
      [
        change('aws_iam_instance_profile', 'p', { name: 'web' }, { unknown: { role: true } }),
        code('aws_iam_instance_profile', 'p', { role: references('aws_iam_role.r.name') }),
      ],
      [`${IAM}:role/n same-template`],
    ],
    ['not at all', [change('aws_iam_instance_profile', 'p', { name: 'web' })], []],
    [
      'in a profile that stays as it is',
      [change('aws_iam_instance_profile', 'p', { name: 'web', role: 'n' }, { actions: ['no-op'] })],
      ['n same-template'],
    ],
  ])('holds its role %s', (_, pieces, roles) => {
    const { profiles } = planNeeds([change('aws_iam_role', 'r', { name: 'n' }), ...pieces])
    expect(
      profiles.map(({ accountId, scope, logicalId, name, roles: inside }) => ({
        ...{ accountId, scope, logicalId, name },
        roles: inside.map(text => `${text.pieces.join('')} ${text.from}`),
      })),
    ).toEqual([{ accountId: '111122223333', scope: '', logicalId: 'aws_iam_instance_profile.p', name: 'web', roles }])
  })
})

describe('a file that is read as a plan', () => {
  const version = (value: unknown): PlanPiece => ({ kind: 'format-version', value })
  const nothing: PlanPiece = { kind: 'variables', value: {} }
  it.each<[string, readonly PlanPiece[]]>([
    ['has a version and no resource', [version('1.2')]],
    ['has a version before 1.0', [version('0.2')]],
  ])('%s', (_, pieces) => {
    expect(planNeeds(pieces).needs).toEqual([])
  })

  it.each<[string, readonly PlanPiece[], string]>([
    ['of a later format', [version('2.0')], 'plans of format 2.0 are not known'],
    ['of format 10', [version('10.1')], 'plans of format 10.1 are not known'],
    ['whose change is a text', [{ kind: 'resource-change', value: 'x' }], 'a resource change has no change'],
    [
      'whose change has no change',
      [{ kind: 'resource-change', value: { change: 'x' } }],
      'a resource change has no change',
    ],
  ])('%s is refused', (_, pieces, message) => {
    expect(() => planNeeds([nothing, ...pieces])).toThrow(message)
  })

  it('without version and resources is no plan, and with resources alone it is one', () => {
    const reader = (...pieces: readonly PlanPiece[]) => {
      const one = planReader('x.json', ENVIRONMENT)
      for (const piece of pieces) one.take(piece)
      return one.finish()
    }
    expect(() => reader(nothing)).toThrow('this is not the JSON of a Terraform plan')
    expect(() => reader()).toThrow('this is not the JSON of a Terraform plan')
    expect(reader(change('aws_lambda_function', 'fn', { role: 'x' })).needs).toHaveLength(1)
    expect(reader(planned({})).needs).toHaveLength(1)
    expect(reader(version('1.2')).needs).toEqual([])
  })
})
