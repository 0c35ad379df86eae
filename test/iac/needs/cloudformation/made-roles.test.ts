import { describe, expect, it } from 'vitest'
import { needsIn } from '../needs-of.ts'

const IAM = 'arn:aws:iam::111122223333'

const HEAD = `Parameters:
  Open: { Type: String }
  Names: { Type: CommaDelimitedList, Default: 'a,b' }
Conditions:
  Maybe: !Equals [!Ref Open, x]
  Never: !Equals [a, b]
Resources:
`
const madeIn = (resources: string) => needsIn(`${HEAD}${resources}\n`).made
const roleWith = (properties: string) =>
  madeIn(`  R: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: {}, ${properties} } }`)[0]

describe('a role that a template makes', () => {
  it('has the policies that resources attach by its name, and not those of another', () => {
    const policy = (role: string) =>
      `  P: { Type: AWS::IAM::Policy, Properties: { PolicyName: p, Roles: [${role}], PolicyDocument: { Id: own } } }`
    const names = (role: string) =>
      madeIn(
        `  R: { Type: AWS::IAM::Role, Properties: { RoleName: r, AssumeRolePolicyDocument: {} } }\n${policy(role)}`,
      )[0]?.inlinePolicies.map(({ name }) => name)
    for (const role of ['r', '!Ref R', "!Sub '${R}'", "!Join ['', [r]]"])
      expect([role, names(role)]).toEqual([role, ['p']])
    for (const role of ['other', '!Ref Open']) expect([role, names(role)]).toEqual([role, []])
  })

  it('is not known where a macro writes some of its properties, or of those of a policy of it', () => {
    const macro = 'Fn::Transform: { Name: AWS::Include }'
    expect(roleWith(macro)).toMatchObject({ name: null, trust: { complete: false }, complete: false })
    const policy = (more: string) =>
      needsIn(`${HEAD}  R: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: {} } }
  P: { Type: AWS::IAM::Policy, Properties: { Roles: [!Ref R], PolicyDocument: {}${more} } }
`)
    expect(policy('')).toMatchObject({ made: [{ complete: true }], unread: [] })
    expect(policy(`, ${macro}`)).toMatchObject({
      made: [{ complete: false }],
      unread: [{ line: 9, what: 'what the macro AWS::Include writes here' }],
    })
  })

  it('keeps the digits of an account that is written as a number', () => {
    expect(
      roleWith(
        'Policies: [{ PolicyName: p, PolicyDocument: { Statement: [{ Condition: { StringEquals: { k: 012345678901, n: 5 } } }] } }]',
      )?.inlinePolicies[0]?.document,
    ).toEqual({ Statement: [{ Condition: { StringEquals: { k: '012345678901', n: 5 } } }] })
  })

  it('is known as far as its template fixes it', () => {
    expect(
      madeIn(`  R:
    Type: AWS::IAM::Role
    Properties:
      RoleName: r
      Path: /app/
      PermissionsBoundary: ${IAM}:policy/edge
      ManagedPolicyArns: [${IAM}:policy/a, !Sub 'arn:aws:iam::\${AWS::AccountId}:policy/b']
      AssumeRolePolicyDocument: { Statement: [{ Effect: Allow }] }
      Policies:
        - { PolicyName: one, PolicyDocument: { Statement: [] } }
        - { PolicyDocument: { Id: two } }
`),
    ).toEqual([
      {
        accountId: '111122223333',
        scope: 'template.yaml',
        logicalId: 'R',
        name: 'r',
        path: '/app/',
        trust: { document: { Statement: [{ Effect: 'Allow' }] }, complete: true },
        trustLine: 15,
        inlinePolicies: [
          { name: 'one', document: { Statement: [] }, complete: true },
          { name: 'inline', document: { Id: 'two' }, complete: true },
        ],
        managedPolicyArns: [`${IAM}:policy/a`, `${IAM}:policy/b`],
        permissionsBoundary: `${IAM}:policy/edge`,
        complete: true,
        file: 'template.yaml',
        line: 8,
      },
    ])
  })

  it.each<[string, object]>([
    ['RoleName: r', { name: 'r', path: '/', permissionsBoundary: null, managedPolicyArns: [], complete: true }],
    ['RoleName: !Ref Open', { name: null, complete: true }],
    ['RoleName: !If [Maybe, a, b]', { name: null, complete: true }],
    ['RoleName: !If [Maybe, a, !Ref AWS::NoValue]', { name: null, complete: true }],
    ['RoleName: !If [Never, a, !Ref AWS::NoValue]', { name: null, complete: true }],
    ['RoleName: !If [Never, !Ref AWS::NoValue, a]', { name: 'a', complete: true }],
    ['Path: !If [Maybe, /a/, /b/]', { path: null, complete: true }],
    ['Path: !If [Maybe, /a/, !Ref AWS::NoValue]', { path: null, complete: true }],
    ['Path: !If [Never, /a/, !Ref AWS::NoValue]', { path: '/', complete: true }],
    ['Path: !Ref AWS::NoValue', { path: '/', complete: true }],
    ['Path: !Ref Open', { path: null, complete: true }],
    ["Path: !Sub '/${Open}/'", { path: null, complete: true }],
    [
      'Policies: [{ PolicyName: p, PolicyDocument: { Statement: [{ Sid: 1, Condition: { Bool: { a: true } } }] } }]',
      {
        inlinePolicies: [{ document: { Statement: [{ Sid: '1', Condition: { Bool: { a: true } } }] }, complete: true }],
      },
    ],
    [
      'Policies: [{ PolicyName: p, PolicyDocument: { Statement: [], Fn::Transform: { Name: AWS::Include } } }]',
      { inlinePolicies: [{ complete: false }], complete: false },
    ],
    ['ManagedPolicyArns: [!Ref Open, arn]', { managedPolicyArns: ['arn'], complete: false }],
    ['ManagedPolicyArns: !Ref Names', { managedPolicyArns: ['a', 'b'], complete: true }],
    ['PermissionsBoundary: !Ref Open', { permissionsBoundary: null, complete: false }],
    ['PermissionsBoundary: !If [Maybe, a, b]', { permissionsBoundary: null }],
    ['Policies: [{ PolicyName: p }]', { inlinePolicies: [{ name: 'p', complete: false }], complete: false }],
    [
      'Policies: [{ PolicyName: !Ref Open, PolicyDocument: {} }]',
      { inlinePolicies: [{ name: 'inline', document: {}, complete: true }], complete: true },
    ],
    [
      'Policies: [{ PolicyName: !If [Maybe, a, b], PolicyDocument: {} }]',
      { inlinePolicies: [{ name: 'inline', document: {}, complete: true }], complete: true },
    ],
  ])('with %s', (properties, expected) => {
    expect(roleWith(properties)).toMatchObject(expected)
  })

  it.each<[string, boolean]>([
    ['PermissionsBoundary: !If [Maybe, a, b]', false],
    ['PermissionsBoundary: !If [Maybe, a, !Ref AWS::NoValue]', false],
    ['PermissionsBoundary: !If [Never, a, b]', true],
    ['PermissionsBoundary: !Ref AWS::NoValue', true],
    ['ManagedPolicyArns: [!If [Maybe, a, b]]', false],
    ['ManagedPolicyArns: [!If [Maybe, a, !Ref AWS::NoValue]]', false],
    ['ManagedPolicyArns: !If [Maybe, [a], [b]]', false],
    ['ManagedPolicyArns: [!If [Never, a, !Ref AWS::NoValue], b]', true],
    ['Policies: [!If [Maybe, { PolicyName: p, PolicyDocument: {} }, !Ref AWS::NoValue]]', false],
  ])('is complete only where nothing of it is open: %s', (properties, complete) => {
    expect(roleWith(properties)?.complete).toBe(complete)
  })

  it.each<[string, readonly boolean[]]>([
    ['Condition: Maybe, Properties: { Roles: [!Ref A], PolicyDocument: {} }', [false, true]],
    ['Properties: { Roles: [!If [Maybe, !Ref A, !Ref B]], PolicyDocument: {} }', [false, false]],
    ['Properties: { Roles: [!If [Maybe, !Ref A, !Ref AWS::NoValue]], PolicyDocument: {} }', [false, true]],
    ['Properties: { Roles: !If [Maybe, [!Ref A], [!Ref B]], PolicyDocument: {} }', [false, false]],
    ['Properties: { Roles: !If [Maybe, [!Ref A], !Ref AWS::NoValue], PolicyDocument: {} }', [false, true]],
    ['Properties: { Roles: !If [Never, [!Ref A], [!Ref B]], PolicyDocument: {} }', [true, true]],
    ['Properties: { Roles: [!Ref A], PolicyDocument: {} }', [true, true]],
  ])('is not complete where a policy may be attached to it: %s', (policy, expected) => {
    const made = madeIn(`  A: { Type: AWS::IAM::Role, Properties: {} }
  B: { Type: AWS::IAM::Role, Properties: {} }
  P: { Type: AWS::IAM::Policy, ${policy} }`)
    expect(made.map(role => role.complete)).toEqual(expected)
  })

  it('has no trust where its template writes none', () => {
    expect(madeIn('  R: { Type: AWS::IAM::Role }')).toMatchObject([
      { trust: { document: undefined, complete: false }, inlinePolicies: [], complete: true },
    ])
  })

  it('is not there where its condition is false', () => {
    const made = madeIn(`  A: { Type: AWS::IAM::Role, Condition: Never, Properties: {} }
  B: { Type: AWS::IAM::Role, Condition: Maybe, Properties: {} }
  C: { Type: AWS::S3::Bucket }`)
    expect(made.map(role => role.logicalId)).toEqual(['B'])
  })

  it.each<[string, readonly (readonly string[])[]]>([
    [
      '  P: { Type: AWS::IAM::Policy, Properties: { PolicyName: p, Roles: [!Ref A], PolicyDocument: {} } }',
      [['p'], []],
    ],
    [
      '  P: { Type: AWS::IAM::Policy, Properties: { PolicyName: p, Roles: [!Ref A, !Ref B], PolicyDocument: {} } }',
      [['p'], ['p']],
    ],
    ['  P: { Type: AWS::IAM::ManagedPolicy, Properties: { Roles: [!Ref B], PolicyDocument: {} } }', [[], ['inline']]],
    [
      '  P: { Type: AWS::IAM::RolePolicy, Properties: { PolicyName: p, RoleName: !Ref A, PolicyDocument: {} } }',
      [['p'], []],
    ],
    [
      '  P: { Type: AWS::IAM::RolePolicy, Properties: { PolicyName: p, Roles: [!Ref A], PolicyDocument: {} } }',
      [[], []],
    ],
    ['  P: { Type: AWS::IAM::Policy, Properties: { PolicyName: p, RoleName: !Ref A, PolicyDocument: {} } }', [[], []]],
    [
      '  P: { Type: AWS::IAM::Policy, Condition: Never, Properties: { PolicyName: p, Roles: [!Ref A], PolicyDocument: {} } }',
      [[], []],
    ],
    [
      '  P: { Type: AWS::IAM::Policy, Properties: { PolicyName: p, Roles: [elsewhere], PolicyDocument: {} } }',
      [[], []],
    ],
    [
      '  P: { Type: AWS::IAM::UserPolicy, Properties: { PolicyName: p, Roles: [!Ref A], PolicyDocument: {} } }',
      [[], []],
    ],
    [
      '  P: { Type: AWS::IAM::Policy, Properties: { PolicyName: p, Roles: [!Ref A], PolicyDocument: {} } }\n  Q: { Type: AWS::IAM::Policy, Properties: { PolicyName: q, Roles: [!Ref A], PolicyDocument: {} } }',
      [['p', 'q'], []],
    ],
  ])('has the policies that another resource attaches: %s', (resources, expected) => {
    const made = madeIn(
      `  A: { Type: AWS::IAM::Role, Properties: {} }\n  B: { Type: AWS::IAM::Role, Properties: {} }\n${resources}`,
    )
    expect(made.map(role => role.inlinePolicies.map(policy => policy.name))).toEqual(expected)
  })
})

describe('an instance profile that a template makes', () => {
  it('has its name and the roles inside', () => {
    const { profiles } = needsIn(`${HEAD}  R: { Type: AWS::IAM::Role, Properties: { RoleName: r } }
  P: { Type: AWS::IAM::InstanceProfile, Properties: { InstanceProfileName: web, Roles: [!Ref R] } }
  Q: { Type: AWS::IAM::InstanceProfile, Properties: { Roles: [named] } }
  N: { Type: AWS::IAM::InstanceProfile, Condition: Never, Properties: { Roles: [named] } }
`)
    const inside = (pieces: readonly unknown[], from: string, resource: object | null) => [{ pieces, from, resource }]
    expect(profiles).toEqual([
      {
        ...{ accountId: '111122223333', scope: 'template.yaml', logicalId: 'P', name: 'web' },
        roles: inside(['r'], 'same-template', { scope: 'template.yaml', logicalId: 'R' }),
      },
      {
        ...{ accountId: '111122223333', scope: 'template.yaml', logicalId: 'Q', name: null },
        roles: inside(['named'], 'literal', null),
      },
    ])
  })
})

describe('a policy document of a template', () => {
  it.each<[string, unknown, boolean]>([
    ['{ A: text }', { A: 'text' }, true],
    ['{ A: true, B: 5, C: null }', { A: true, B: 5, C: null }, true],
    ['{ A: [x, !Ref AWS::NoValue, y] }', { A: ['x', 'y'] }, true],
    ['{ A: !Ref AWS::NoValue, B: x }', { B: 'x' }, true],
    ['{ A: !Ref Open }', { A: '*' }, false],
    ["{ A: !Sub 'a-${Open}-b' }", { A: 'a-*-b' }, false],
    ["{ A: '{{resolve:ssm:/x}}' }", { A: '*' }, false],
    ['{ A: !Ref Names }', { A: ['a', 'b'] }, true],
    ["{ A: !Split ['-', x-y] }", { A: ['x', 'y'] }, true],
    ['{ A: !If [Maybe, x, y] }', { A: 'x' }, false],
    ['{ A: !If [Maybe, x, !Ref AWS::NoValue] }', { A: 'x' }, false],
    ['{ A: [!If [Maybe, x, !Ref AWS::NoValue], y] }', { A: ['x', 'y'] }, false],
    ['{ A: !If [Maybe, !If [Maybe, x, !Ref AWS::NoValue], y] }', { A: 'x' }, false],
    ['{ A: !If [Maybe, !Ref AWS::NoValue, !Ref AWS::NoValue], B: x }', { B: 'x' }, true],
    ['{ A: !If [Never, !Ref AWS::NoValue, y] }', { A: 'y' }, true],
    ['{ A: !If [Never, x, !Ref AWS::NoValue], B: y }', { B: 'y' }, true],
    ['{ A: !If [Never, x, y] }', { A: 'y' }, true],
    ['{ A: !Ref AWS::AccountId }', { A: '111122223333' }, true],
    ['{ Condition: { StringEquals: { k: v } } }', { Condition: { StringEquals: { k: 'v' } } }, true],
    ['{ A: { B: { C: [{ D: x }] } } }', { A: { B: { C: [{ D: 'x' }] } } }, true],
    ['{ A: !Join ["-", !Split ["-", !Ref Open]] }', { A: '*' }, false],
  ])('%s', (document, value, complete) => {
    expect(
      madeIn(`  R: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: ${document} } }`).map(
        role => role.trust,
      ),
    ).toEqual([{ document: value, complete }])
  })
})
