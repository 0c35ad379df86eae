import { describe, expect, it } from 'vitest'
import { denialOfNeed, serviceSent } from '../../../iac/needs/need-denial.ts'
import { stackNeeds } from '../../../iac/needs/stack-needs.ts'
import { DENIAL } from '../../fixtures/denial.ts'

const STACK = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/orders/1'
const IAM = 'arn:aws:iam::111122223333'
const EXEC = `${IAM}:role/exec`

const read = (resources: string, parameters: Readonly<Record<string, string>> = {}) =>
  stackNeeds(STACK, {
    body: `Parameters: { Open: { Type: String } }\nConditions: { Maybe: !Equals [!Ref Open, x] }\nResources:\n${resources}\n`,
    parameters,
    roleArn: EXEC,
  })

function needsOf(resources: string, parameters: Readonly<Record<string, string>> = {}) {
  const found = read(resources, parameters)
  if (!found.ok) throw new Error(found.error)
  return { roles: found.value.needs.map(need => [need.role, need.isMade]), unnamed: found.value.unnamed }
}
const fn = (role: string, id = 'Fn') => `  ${id}: { Type: AWS::Lambda::Function, Properties: { Role: ${role} } }`
const instance = (profile: string) =>
  `  I: { Type: AWS::EC2::Instance, Properties: { IamInstanceProfile: ${profile} } }`

describe('the roles that a stack passes', () => {
  it('have their place, their service and the role that deploys', () => {
    expect(read(fn(`'${IAM}:role/given'`))).toEqual({
      ok: true,
      value: {
        needs: [
          {
            action: 'iam:PassRole',
            operation: 'lambda:CreateFunction',
            service: null,
            via: 'cloudformation.amazonaws.com',
            role: `${IAM}:role/given`,
            isMade: false,
            by: EXEC,
            place: { logicalId: 'Fn', property: 'Role', line: 4, constructPath: null },
            assumers: [{ action: 'sts:AssumeRole', service: 'lambda.amazonaws.com', sends: [] }],
          },
        ],
        unnamed: 0,
      },
    })
  })

  it.each<[string, string, readonly (readonly [string, boolean])[], number]>([
    ['by ARN', fn(`'${IAM}:role/given'`), [[`${IAM}:role/given`, false]], 0],
    ['by name, which is of the account', fn('given'), [[`${IAM}:role/given`, false]], 0],
    [
      'by a pseudo parameter',
      fn("!Sub '${AWS::StackName}-${AWS::Region}'"),
      [[`${IAM}:role/orders-eu-west-1`, false]],
      0,
    ],
    [
      'made with a name',
      `${fn('!GetAtt R.Arn')}\n  R: { Type: AWS::IAM::Role, Properties: { RoleName: r, Path: /app/ } }`,
      [[`${IAM}:role/app/r`, true]],
      0,
    ],
    ['made without a name', `${fn('!GetAtt R.Arn')}\n  R: { Type: AWS::IAM::Role }`, [], 1],
    ['a parameter without a value', fn('!Ref Open'), [], 1],
    ['a pattern', fn("'arn:aws:iam::111122223333:role/*'"), [], 1],
    [
      'under a condition',
      `  Fn: { Type: AWS::Lambda::Function, Condition: Maybe, Properties: { Role: given } }`,
      [],
      0,
    ],
    ['implied', '  C: { Type: AWS::ECS::Cluster }', [], 0],
    ['a profile by name', instance('web'), [[`${IAM}:instance-profile/web`, false]], 0],
    ['a profile by ARN', instance(`'${IAM}:instance-profile/x/web'`), [[`${IAM}:instance-profile/x/web`, false]], 0],
    ['a profile that is not known', instance('!Ref Open'), [], 1],
    [
      'the role in a profile that is made',
      `${instance('!Ref P')}\n  P: { Type: AWS::IAM::InstanceProfile, Properties: { Roles: [inside] } }`,
      [
        [`${IAM}:role/inside`, false],
        [`${IAM}:role/inside`, false],
      ],
      0,
    ],
    [
      'the role in a profile by its name',
      `${instance('web')}\n  P: { Type: AWS::IAM::InstanceProfile, Properties: { InstanceProfileName: web, Roles: [inside] } }\n  Q: { Type: AWS::IAM::InstanceProfile, Properties: { Roles: [other] } }`,
      [
        [`${IAM}:role/inside`, false],
        [`${IAM}:role/inside`, false],
        [`${IAM}:role/other`, false],
      ],
      0,
    ],
  ])('%s', (_, resources, roles, unnamed) => {
    expect(needsOf(resources)).toEqual({ roles, unnamed })
  })

  it('have the values of the parameters that the stack was deployed with', () => {
    expect(needsOf(fn('!Ref Open'), { Open: 'given' })).toEqual({ roles: [[`${IAM}:role/given`, false]], unnamed: 0 })
  })

  it('are at most fifty', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => fn(`r${at}`, `Fn${at}`)).join('\n')
    expect(needsOf(many(50)).roles).toHaveLength(50)
    expect(needsOf(many(51))).toMatchObject({ roles: { length: 50 }, unnamed: 0 })
  })

  it('are unread with the reason where the template is none', () => {
    expect(read('  A: x')).toEqual({
      ok: false,
      error: 'its template cannot be read: line 4: the resource A is not a map',
    })
    expect(stackNeeds('orders', { body: '', parameters: {}, roleArn: null })).toEqual({
      ok: false,
      error: 'the stack has no ARN',
    })
  })
})

describe('a need in the form of a denial', () => {
  const need = { action: 'iam:PassRole', operation: 'lambda:CreateFunction', service: null, via: null } as const
  const role = `${IAM}:role/x`
  const place = { region: 'eu-west-1', nowMs: 5 }
  const passed = (changed: Partial<Parameters<typeof denialOfNeed>[0]>, arn = role) =>
    denialOfNeed({ ...need, ...changed }, arn, DENIAL.principal, place).passes

  it('claims nothing of its own', () => {
    const denial = denialOfNeed({ ...need, via: 'cloudformation.amazonaws.com' }, role, DENIAL.principal, place)
    expect(denial).toMatchObject({
      source: 'message',
      timeMs: 5,
      accountId: '111122223333',
      region: 'eu-west-1',
      partition: 'aws',
      action: 'iam:PassRole',
      principal: DENIAL.principal,
      resource: role,
      reason: 'none-given',
      via: 'cloudformation.amazonaws.com',
      claims: null,
      message: '',
    })
    expect(denial.call).toEqual({ eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' })
    expect(denialOfNeed(need, `${role}2`, DENIAL.principal, place).id).not.toBe(denial.id)
    expect(denialOfNeed(need, role, DENIAL.principal, { ...place, nowMs: 9 }).id).toBe(denial.id)
  })

  it('passes the role to the service of the call', () => {
    expect(passed({}).map(pass => [pass.arn, pass.service.values.map(({ service }) => service)])).toEqual([
      [role, ['lambda.amazonaws.com']],
    ])
  })

  it('passes it to the one service that its property names', () => {
    expect(passed({ service: 'lambda.amazonaws.com' })[0]?.service).toMatchObject({
      values: [{ service: 'lambda.amazonaws.com' }],
      narrowable: false,
    })
    expect(passed({ service: 'edgelambda.amazonaws.com' })[0]?.service).toMatchObject({
      values: [{ service: 'edgelambda.amazonaws.com', evidence: 'trust', source: null }],
      mayBeAbsent: true,
      narrowable: false,
    })
  })

  it('passes nothing where the role is assumed', () => {
    expect(passed({ action: 'sts:AssumeRole', operation: 'sts:AssumeRole' })).toEqual([])
  })

  it.each([
    [{}, 'lambda.amazonaws.com'],
    [{ service: 'given.amazonaws.com' }, 'given.amazonaws.com'],
    [{ operation: 'newthing:CreateEngine' }, null],
    [{ action: 'sts:AssumeRole', operation: 'sts:AssumeRole' } as const, null],
  ])('sends one service or none: %j', (changed, expected) => {
    expect(serviceSent({ ...need, ...changed })).toBe(expected)
  })
})
