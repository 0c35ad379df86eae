import { describe, expect, it } from 'vitest'
import { editCloudFormation } from '../../../../iac/edit/cloudformation/edit-cloudformation.ts'
import { literalIn, readTemplates } from '../../../../iac/edit/cloudformation/template-text.ts'
import { NO_ENTITY_HINTS } from '../../../../iac/edit/code-change.ts'
import { plainLiteral } from '../../../../iac/edit/document/literal.ts'
import { yamlStyle } from '../../../../iac/edit/document/yaml-dialect.ts'
import { childOf } from '../../../../iac/source/source-node.ts'
import { readYamlSource } from '../../../../iac/source/yaml-source.ts'
import { changesOf } from '../code-case.ts'
import { yamlLiteral } from '../document/literals.ts'
import { addressOf, editOf } from '../edit-of.ts'

const read = (text: string) => yamlLiteral('a.yaml', text)
const plain = (text: string): unknown => {
  const literal = read(text)
  return literal === null ? 'not YAML' : plainLiteral(literal)
}

describe('YAML with places', () => {
  it.each<[string, unknown]>([
    ['a: 1\nb: "x"\nc: true\nd:\ne: [y, { f: g }]\n', { a: 1, b: 'x', c: true, d: null, e: ['y', { f: 'g' }] }],
    ['- a\n-\n- [b]\n', ['a', null, ['b']]],
    ['a: !Ref B\n', { a: { Ref: 'B' } }],
    ['a: !Condition B\n', { a: { Condition: 'B' } }],
    ['a: !Sub "x-${B}"\n', { a: { 'Fn::Sub': 'x-${B}' } }],
    ['a: !GetAtt B.C.D\n', { a: { 'Fn::GetAtt': ['B', 'C.D'] } }],
    ['a: !GetAtt [B, C]\n', { a: { 'Fn::GetAtt': ['B', 'C'] } }],
    ['a: !!str 1\n', { a: '1' }],
    ['a: 1.0\nb: 0o14\nc: 12345678901234567890\n', { a: '1.0', b: '0o14', c: '12345678901234567890' }],
    ['a: .5\nb: 2012-10-17\n', { a: '.5', b: '2012-10-17' }],
    ['a: !<!Ref> B\n', { a: { Ref: 'B' } }],
    ['a: &x { b: 1 }\nc: *x\n', { a: { b: 1 }, c: { b: 1 } }],
    ['a: &x { b: 1, c: 2 }\nd:\n  <<: *x\n  b: 3\n', { a: { b: 1, c: 2 }, d: { b: 3, c: 2 } }],
    ['a: &x { b: 1 }\ny: &y { c: 2 }\nd:\n  <<: [*x, *y]\n', { a: { b: 1 }, y: { c: 2 }, d: { b: 1, c: 2 } }],
  ])('means what CloudFormation reads: %j', (text, value) => {
    expect(plain(text)).toEqual(value)
  })

  it.each(['', '# only\n', 'a: 1\na: 2\n', 'a: [\n', '? [a]\n: b\n', 'a: *none\n', 'a: 1\n b: 2\n'])(
    'is refused where a reader would refuse it: %j',
    text => {
      expect(plain(text)).toBe('not YAML')
    },
  )

  it('ends a value before the comments and lines behind it', () => {
    const text = 'a:\n  b: 1 # why\n\n# next\nc:\n  - x\n  - y: z   \n\nd: 1\n'
    const root = read(text)
    if (root?.kind !== 'map') throw new Error('not a map')
    expect(root.entries.map(({ value }) => text.slice(value.start, value.end))).toEqual(['b: 1', '- x\n  - y: z', '1'])
  })

  it('has the style that is most often in the file', () => {
    const style = (text: string) => {
      const { step, listStep, quote } = yamlStyle(text, readYamlSource('a', text))
      return [step, listStep, quote]
    }
    expect(style('a: 1\n')).toEqual([2, 2, '"'])
    expect(style('a:\n    b:\n        c: 1\n')).toEqual([4, 4, '"'])
    expect(style('a:\n- x\nb:\n- y\nc:\n  - z\n')).toEqual([2, 0, '"'])
    expect(style("a: 'x'\nb: 'y'\nc: \"z\"\n")).toEqual([2, 2, "'"])
    expect(style('a: \'x\'\nb: "z"\n')).toEqual([2, 2, '"'])
    expect(style('a:\n      [x]\nb:\n      [x]\nc:\n    - y\n')).toEqual([2, 4, '"'])
    expect(style('a:\n      { x: 1 }\nb:\n      { x: 1 }\nc:\n   y: 1\n')).toEqual([3, 3, '"'])
    expect(style('a: { b: 1 }\nc:\n   d:\n     e: 1\nf:\n   g: 1\n')).toEqual([3, 3, '"'])
  })

  it('nests 200 levels deep, and not more', () => {
    const nested = (levels: number) => `${'['.repeat(levels)}x${']'.repeat(levels)}`
    expect([read(nested(200)) === null, read(nested(201)) === null]).toEqual([false, true])
    const maps = (levels: number) => `${'{a: '.repeat(levels)}x${'}'.repeat(levels)}`
    expect([read(maps(200)) === null, read(maps(201)) === null]).toEqual([false, true])
  })

  it('lets nothing be added to what other parts use too', () => {
    const yaml = read('a: &x [1]\nb: *x\nc: &y [1]\n')
    if (yaml?.kind !== 'map') throw new Error('not a map')
    expect(yaml.entries.map(({ value }) => value.kind === 'list' && value.fixed)).toEqual([
      'other parts of the template use the anchor &x too',
      'other parts of the template use the anchor &x too',
      null,
    ])
  })
})

describe('a function of CloudFormation', () => {
  const MORE = `Parameters: { Own: { Type: String, Default: own }, Env: { Type: String } }
Mappings: { Names: { aws: { role: orders } } }
Conditions: { Here: !Equals [!Ref AWS::AccountId, "111122223333"], Prod: !Equals [!Ref Env, prod] }
`
  const worth = (value: string, partition = 'aws', stackName: string | null = 'orders'): unknown => {
    const text = `Resources:\n  Host:\n    Type: AWS::IAM::User\n    Properties: { a: ${value} }\n${MORE}`
    const deploy = { accountId: '111122223333', partition, stackName }
    const [template] = readTemplates([{ path: 'a.yaml', text }], deploy).templates
    if (template === undefined) throw new Error('no template')
    const known = literalIn(template, childOf(template.scope.template.resources.get('Host')?.properties, 'a'))
    if (known === null) throw new Error('no value')
    return known.kind === 'open' ? known.pieces : plainLiteral(known)
  }

  it.each<[string, unknown]>([
    ['!Ref AWS::AccountId', '111122223333'],
    ['!Ref AWS::Partition', 'aws'],
    ['!Ref AWS::StackName', 'orders'],
    ['!Ref AWS::URLSuffix', 'amazonaws.com'],
    ['!Ref AWS::Region', [null]],
    ['!Ref Stage', [null]],
    ['!Ref [a]', [null]],
    ['!Sub "${AWS::StackName}-x"', 'orders-x'],
    ['!Sub "${Stage}-x-${AWS::AccountId}"', [null, '-x-111122223333']],
    ['!Sub "${!aws:username}"', '${aws:username}'],
    ['!Sub ["${a}", { a: b }]', 'b'],
    ['!Sub ["${a}-${Stage}", { a: !Ref Own }]', [null, '-', null]],
    ['!Join ["-", [a, !Ref AWS::Partition, b]]', 'a-aws-b'],
    ['!Join ["-", [a, !Ref Stage]]', ['a-', null]],
    ['!Join ["-", [a, !Sub "${Stage}-x"]]', ['a-', null, '-x']],
    ['!Condition Prod', [null]],
    ['!Join ["-", [a, [b]]]', ['a-', null]],
    ['!Join ["-", [a, !If [Prod, b, !Ref AWS::NoValue]]]', [null]],
    ['!FindInMap [Names, !Ref AWS::Partition, role]', 'orders'],
    ['!FindInMap [Names, !Ref Stage, role]', [null]],
    ['!Select [1, [a, b]]', 'b'],
    ['!Select [1, !Split ["-", "a-b-c"]]', 'b'],
    ['!If [Here, b, c]', 'b'],
    ['!If [Prod, b, c]', [null]],
    ['!Ref Own', [null]],
    ['!Join ["-", !Ref List]', [null]],
    ['!Join [!Ref Separator, [a]]', [null]],
    ['!Join x', [null]],
    ['!If [a, b, c]', [null]],
    ['!GetAtt A.Arn', [null]],
    ['{ b: [!Ref AWS::Partition] }', { b: ['aws'] }],
    ['{ Condition: { Bool: { k: !Ref AWS::Partition } } }', { Condition: { Bool: { k: 'aws' } } }],
    ['{ Ref: a, b: c }', { Ref: 'a', b: 'c' }],
  ])('is worth what account and partition settle: %s', (value, expected) => {
    expect(worth(value)).toEqual(expected)
  })

  it('has the suffix of its partition', () => {
    expect(worth('!Ref AWS::URLSuffix', 'aws-cn')).toBe('amazonaws.com.cn')
    expect(worth('!Ref AWS::URLSuffix', 'aws-iso')).toEqual([null])
    expect(worth('!Ref AWS::StackName', 'aws', null)).toEqual([null])
  })
})

const template = (properties: string, more = '', type = 'AWS::IAM::Role') => ({
  't.yaml': `Resources:\n  Task:\n    Type: ${type}\n    Properties:\n${properties}\n${more}`,
})
const NAMED = '      RoleName: orders'
const DOCUMENT = (indent: string) =>
  `${indent}PolicyDocument:\n${indent}  Version: "2012-10-17"\n${indent}  Statement:\n${indent}    - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }`
const OLD = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }

describe('the resource that makes a role', () => {
  it('is found by its name, as far as account and partition settle it', () => {
    expect(addressOf(template(NAMED), 'role orders')).toBe('Task')
    expect(addressOf(template('      RoleName: !Sub "a-${AWS::AccountId}"'), 'role a-111122223333')).toBe('Task')
    expect(addressOf(template(NAMED), 'role other')).toBe(
      'No code here makes other: add the snippet to the code that does.',
    )
  })

  it('has the path of the template, or is named in the reason', () => {
    expect(addressOf(template(`${NAMED}\n      Path: /app/`), 'role app/orders')).toBe('Task')
    const parameter = {
      't.yaml': `Parameters: { Path: { Type: String } }\n${template(`${NAMED}\n      Path: !Ref Path`)['t.yaml']}`,
    }
    expect(addressOf(parameter, 'role app/orders')).toBe('Task')
    expect(addressOf(template(`${NAMED}\n      Path: /app/`), 'role orders')).toBe(
      'Task (t.yaml) has the name orders under the path /app/, and IAM has it under /: add the snippet to it if it is the same.',
    )
    expect(addressOf(template(NAMED), 'role app/orders')).toContain('under the path /, and IAM has it under /app/')
    expect(addressOf(template('      Path: /app/'), 'role my-stack-Task-1A2B3C4D5E6F')).toMatch(/^No code here/)
  })

  it('may have a name that only a stack has', () => {
    expect(addressOf(template('      RoleName: !Sub "${Stage}-orders"'), 'role prod-orders')).toMatch(
      /^Task \(t\.yaml\) may be prod-orders, but its name depends on values that only a stack has/,
    )
    expect(addressOf(template('      RoleName: !Sub "${Stage}-orders"'), 'role prod-other')).toMatch(/^No code here/)
    const both = template(
      NAMED,
      '  Other:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: !Sub "${Stage}ders"\n',
    )
    expect(addressOf(both, 'role orders')).toBe(
      'Other (t.yaml) may have the name orders too: its name depends on values that only a stack has.',
    )
  })

  it('is not chosen among two', () => {
    const two = { ...template(NAMED), 'u.yaml': template(NAMED)['t.yaml'] }
    expect(addressOf(two, 'role orders')).toBe(
      'Task (t.yaml) and Task (u.yaml) could both be orders: say which template is meant.',
    )
    const second = { ...two, 'u.yaml': two['u.yaml'].replace('Task:', 'Second:') }
    expect(addressOf(second, 'role orders', { hints: { file: 'u.yaml' } })).toBe('Second')
    expect(addressOf(second, 'role orders', { hints: { file: 't.yaml' } })).toBe('Task')
    expect(addressOf(second, 'role orders', { hints: { file: 'v.yaml' } })).toContain('could both be orders')
  })

  it('may be made in a loop, which has no place for one of them', () => {
    const loop = (name: string) =>
      `  Fn::ForEach::Roles:\n    - Name\n    - [orders, other]\n    - Role\${Name}:\n        Type: AWS::IAM::Role\n        Properties:\n          RoleName: ${name}\n          AssumeRolePolicyDocument: {}\n`
    const looping = (name: string, own: string) => ({
      't.yaml': `Transform: AWS::LanguageExtensions\n${template(own, loop(name))['t.yaml']}`,
    })
    const reason =
      't.yaml makes roles in a loop (Fn::ForEach), and orders may be one of them: add the snippet for that one.'
    expect(addressOf(looping('!Ref Name', NAMED), 'role orders')).toBe(reason)
    expect(addressOf(looping('!Ref Name', '      RoleName: x'), 'role orders')).toBe(reason)
    expect(addressOf(looping('!Sub "a-${Name}"', NAMED), 'role orders')).toBe('Task')
    expect(addressOf(looping('!Sub "a-${AWS::StackName}"', NAMED), 'role orders')).toBe(reason)
    expect(addressOf(looping('!GetAtt Name.Arn', NAMED), 'role orders')).toBe(reason)
    expect(addressOf(looping('!Ref Name', NAMED), 'user orders')).toMatch(/^No code here/)
    const unnamed = looping('x', NAMED)
    const generated = { 't.yaml': unnamed['t.yaml'].replace('          RoleName: x\n', '') }
    expect(addressOf(generated, 'role s-Roleorders-1A2B3C4D5E6F')).toBe(
      reason.replace('orders may', 's-Roleorders-1A2B3C4D5E6F may'),
    )
    expect(addressOf(generated, 'role s-Rolethird-1A2B3C4D5E6F')).toMatch(/^No code here/)
    expect(addressOf(generated, 'role orders', { hints: { logicalId: 'Roleorders' } })).toBe(reason)
    expect(addressOf(generated, 'role orders', { hints: { logicalId: 'Task' } })).toBe('Task')
  })

  it('is not edited where a macro makes some of its properties', () => {
    const properties = `${NAMED}\n      Fn::Transform: { Name: AWS::Include, Parameters: { Location: "s3://a/b" } }`
    expect(addressOf(template(properties), 'role orders')).toBe('Task (t.yaml): a macro makes some of its properties.')
  })

  it('is not edited where a macro makes some of its document', () => {
    const trust = `${NAMED}\n      AssumeRolePolicyDocument:\n        Statement: []\n        Fn::Transform: { Name: AWS::Include }`
    expect(addressOf(template(trust), 'trust orders', { before: [], adds: ['trust-ci'] })).toBe(
      'Task (t.yaml): a macro makes some of its document.',
    )
  })

  it('is found by the logical id in its generated name, in its stack', () => {
    const plainRole = template('      Path: /')
    expect(addressOf(plainRole, 'role my-stack-Task-1A2B3C4D5E6F')).toBe('Task')
    expect(addressOf(plainRole, 'role my-stack-Other-1A2B3C4D5E6F')).toMatch(/^No code here/)
    expect(addressOf(plainRole, 'role my-stack-Task-1A2B')).toMatch(/^No code here/)
    expect(addressOf(plainRole, 'role my-stack-Task-1A2B3C4D5E6F', { hints: { stackName: 'my-stack' } })).toBe('Task')
    expect(addressOf(plainRole, 'role my-stack-Task-1A2B3C4D5E6F', { hints: { stackName: 'other' } })).toMatch(
      /^No code here/,
    )
    expect(addressOf(plainRole, 'role any', { hints: { logicalId: 'Task' } })).toBe('Task')
    const long = `role ${'s'.repeat(46)}-Task-1A2B3C4D5E6F`
    expect([long.length - 5, addressOf(plainRole, long)]).toEqual([64, expect.stringMatching(/^No code here/)])
  })

  it('is the function that SAM makes a role for, unless it names one', () => {
    const sam = (properties: string, globals = '') => ({
      't.yaml': `Transform: AWS::Serverless-2016-10-31\n${globals}${template(properties, '', 'AWS::Serverless::Function')['t.yaml']}`,
    })
    expect(addressOf(sam('      Handler: a.b'), 'role s-TaskRole-1A2B3C4D5E6F')).toBe('Task')
    expect(addressOf(sam('      Handler: a.b'), 'role s-Task-1A2B3C4D5E6F')).toMatch(/^No code here/)
    expect(addressOf(sam('      Handler: a.b'), 'user s-TaskRole-1A2B3C4D5E6F')).toMatch(/^No code here/)
    expect(addressOf(sam('      Handler: a.b\n      Policies:'), 'role s-TaskRole-1A2B3C4D5E6F')).toBe(
      'Task (t.yaml): its Policies are not a list.',
    )
    expect(addressOf(sam('      RoleName: orders'), 'role orders')).toMatch(/^No code here/)
    expect(addressOf(sam('      Role: x'), 'role s-TaskRole-1A2B3C4D5E6F')).toMatch(/^No code here/)
    expect(
      addressOf(sam('      Handler: a.b', 'Globals:\n  Function:\n    Role: x\n'), 'role s-TaskRole-1A2B3C4D5E6F'),
    ).toMatch(/^No code here/)
  })
})

describe('a file of the repository', () => {
  it('is a template by its name and its resources', () => {
    const text = template(NAMED)['t.yaml']
    for (const name of ['t.yml', 't.template', 'deep/t.yaml'])
      expect(addressOf({ [name]: text }, 'role orders')).toBe('Task')
    for (const name of ['README.md', 'cdk.out/t.template', 'a/.aws-sam/t.yaml'])
      expect([name, addressOf({ [name]: text }, 'role orders', { kind: 'cloudformation' })]).toEqual([
        name,
        'No code here makes orders: add the snippet to the code that does.',
      ])
  })

  it('is in the way where it is a template with roles that cannot be read, and only then', () => {
    const beside = (text: string) => addressOf({ ...template(NAMED), 'chart.yaml': text }, 'role orders')
    expect(beside('{{ if }}\nResources:\n  A: { Type: AWS::IAM::Role }\n')).toBe(
      'chart.yaml could not be read, and may make orders too or decide its values: repair the code, or name the folder that makes it.',
    )
    expect(beside('{{ if }}\nA: { Type: AWS::IAM::Role }\n')).toBe('Task')
    expect(beside('{{ if }}\nResources:\n  A: { Type: AWS::S3::Bucket }\n')).toBe('Task')
    expect(beside('{{ if }}\nResources:\n  A: 1\n')).toBe('Task')
  })
})

describe('the policy of a role in a template', () => {
  const change = { policy: 'own', before: [OLD] }
  const detached = (type: string, of: string, more = '') =>
    `  Own:\n    Type: ${type}\n    Properties:\n      PolicyName: own\n      ${of}\n${more}${DOCUMENT('      ')}\n`

  it.each([
    ['in its own list', `${NAMED}\n      Policies:\n        - PolicyName: own\n${DOCUMENT('          ')}`, ''],
    ['a policy that refers to it', NAMED, detached('AWS::IAM::Policy', 'Roles: [!Ref Task]')],
    ['a policy that names it', NAMED, detached('AWS::IAM::Policy', 'Roles: [orders]')],
    ['a policy of a role', NAMED, detached('AWS::IAM::RolePolicy', 'RoleName: !Ref Task')],
    ['a policy of a role by its name', NAMED, detached('AWS::IAM::RolePolicy', 'RoleName: orders')],
  ])('gets the statement: %s', (_, properties, more) => {
    const edit = editOf(template(properties, more), 'role orders', change).split('\n')
    expect([edit[0], edit.length, edit[1]?.trim()]).toEqual(['Task', 8, '- Sid: Rolemedic1a2b3c4d'])
  })

  it('gets the statement for a user, by reference or by name', () => {
    const user = (of: string) =>
      template('      UserName: orders', detached('AWS::IAM::UserPolicy', of), 'AWS::IAM::User')
    for (const owner of ['UserName: !Ref Task', 'UserName: orders'])
      expect([owner, addressOf(user(owner), 'user orders', change)]).toEqual([owner, 'Task'])
    expect(addressOf(user('UserName: other'), 'user orders', change)).toBe(
      'Task (t.yaml): the template does not hold the policy own.',
    )
    // A role may have the name of a user.
    const role = '  Role:\n    Type: AWS::IAM::Role\n    Properties: { RoleName: orders }\n'
    expect(
      addressOf(
        template(
          '      UserName: orders',
          detached('AWS::IAM::UserPolicy', 'UserName: orders') + role,
          'AWS::IAM::User',
        ),
        'user orders',
        change,
      ),
    ).toBe('Task')
  })

  it.each([
    ['for two roles', detached('AWS::IAM::Policy', 'Roles: [!Ref Task, !Ref Other]')],
    ['for a user too', detached('AWS::IAM::Policy', 'Roles: [!Ref Task]', '      Users: [ci]\n')],
    ['for a group too', detached('AWS::IAM::Policy', 'Roles: [!Ref Task]', '      Groups: [ops]\n')],
    ['for nobody', detached('AWS::IAM::Policy', 'Roles: []')],
    ['for another role', detached('AWS::IAM::Policy', 'Roles: [other]')],
    ['for a user of this name', detached('AWS::IAM::UserPolicy', 'RoleName: !Ref Task')],
  ])('is not one that is %s', (_, more) => {
    expect(editOf(template(NAMED, more), 'role orders', change)).toBe(
      'Task (t.yaml): the template does not hold the policy own.',
    )
  })

  it('gets a value beside one that a function makes', () => {
    const resource = '!Sub "arn:${AWS::Partition}:s3:::a"'
    const before = [{ ...OLD, Resource: 'arn:aws:s3:::a' }]
    const after = [{ ...OLD, Resource: ['arn:aws:s3:::a', 'arn:aws:s3:::b'] }]
    const lines =
      '      PolicyDocument:\n        Version: "2012-10-17"\n        Statement:\n          - Effect: Allow\n            Action: s3:GetObject\n            Resource: RESOURCE\n'
    const own = (value: string) =>
      template(
        NAMED,
        `  Own:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyName: own\n      Roles: [!Ref Task]\n${lines.replace('RESOURCE', value)}`,
      )
    expect(editOf(own(resource), 'role orders', { policy: 'own', before, after })).toBe(
      `Task\n            Resource:\n              - ${resource}\n              - arn:aws:s3:::b`,
    )
    expect(editOf(own('!Split [",", "arn:aws:s3:::a"]'), 'role orders', { policy: 'own', before, after })).toMatch(
      /the statement whose list grows is not in the document, or not as IAM has it now\.$/,
    )
  })

  it('is not edited where a condition decides, or it is there twice, or the Sid is taken', () => {
    const conditional = detached('AWS::IAM::Policy', 'Roles: [!Ref Task]').replace(
      '    Type',
      '    Condition: Prod\n    Type',
    )
    expect(editOf(template(NAMED, conditional), 'role orders', change)).toBe(
      'Task (t.yaml): a condition decides whether it has this policy.',
    )
    const twice = detached('AWS::IAM::Policy', 'Roles: [!Ref Task]')
    expect(editOf(template(NAMED, twice + twice.replace('Own:', 'Own2:')), 'role orders', change)).toBe(
      'Task (t.yaml): it has the policy own more than once.',
    )
    const taken = detached('AWS::IAM::Policy', 'Roles: [!Ref Task]').replace('Effect', 'Sid: Rolemedic1a2b3c4d, Effect')
    for (const statement of [taken, taken.replace('    - {', '      {')])
      expect(editOf(template(NAMED, statement), 'role orders')).toBe(
        'Task (t.yaml): it already has a statement with the same Sid.',
      )
  })

  it('is a new one in the list, in brackets where the list has them', () => {
    expect(
      editOf(
        template(`${NAMED}\n      Policies: [{ PolicyName: a, PolicyDocument: { Statement: [] } }]`),
        'role orders',
      ),
    ).toBe(
      'Task\n      Policies: [{ PolicyName: a, PolicyDocument: { Statement: [] } }, { PolicyName: rolemedic, PolicyDocument: { Version: "2012-10-17", Statement: [{ Sid: Rolemedic1a2b3c4d, Effect: Allow, Action: "iam:PassRole", Resource: "arn:aws:iam::111122223333:role/app/orders-task", Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } } }] } }]',
    )
    expect(editOf(template(`${NAMED}\n      Policies: !Ref List`), 'role orders')).toBe(
      'Task (t.yaml): its Policies are not a list.',
    )
  })

  it('is new under another name than that of rolemedic too', () => {
    expect(editOf(template(NAMED), 'role orders', { policy: 'PassRole-orders' }).split('\n').slice(0, 3)).toEqual([
      'Task',
      '      Policies:',
      '        - PolicyName: PassRole-orders',
    ])
  })

  it('is not edited where the template does not write it out', () => {
    expect(addressOf(template(NAMED), 'trust orders', { before: [], adds: ['trust-ci'] })).toBe(
      'Task (t.yaml): its document is not written out.',
    )
    const bare = { 't.yaml': 'Resources:\n  Task:\n    Type: AWS::IAM::Role\n' }
    expect(addressOf(bare, 'role my-stack-Task-1A2B3C4D5E6F')).toBe(
      'Task (t.yaml): its properties are not written out.',
    )
  })

  const [GRANT] = changesOf({
    ...{ name: '', about: '', source: '', files: {} },
    changes: [
      {
        on: 'role orders',
        before: [{ ...OLD, Resource: ['arn:aws-cn:s3:::a'] }],
        after: [{ ...OLD, Resource: ['arn:aws-cn:s3:::a', 'b'] }],
      },
    ],
  })

  it('is read in the partition of the account', () => {
    if (GRANT === undefined) throw new Error('no change')
    const policies = `${NAMED}\n      Policies:\n        - PolicyName: rolemedic\n${DOCUMENT('          ')}`
    const [text = ''] = Object.values(template(policies.replace('"*"', '[!Sub "arn:${AWS::Partition}:s3:::a"]')))
    const found = (arn: string) => {
      const change = { ...GRANT, target: { ...GRANT.target, arn } }
      const outcome = editCloudFormation(change, [{ path: 't.yaml', text }], NO_ENTITY_HINTS)
      return outcome.found && outcome.result.ok
    }
    expect(found('arn:aws-cn:iam::111122223333:role/orders')).toBe(true)
    expect(found('arn:aws:iam::111122223333:role/orders')).toBe(false)
  })

  it('is left to a person for another version of it, and for a permission set', () => {
    if (GRANT === undefined) throw new Error('no change')
    const policies = `${NAMED}\n      Policies:\n        - PolicyName: rolemedic\n${DOCUMENT('          ')}`
    const files = Object.entries(template(policies)).map(([path, text]) => ({ path, text }))
    const newer = { ...GRANT, before: { Version: '2008-10-17' as const, Statement: [] } }
    expect(editCloudFormation(newer, files, NO_ENTITY_HINTS)).toMatchObject({
      result: { error: 'Task (t.yaml): the change is to the version of the policy, not to its statements' },
    })
    const set = { ...GRANT, target: { ...GRANT.target, kind: 'permission-set-inline-policy' as const } }
    expect(editCloudFormation(set, files, NO_ENTITY_HINTS)).toEqual({ found: false, broken: [] })
  })
})
