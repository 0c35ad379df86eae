import { describe, expect, it } from 'vitest'
import { UnreadableSource } from '../../../../iac/source/source-node.ts'
import { linesOf, needsIn } from '../needs-of.ts'

const IAM = 'arn:aws:iam::111122223333'
const FN = `  Fn: { Type: AWS::Lambda::Function, Properties: { Role: given } }\n`
const linked = (path: string) => `${IAM}:role/aws-service-role/${path}`

const failure = (text: string, files: Readonly<Record<string, string>> = {}): string => {
  try {
    needsIn(text, files)
    return 'readable'
  } catch (fault) {
    if (!(fault instanceof UnreadableSource)) throw fault
    return `${fault.line}: ${fault.message}`
  }
}

describe('a macro of a template', () => {
  it.each([
    'AWS::Serverless-2016-10-31',
    'AWS::LanguageExtensions',
    'AWS::CodeDeployBlueGreen',
    'AWS::SecretsManager-2020-07-23',
    'AWS::SecretsManager-2024-09-16',
    '[AWS::LanguageExtensions, AWS::Serverless-2016-10-31]',
    '{ Name: AWS::CodeDeployBlueGreen }',
    '[{ Fn::Transform: { Name: AWS::CodeDeployBlueGreen } }]',
  ])('leaves the roles as they are written: %s', name => {
    expect(failure(`Transform: ${name}\nResources:\n${FN}`)).toBe('readable')
  })

  it.each([
    ['AWS::Include', 'AWS::Include'],
    ['[AWS::LanguageExtensions, Acme]', 'Acme'],
    ['{ Name: Acme }', 'Acme'],
    ['{ Fn::Transform: { Name: Acme } }', 'Acme'],
    ['{ Parameters: {} }', '(unnamed)'],
  ])('is refused where nobody knows what it does: %s', (name, reported) => {
    expect(failure(`Transform: ${name}\nResources:\n${FN}`)).toBe(
      `1: the macro ${reported} rewrites this template when it is deployed`,
    )
  })

  it('is refused in a resource', () => {
    expect(failure('Resources:\n  A: { Type: T, Fn::Transform: { Name: Acme } }\n')).toBe(
      '2: a macro rewrites the resource A when it is deployed',
    )
  })

  it('writes loops out, but only where the template asks for them', () => {
    const loop = `Resources:\n  Fn::ForEach::L:\n    - N\n    - [A]\n    - Fn\${N}: { Type: AWS::Lambda::Function, Properties: { Role: given } }\n`
    expect(failure(loop)).toBe('2: the resource Fn::ForEach::L is not a map')
    expect(failure(`Transform: AWS::LanguageExtensions\n${loop}`)).toBe('readable')
  })
})

describe('a section of a template', () => {
  it.each(['Parameters', 'Conditions', 'Outputs'])('may be empty: %s', name => {
    expect(failure(`${name}:\nResources:\n${FN}`)).toBe('readable')
    expect(failure(`${name}: text\nResources:\n${FN}`)).toBe(`1: ${name} is not a map`)
    expect(failure(`${name}: []\nResources:\n${FN}`)).toBe(`1: ${name} is not a map`)
  })

  it('holds resources without properties', () => {
    expect(failure('Resources:\n  A: { Type: AWS::Lambda::Function, Properties: }\n')).toBe('readable')
    expect(failure('Resources:\n  A: { Type: AWS::Lambda::Function }\n')).toBe('readable')
    expect(failure('Resources:\n  A: { Type: T, Properties: text }\n')).toBe('2: the Properties of A are not a map')
    expect(failure('Resources:\n  A: { Type: T, Properties: [] }\n')).toBe('2: the Properties of A are not a map')
  })

  it('may be JSON behind a byte order mark', () => {
    expect(failure(`\uFEFF {"Resources": {"A": {"Type": "T"}}}`)).toBe('readable')
  })
})

describe('a loop of a template', () => {
  const looped = (collection: string, body: string, parameters = '') =>
    linesOf(
      needsIn(
        `Transform: AWS::LanguageExtensions\nParameters: { Names: { Type: CommaDelimitedList, Default: 'x, y' }, Open: { Type: CommaDelimitedList } }\n${parameters}Resources:\n  Fn::ForEach::L:\n    - N\n    - ${collection}\n    - ${body}\n`,
      ),
    ).map(line => line.replace(/^(\S+)\.Role line \d+ lambda:CreateFunction (\S+) \(.*$/, '$1 $2'))
  const fn = (role: string, id = "'Fn${N}'") => `${id}: { Type: AWS::Lambda::Function, Properties: { Role: ${role} } }`

  it.each<[string, string, readonly string[]]>([
    ['[A, B]', fn("!Sub 'r-${N}'"), ['FnA r-A', 'FnB r-B']],
    ['[A]', fn('!Ref N'), ['FnA A']],
    ['[A]', fn('{ Ref: N }'), ['FnA A']],
    ['[A]', fn("!Join ['-', [r, !Ref N]]"), ['FnA r-A']],
    ['!Ref Names', fn('!Ref N'), ['Fnx x', 'Fny y']],
    ['[!Ref Names, z]', fn('!Ref N'), ['Fnx x', 'Fny y', 'Fnz z']],
    ['[a-b]', fn('!Ref N', "'Fn&{N}'"), ['Fnab a-b']],
    ['[a-b]', fn('!Ref N', "'Fn${&N}'"), ['Fnab a-b']],
    ['[a-b]', fn("!Sub 'r-${AWS::Region}-${N}'"), ['Fna-b r-eu-west-1-a-b']],
    ['[A]', fn('{ a: { Ref: N }, b: c }'), []],
    ['[]', fn('r'), []],
  ])('over %s: %s', (collection, body, expected) => {
    expect(looped(collection, body)).toEqual(expected)
  })

  it('may contain a loop', () => {
    const needs = needsIn(`Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Outer:
    - A
    - [x, y]
    - Fn::ForEach::Inner:
        - B
        - ['1', '\${A}2']
        - 'Fn\${A}\${B}': { Type: AWS::Lambda::Function, Properties: { Role: !Sub '\${A}-\${B}' } }
`)
    expect(needs.needs.map(need => [need.where.logicalId, need.role.text.pieces.join('')])).toEqual([
      ['Fnx1', 'x-1'],
      ['Fnxx2', 'x-x2'],
      ['Fny1', 'y-1'],
      ['Fnyy2', 'y-y2'],
    ])
  })

  it.each([
    ['!Ref Open', fn('r'), 'only the deploy will know what this Fn::ForEach runs over'],
    ['!GetAtt A.B', fn('r'), 'only the deploy will know what this Fn::ForEach runs over'],
    ['[!Ref Gone]', fn('r'), 'only the deploy will know what this Fn::ForEach runs over'],
    ['[A]', 'text', 'Fn::ForEach needs a name, a collection and a map'],
    ['[A]', '[a]', 'Fn::ForEach needs a name, a collection and a map'],
  ])('over %s with %s is refused', (collection, body, message) => {
    expect(() => looped(collection, body)).toThrow(message)
  })

  it.each(['text', '[]', '[N]', '[N, [A]]', '[[N], [A], {}]'])('of %s is refused', parts => {
    expect(failure(`Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::L: ${parts}\n`)).toBe(
      '3: Fn::ForEach needs a name, a collection and a map',
    )
  })

  it('ends at 10,000 copies', () => {
    const hundred = JSON.stringify(Array.from({ length: 100 }, (_, index) => `n${index}`))
    const nested = (extra: string) =>
      `Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::A:\n    - A\n    - ${hundred}\n    - Fn::ForEach::B:\n        - B\n        - ${extra}\n        - 'X\${A}\${B}': { Type: T }\n`
    // 100 copies of the outer loop and 100 × 100 of the inner one are too many; 100 × 99 and the 100 are not.
    expect(failure(nested(hundred))).toBe('6: its loops make too many copies')
    expect(failure(nested(JSON.stringify(JSON.parse(hundred).slice(1))))).toBe('readable')
  })
})

describe('a circle of resources', () => {
  const circle = (a: string, b = '{ Type: X, DependsOn: A }') => failure(`Resources:\n  A: ${a}\n  B: ${b}\n`)
  const REFUSED = '2: circular reference: A → B → A'

  it.each([
    ['{ Type: X, DependsOn: B }', REFUSED],
    ['{ Type: X, DependsOn: [C, B] }', REFUSED],
    ['{ Type: X, Properties: { P: !Ref B } }', REFUSED],
    ['{ Type: X, Properties: { P: !GetAtt B.Arn } }', REFUSED],
    ['{ Type: X, Properties: { P: { "Fn::GetAtt": B.Arn } } }', REFUSED],
    ['{ Type: X, Properties: { P: { "Fn::GetAtt": [B, Arn] } } }', REFUSED],
    ["{ Type: X, Properties: { P: !Sub 'a-${B}' } }", REFUSED],
    ["{ Type: X, Properties: { P: !Sub 'a-${ B.Arn }' } }", REFUSED],
    ["{ Type: X, Properties: { P: !Sub ['a-${B}', {}] } }", REFUSED],
    ["{ Type: X, Properties: { P: !Sub ['a-${V}', { V: !Ref B }] } }", REFUSED],
    ['{ Type: X, Properties: { P: [{ Q: !Ref B }] } }', REFUSED],
    ["{ Type: X, Properties: { P: !Sub 'a-${!B}' } }", 'readable'],
    ['{ Type: X, Properties: { P: B } }', 'readable'],
    ['{ Type: X, Properties: { P: !Ref C } }', 'readable'],
    ['{ Type: X, Properties: { P: !GetAtt [C, B] } }', 'readable'],
    ["{ Type: X, Properties: { P: !Sub [a, { V: '${B}' }] } }", 'readable'],
    ['{ Type: X, Metadata: { P: !Ref B } }', 'readable'],
  ])('goes through every way to name a resource: %s', (a, expected) => {
    expect(circle(a)).toBe(expected)
  })

  it('may be of one resource, and of many, of which six are named', () => {
    expect(failure('Resources:\n  A: { Type: X, DependsOn: A }\n')).toBe('2: circular reference: A → A')
    const many = Array.from({ length: 9 }, (_, at) => `  R${at}: { Type: X, DependsOn: R${(at + 1) % 9} }`)
    expect(failure(`Resources:\n  Start: { Type: X, DependsOn: R0 }\n${many.join('\n')}\n`)).toBe(
      '3: circular reference: R0 → R1 → R2 → R3 → R4 → R5',
    )
  })

  it('is not reported for SAM resources, which the transform takes apart', () => {
    const sam = (id: string) =>
      `{ Type: AWS::Serverless::Function, Properties: { Environment: { Variables: { X: !Ref ${id} } } } }`
    expect(circle(sam('B'), sam('A'))).toBe('readable')
  })

  it('is no two ways to one resource', () => {
    expect(
      failure('Resources:\n  A: { Type: X, DependsOn: [B, C] }\n  B: { Type: X, DependsOn: C }\n  C: { Type: X }\n'),
    ).toBe('readable')
  })
})

describe('a nested stack', () => {
  const INNER = `Resources:\n${FN}`
  const nested = (address: string, files: readonly string[], metadata = '') => {
    const needs = needsIn(
      `Parameters: { Open: { Type: String } }\nConditions: { Maybe: !Equals [!Ref Open, a], Never: !Equals [a, b] }\nResources:\n  Inner: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ${address} }${metadata} }\n`,
      Object.fromEntries(files.map(file => [file, INNER])),
    )
    return needs.unread.length > 0 ? needs.unread.map(({ what }) => what) : needs.needs.map(need => need.where.file)
  }
  const UNREAD = ['the nested stack Inner']

  it.each<[string, readonly string[], readonly string[]]>([
    ['inner.yaml', ['inner.yaml'], ['inner.yaml']],
    ['./a/./inner.yaml', ['a/inner.yaml'], ['a/inner.yaml']],
    ['a//inner.yaml', ['a/inner.yaml'], ['a/inner.yaml']],
    ['a/../inner.yaml', ['inner.yaml'], ['inner.yaml']],
    ['../inner.yaml', ['../inner.yaml'], ['../inner.yaml']],
    ['../../inner.yaml', ['../../inner.yaml'], ['../../inner.yaml']],
    ['/a/inner.yaml', ['/a/inner.yaml'], ['/a/inner.yaml']],
    ["!Sub '${AWS::Region}.yaml'", ['eu-west-1.yaml'], ['eu-west-1.yaml']],
    ['gone.yaml', [], UNREAD],
    ['!Ref Open', ['inner.yaml'], UNREAD],
    ['!If [Maybe, inner.yaml, other.yaml]', ['inner.yaml', 'other.yaml'], UNREAD],
    ['https://example.com/inner.yaml', ['https://example.com/inner.yaml'], UNREAD],
    ['S3://bucket/inner.yaml', ['S3:/bucket/inner.yaml', 'S3://bucket/inner.yaml'], UNREAD],
  ])('is read beside its parent: %s', (address, files, expected) => {
    expect(nested(address, files)).toEqual(expected)
  })

  it('is the asset that its metadata names', () => {
    expect(nested('!Ref Open', ['a.json'], ", Metadata: { 'aws:asset:path': a.json }")).toEqual(['a.json'])
  })

  it('is the application of SAM by its location', () => {
    const needs = needsIn(
      'Transform: AWS::Serverless-2016-10-31\nResources:\n  Inner: { Type: AWS::Serverless::Application, Properties: { Location: inner.yaml, TemplateURL: other.yaml } }\n',
      { 'inner.yaml': INNER },
    )
    expect(needs.needs.map(need => need.where.file)).toEqual(['inner.yaml'])
  })

  it('is read from the folder of its parent, and has a stack name of its own', () => {
    const needs = needsIn(
      'Resources:\n  Inner: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: a/one.yaml } }\n',
      {
        'a/one.yaml':
          'Resources:\n  Deep: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ../b/two.yaml } }\n',
        'b/two.yaml': `Resources:\n  Fn: { Type: AWS::Lambda::Function, Properties: { Role: !Sub 'x-\${AWS::StackName}' } }\n  R: { Type: AWS::IAM::Role }\n`,
      },
    )
    expect(linesOf(needs)).toEqual(['Fn.Role line 2 lambda:CreateFunction x-* (unknown)'])
    expect(needs.made.map(role => [role.scope, role.file])).toEqual([['template.yaml/Inner/Deep', 'b/two.yaml']])
  })

  it('is not read where its condition is false', () => {
    const needs = needsIn(
      'Conditions: { Never: !Equals [a, b] }\nResources:\n  Inner: { Type: AWS::CloudFormation::Stack, Condition: Never, Properties: { TemplateURL: gone.yaml } }\n',
    )
    expect(needs.unread).toEqual([])
  })

  it('does not nest itself, directly or through another', () => {
    const stack = (file: string) =>
      `Resources:\n  Inner: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ${file} } }\n`
    const REFUSED = '2: the stack Inner nests a template in itself'
    expect(failure(stack('template.yaml'))).toBe(REFUSED)
    expect(failure(stack('one.yaml'), { 'one.yaml': stack('template.yaml') })).toBe(REFUSED)
    expect(failure(stack('one.yaml'), { 'one.yaml': stack('one.yaml') })).toBe(REFUSED)
    expect(failure(stack('one.yaml'), { 'one.yaml': stack('two.yaml'), 'two.yaml': stack('one.yaml') })).toBe(REFUSED)
  })

  it('may be used twice', () => {
    const needs = needsIn(
      'Resources:\n  A: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: inner.yaml } }\n  B: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: inner.yaml } }\n',
      { 'inner.yaml': INNER },
    )
    expect(needs.needs).toHaveLength(2)
  })

  it('is read to the twentieth level', () => {
    const stack = (file: string) =>
      `Resources:\n  Inner: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ${file} } }\n`
    const levels = (count: number) => {
      const files = Object.fromEntries(
        Array.from({ length: count }, (_, at) => [`${at}.yaml`, at === count - 1 ? INNER : stack(`${at + 1}.yaml`)]),
      )
      return needsIn(stack('0.yaml'), files).needs.length
    }
    expect([levels(20), levels(21)]).toEqual([1, 0])
  })

  it('gets what its parent hands down, and nothing of it where that is not known', () => {
    const inner = `Parameters: { Role: { Type: String, Default: default } }\nResources:\n  Fn: { Type: AWS::Lambda::Function, Properties: { Role: !Ref Role } }\n`
    const handed = (parameters: string) =>
      linesOf(
        needsIn(
          `Resources:\n  Inner: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: inner.yaml${parameters} } }\n`,
          { 'inner.yaml': inner },
        ),
      ).map(line => line.replace(/^.*CreateFunction /, ''))
    expect(handed('')).toEqual(['default (parameter)'])
    expect(handed(', Parameters: { Role: handed }')).toEqual(['handed (parameter)'])
    expect(handed(', Parameters: { Other: handed }')).toEqual(['default (parameter)'])
    expect(handed(', Parameters: { Role: !Ref AWS::NoValue }')).toEqual(['* (parameter)'])
  })

  it('gives back its outputs, and those it lacks are not known', () => {
    const outer = (output: string) =>
      linesOf(
        needsIn(
          `Resources:\n  Inner: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: inner.yaml } }\n  Fn: { Type: AWS::Lambda::Function, Properties: { Role: !GetAtt ${output} } }\n`,
          {
            'inner.yaml': `Resources:\n  B: { Type: AWS::S3::Bucket }\nOutputs: { Role: { Value: given }, None: { Value: !Ref AWS::NoValue } }\n`,
          },
        ),
      ).map(line => line.replace(/^.*CreateFunction /, ''))
    expect(outer('Inner.Outputs.Role')).toEqual(['given (literal)'])
    expect(outer('Inner.Outputs.Gone')).toEqual(['* (unknown)'])
    expect(outer('Inner.Outputs.None')).toEqual(['* (unknown)'])
    expect(outer('Inner.Role')).toEqual(['* (unknown)'])
  })
})

describe('a need of a template', () => {
  it('is conditional under a condition that is not known, and as one of several values', () => {
    const needs = needsIn(`Parameters: { Open: { Type: String } }
Conditions: { Maybe: !Equals [!Ref Open, a], Always: !Equals [a, a] }
Resources:
  A: { Type: AWS::Lambda::Function, Properties: { Role: r } }
  B: { Type: AWS::Lambda::Function, Condition: Always, Properties: { Role: r } }
  C: { Type: AWS::Lambda::Function, Condition: Maybe, Properties: { Role: r } }
  D: { Type: AWS::Cognito::IdentityPoolRoleAttachment, Properties: { Roles: { a: r, b: s } } }
  E: { Type: AWS::Lambda::Function, Properties: { Role: !If [Maybe, r, s] } }
  G: { Type: AWS::ECS::Cluster, Condition: Maybe }
`)
    expect(needs.needs.map(need => [need.where.logicalId, need.conditional])).toEqual([
      ['A', false],
      ['B', false],
      ['C', true],
      ['D', false],
      ['D', false],
      ['E', true],
      ['E', true],
      ['G', true],
    ])
  })

  it.each([
    ['AWS::AutoScaling::AutoScalingGroup', 'autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'],
    ['AWS::ECS::Cluster', 'ecs.amazonaws.com/AWSServiceRoleForECS'],
    [
      'AWS::ElasticLoadBalancing::LoadBalancer',
      'elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing',
    ],
    [
      'AWS::ElasticLoadBalancingV2::LoadBalancer',
      'elasticloadbalancing.amazonaws.com/AWSServiceRoleForElasticLoadBalancing',
    ],
    ['AWS::RDS::DBInstance', 'rds.amazonaws.com/AWSServiceRoleForRDS'],
    ['AWS::RDS::DBCluster', 'rds.amazonaws.com/AWSServiceRoleForRDS'],
    ['AWS::ElastiCache::CacheCluster', 'elasticache.amazonaws.com/AWSServiceRoleForElastiCache'],
    ['AWS::ElastiCache::ReplicationGroup', 'elasticache.amazonaws.com/AWSServiceRoleForElastiCache'],
    ['AWS::EKS::Cluster', 'eks.amazonaws.com/AWSServiceRoleForAmazonEKS'],
    ['AWS::EKS::Nodegroup', 'eks-nodegroup.amazonaws.com/AWSServiceRoleForAmazonEKSNodegroup'],
    ['AWS::EKS::FargateProfile', 'eks-fargate.amazonaws.com/AWSServiceRoleForAmazonEKSForFargate'],
    ['AWS::Redshift::Cluster', 'redshift.amazonaws.com/AWSServiceRoleForRedshift'],
    ['AWS::AppRunner::Service', 'apprunner.amazonaws.com/AWSServiceRoleForAppRunner'],
    ['AWS::EC2::TransitGateway', 'transitgateway.amazonaws.com/AWSServiceRoleForVPCTransitGateway'],
    ['AWS::GlobalAccelerator::Accelerator', 'globalaccelerator.amazonaws.com/AWSServiceRoleForGlobalAccelerator'],
  ])('is implied by the first %s of an account', (type, path) => {
    const { needs } = needsIn(`Resources:\n  X: { Type: ${type} }\n`)
    expect(needs).toMatchObject([
      {
        action: 'iam:CreateServiceLinkedRole',
        operation: 'iam:CreateServiceLinkedRole',
        role: { kind: 'role', text: { pieces: [linked(path)], from: 'literal', resource: null } },
        where: { logicalId: 'X', property: 'Type', line: 2 },
        via: 'cloudformation.amazonaws.com',
        ...{ service: null, conditional: false, byName: false, implied: true },
      },
    ])
  })

  it('is a service-linked role of a service that names it as only AWS knows', () => {
    const own = (properties: string) =>
      linesOf(needsIn(`Resources:\n  L: { Type: AWS::IAM::ServiceLinkedRole${properties} }\n`)).map(line =>
        line.replace(/^.*CreateServiceLinkedRole /, ''),
      )
    expect(own(', Properties: { AWSServiceName: lex.amazonaws.com }')).toEqual([
      `${linked('lex.amazonaws.com/*')} (same-template)`,
    ])
    expect(own('')).toEqual([`${linked('/*')} (same-template)`])
  })
})
