import { describe, expect, it } from 'vitest'
import { NO_OPTIONS, templateNeeds } from '../../../../iac/needs/cloudformation/template-needs.ts'
import { patternOf } from '../../../../iac/source/role-text.ts'
import { UnreadableSource } from '../../../../iac/source/source-node.ts'
import { ENVIRONMENT } from '../needs-of.ts'

const template = (role: string, extra = '') => `${extra}
Parameters:
  Given: { Type: String, Default: given }
  Open: { Type: String }
  Empty: { Type: String, Default: '' }
  Names: { Type: CommaDelimitedList, Default: 'orders,bills' }
  Ids: { Type: 'List<String>', Default: [first, second] }
  Stored: { Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /roles }
  Nothing: { Type: String, Default: }
Mappings:
  Roles:
    eu-west-1: { name: mapped-eu, list: [mapped-first, mapped-second] }
    given: { name: mapped-given }
Conditions:
  Yes: !Equals [a, a]
  No: !Equals [a, b]
  Maybe: !Equals [!Ref Open, a]
Resources:
  Plain: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: {} } }
  Named: { Type: AWS::IAM::Role, Properties: { RoleName: named, AssumeRolePolicyDocument: {} } }
  Pathed: { Type: AWS::IAM::Role, Properties: { RoleName: pathed, Path: /app/, AssumeRolePolicyDocument: {} } }
  MaybeNamed: { Type: AWS::IAM::Role, Properties: { RoleName: !If [Maybe, named, !Ref AWS::NoValue], AssumeRolePolicyDocument: {} } }
  MaybePathed: { Type: AWS::IAM::Role, Properties: { RoleName: r, Path: !If [Maybe, /a/, !Ref AWS::NoValue], AssumeRolePolicyDocument: {} } }
  EitherPath: { Type: AWS::IAM::Role, Properties: { RoleName: either, Path: !If [Maybe, /a/, /b/], AssumeRolePolicyDocument: {} } }
  Profile: { Type: AWS::IAM::InstanceProfile, Properties: { InstanceProfileName: web, Roles: [!Ref Named] } }
  PathedProfile: { Type: AWS::IAM::InstanceProfile, Properties: { InstanceProfileName: web, Path: /app/, Roles: [!Ref Named] } }
  OpenProfile: { Type: AWS::IAM::InstanceProfile, Properties: { Roles: [!Ref Named] } }
  Person: { Type: AWS::IAM::User, Properties: { UserName: ada } }
  Linked: { Type: AWS::IAM::ServiceLinkedRole, Properties: { AWSServiceName: ecs.amazonaws.com } }
  Bucket: { Type: AWS::S3::Bucket }
  Fn: { Type: AWS::Lambda::Function, Properties: { Role: ${role} } }
`

type Environment = Parameters<typeof templateNeeds>[2]['environment']

function rolesFrom(role: string, environment: Environment = ENVIRONMENT, extra = ''): readonly string[] {
  const options = { ...NO_OPTIONS, environment, textAt: () => null }
  return templateNeeds('template.yaml', template(role, extra), options)
    .needs.filter(({ where }) => where.logicalId === 'Fn')
    .map(need => `${patternOf(need.role.text)} (${need.role.text.from})`)
}

const IAM = 'arn:aws:iam::111122223333'

describe('what an intrinsic function of a role property resolves to', () => {
  it.each<[string, ...string[]]>([
    ['!Ref Given', 'given (parameter)'],
    ['!Ref Open', '* (parameter)'],
    ['!Ref Named', 'named (same-template)'],
    ['!Ref Plain', '* (same-template)'],
    ['!Ref MaybeNamed', 'named (same-template)', '* (same-template)'],
    ['!GetAtt MaybePathed.Arn', `${IAM}:role/a/r (same-template)`, `${IAM}:role/r (same-template)`],
    ['!Ref Profile', 'web (same-template)'],
    ['!Ref OpenProfile', '* (same-template)'],
    ['!Ref Linked', '* (same-template)'],
    ['!Ref Bucket', '* (unknown)'],
    ['!Ref AWS::Region', 'eu-west-1 (literal)'],
    ['!Ref AWS::Partition', 'aws (literal)'],
    ['!Ref AWS::AccountId', '111122223333 (literal)'],
    ['!Ref AWS::StackName', '* (unknown)'],
    ['!Ref AWS::StackId', '* (unknown)'],
    ['!Ref AWS::NotificationARNs', '* (unknown)'],
    ['!Ref AWS::URLSuffix', 'amazonaws.com (literal)'],
    ['!Ref AWS::NoValue'],
    ['!Ref Empty'],
    ['!Ref Nothing'],
    ['!GetAtt Plain.Arn', `${IAM}:role/* (same-template)`],
    ['!GetAtt Named.Arn', `${IAM}:role/named (same-template)`],
    ['!GetAtt Pathed.Arn', `${IAM}:role/app/pathed (same-template)`],
    ['!GetAtt EitherPath.Arn', `${IAM}:role/a/either (same-template)`, `${IAM}:role/b/either (same-template)`],
    ['{ "Fn::GetAtt": [Pathed, Arn] }', `${IAM}:role/app/pathed (same-template)`],
    ['{ "Fn::GetAtt": Pathed.Arn }', `${IAM}:role/app/pathed (same-template)`],
    ['!GetAtt [Pathed, !Sub Arn]', `${IAM}:role/app/pathed (same-template)`],
    ['!GetAtt Named.RoleId', '* (unknown)'],
    ['!GetAtt Profile.InstanceProfileId', '* (unknown)'],
    ['!GetAtt Bucket.Arn', '* (unknown)'],
    ['!GetAtt Bucket.Outputs.Arn', '* (unknown)'],
    ["!Sub 'app-${AWS::Region}'", 'app-eu-west-1 (literal)'],
    ["!Sub '${Given}'", 'given (parameter)'],
    ["!Sub '${ Given }-x'", 'given-x (parameter)'],
    ["!Sub 'a-${Given}-b-${Given}'", 'a-given-b-given (parameter)'],
    ["!Sub 'a-${Open}-b'", 'a-*-b (parameter)'],
    ["!Sub '${Named}'", 'named (same-template)'],
    ["!Sub '${Pathed.Arn}'", `${IAM}:role/app/pathed (same-template)`],
    ["!Sub 'x-${AWS::NoValue}'", 'x-* (unknown)'],
    ["!Sub ['${Own}-x', { Own: mine }]", 'mine-x (literal)'],
    ["!Sub ['${Given}-x', { Given: hidden }]", 'hidden-x (literal)'],
    ["!Sub ['${Own.Part}-x', { Own.Part: mine }]", 'mine-x (literal)'],
    ["!Sub ['${Given}-x', { Other: mine }]", 'given-x (parameter)'],
    ["!Sub ['${Own}-x', { Own: !If [Maybe, a, b] }]", 'a-x (literal)', 'b-x (literal)'],
    ["!Sub ''"],
    ['!Join ["-", [a, b, c]]', 'a-b-c (literal)'],
    ["!Join ['', [a, b]]", 'ab (literal)'],
    ['!Join ["-", [a]]', 'a (literal)'],
    ['!Join ["-", [a, !Ref Given]]', 'a-given (parameter)'],
    ['!Join ["-", [a, !Ref AWS::NoValue, b]]', 'a-b (literal)'],
    ['!Join ["-", [a, !If [Maybe, b, !Ref AWS::NoValue]]]', 'a-b (literal)', 'a (literal)'],
    ['!Join ["-", [a, [b]]]', 'a-* (unknown)'],
    ['!Join [!Ref Given, [a, b]]', '* (unknown)'],
    ["!Sub ['${Own}-x', { Own: !If [Maybe, a, !Ref AWS::NoValue] }]", 'a-x (literal)', '*-x (unknown)'],
    ['!Ref Person', 'ada (same-template)'],
    ['!Join ["-", !Ref Names]', 'orders-bills (parameter)'],
    ['!Join ["-", !Ref Ids]', 'first-second (parameter)'],
    ['!Join ["-", !Ref Stored]', '* (parameter)'],
    ['!Join ["-", !Ref Given]', '* (unknown)'],
    ['!Join ["-", !GetAtt Bucket.List]', '* (unknown)'],
    ['!Join [/, !Split ["-", a-b-c]]', 'a/b/c (literal)'],
    ['!Join ["-", !If [Maybe, [a, b], [c]]]', 'a-b (literal)', 'c (literal)'],
    ['!Join ["-", !If [Maybe, [a, b], !Ref Bucket]]', '* (unknown)'],
    ['!Join ["-", [!If [Maybe, a, b], !If [Maybe, c, d]]]', ...['a-c', 'a-d', 'b-c', 'b-d'].map(n => `${n} (literal)`)],
    ['!Join ["-", !FindInMap [Roles, eu-west-1, list]]', 'mapped-first-mapped-second (literal)'],
    ['!Select [0, [a, b]]', 'a (literal)'],
    ['!Select [1, [a, b]]', 'b (literal)'],
    ["!Select ['1', [a, !Ref Given]]", 'given (parameter)'],
    ['!Select [2, [a, b]]', '* (unknown)'],
    ['!Select [!Ref Open, [a, b]]', '* (unknown)'],
    ['!Select [!Ref Empty, [a, b]]', '* (unknown)'],
    ['!Select [!If [Maybe, 0, 1], [a, b]]', 'a (literal)', 'b (literal)'],
    ['!Select [0, !If [Maybe, [a], !GetAtt Bucket.List]]', 'a (literal)', '* (unknown)'],
    ["!Select [0, !Split ['-', !If [Maybe, a-b, c-d]]]", '* (unknown)'],
    ['!FindInMap [Roles, !If [Maybe, eu-west-1, given], name]', '* (parameter)'],
    ['!Select [1, !Ref Names]', 'bills (parameter)'],
    ['!Select [1, !Ref Ids]', 'second (parameter)'],
    ['!Select [5, !Ref Names]', '* (unknown)'],
    ['!Select [1, !Split ["-", a-b-c]]', 'b (literal)'],
    ['!Select [1, !Split ["--", a--b-c]]', 'b-c (literal)'],
    ['!Select [1, !Split ["-", !Ref Given]]', '* (unknown)'],
    ['!Select [0, !Split ["-", !Ref Given]]', 'given (parameter)'],
    ["!Select [0, !Split ['', a]]", '* (unknown)'],
    ["!Select [1, !Split [/, !Sub 'x/a-${Open}-b/y']]", 'a-*-b (parameter)'],
    ["!Select [2, !Split [/, !Sub 'x/a-${Open}-b/y']]", 'y (parameter)'],
    ["!Select [5, !Split [':', !GetAtt Named.Arn]]", 'role/named (literal)'],
    ["!Select [1, !Split [':role/', !GetAtt Plain.Arn]]", '* (same-template)'],
    ['!Select [0, !If [Maybe, [a], [b]]]', 'a (literal)', 'b (literal)'],
    ['!FindInMap [Roles, !Ref AWS::Region, name]', 'mapped-eu (literal)'],
    ['!FindInMap [Roles, !Ref Given, name]', 'mapped-given (literal)'],
    ['!FindInMap [Roles, !Ref Open, name]', '* (parameter)'],
    ['!FindInMap [Roles, us-east-1, name, { DefaultValue: fallback }]', 'fallback (literal)'],
    ['!FindInMap [Roles, eu-west-1, name, { DefaultValue: fallback }]', 'mapped-eu (literal)'],
    ['!If [Yes, a, b]', 'a (literal)'],
    ['!If [No, a, b]', 'b (literal)'],
    ['!If [Maybe, a, b]', 'a (literal)', 'b (literal)'],
    ['!If [Maybe, a, !Ref AWS::NoValue]', 'a (literal)'],
    ['!If [!Equals [a, a], a, b]', 'a (literal)'],
    ['!If [Maybe, !If [No, a, b], c]', 'b (literal)', 'c (literal)'],
    ['!ImportValue base-role', '* (import)'],
    ['{ "Fn::GetStackOutput": { StackName: s, OutputName: o } }', '* (import)'],
    ['!Base64 text', '* (unknown)'],
    ['!Cidr [10.0.0.0/16, 4, 8]', '* (unknown)'],
    ['!GetAZs eu-west-1', '* (unknown)'],
    ['{ "Fn::Length": [a] }', '* (unknown)'],
    ['{ "Fn::ToJsonString": { a: b } }', '* (unknown)'],
    ['!Split ["-", a-b]'],
    ["'{{resolve:ssm:/role}}'", '* (unknown)'],
    ["'app-{{resolve:ssm:/role}}-x'", 'app-*-x (unknown)'],
    ["'{{resolve:ssm:/a}}-{{resolve:ssm:/b}}'", '*-* (unknown)'],
    ["!Sub '${Given}-{{resolve:ssm:/a}}'", 'given-* (parameter)'],
    ['[a, b]'],
    ['{ a: b, c: d }'],
    ['{ a: b }'],
    ['{ Condition: { StringEquals: a } }'],
    ['null'],
    ['~'],
    ['012345678901', '012345678901 (literal)'],
    ['name', 'name (literal)'],
  ])('%s', (role, ...expected) => {
    expect(rolesFrom(role)).toEqual(expected)
  })

  it.each([
    ['{ Ref: ~ }', 'Ref names nothing'],
    ['!Ref Gone', 'there is no parameter or resource Gone'],
    ['!GetAtt Gone.Arn', 'there is no parameter or resource Gone'],
    ["!Sub '${Gone}'", 'there is no parameter or resource Gone'],
    ["!Sub '${Gone.Arn}'", 'there is no parameter or resource Gone'],
    ['!Sub { a: b }', 'Fn::Sub has no text'],
    ["!Sub 'a-${Given'", 'Fn::Sub does not close ${'],
    ['!Join ["-"]', 'Fn::Join needs two values'],
    ['!Join a', 'Fn::Join needs two values'],
    ['!Select [0]', 'Fn::Select needs two values'],
    ['!Select [0, !Split ["-"]]', 'Fn::Split needs two values'],
    ['!FindInMap Roles', 'Fn::FindInMap needs a list'],
    ['!FindInMap [Roles, us-east-1, name]', 'Fn::FindInMap finds no value in the mappings'],
    ['!FindInMap [Gone, eu-west-1, name]', 'Fn::FindInMap finds no value in the mappings'],
    ['!If [Yes, a]', 'Fn::If needs a condition and two values'],
    ['!If Yes', 'Fn::If needs a condition and two values'],
    ['!If [Gone, a, b]', 'there is no condition Gone'],
    ['!If [!Condition Gone, a, b]', 'there is no condition Gone'],
    ['!GetAtt [!Ref Given, Arn]', 'Fn::GetAtt names nothing'],
    ['{ "Fn::Made": a }', 'Fn::Made is not a CloudFormation function'],
    ['{ "Fn::Transform": { Name: x } }', 'a macro rewrites this part of the template when it is deployed'],
  ])('%s is refused', (role, message) => {
    expect(() => rolesFrom(role)).toThrow(UnreadableSource)
    expect(() => rolesFrom(role)).toThrow(message)
  })

  it('is one of many values, and so not known, from 33 alternatives on', () => {
    const choice = '!If [Maybe, a, b]'
    const joined = (count: number) => `!Join ['', [${Array.from({ length: count }, () => choice).join(', ')}]]`
    const chain = (count: number): string => (count === 1 ? 'r1' : `!If [Maybe, r${count}, ${chain(count - 1)}]`)
    expect(rolesFrom(joined(5))).toHaveLength(32)
    expect(rolesFrom(joined(6))).toEqual(['* (unknown)'])
    expect(rolesFrom(chain(32))).toHaveLength(32)
    expect(rolesFrom(chain(33))).toEqual(['* (unknown)'])
  })
})

describe('a pseudo parameter', () => {
  const unknown = { partition: 'aws-cn', accountId: null, region: null, stackName: 'orders' }
  it.each<[string, string]>([
    ['AWS::AccountId', '* (unknown)'],
    ['AWS::Region', '* (unknown)'],
    ['AWS::StackName', 'orders (literal)'],
    ['AWS::Partition', 'aws-cn (literal)'],
    ['AWS::URLSuffix', 'amazonaws.com.cn (literal)'],
  ])('%s is as known as the environment of the deploy', (name, expected) => {
    expect(rolesFrom(`!Ref ${name}`, unknown)).toEqual([expected])
  })

  it.each([
    ['aws-us-gov', 'amazonaws.com (literal)'],
    ['aws-iso', '* (unknown)'],
  ])('has the suffix of its partition, where that is documented: %s', (partition, expected) => {
    expect(rolesFrom('!Ref AWS::URLSuffix', { ...unknown, partition })).toEqual([expected])
  })

  it('leaves the account of a made role open where nobody knows it', () => {
    expect(rolesFrom('!GetAtt Named.Arn', unknown)).toEqual(['arn:aws-cn:iam::*:role/named (same-template)'])
  })
})

describe('a condition', () => {
  const holds = (condition: string): string => rolesFrom(`!If [${condition}, yes, no]`).join(' or ')
  const [YES, NO, EITHER] = ['yes (literal)', 'no (literal)', 'yes (literal) or no (literal)']

  it.each([
    ['!Not [!Condition Yes]', NO],
    ['!Not [!Condition No]', YES],
    ['!Not [!Condition Maybe]', EITHER],
    ['!And [!Condition Yes, !Condition Yes]', YES],
    ['!And [!Condition Yes, !Condition No]', NO],
    ['!And [!Condition Yes, !Condition Maybe]', EITHER],
    ['!And [!Condition No, !Condition Maybe]', NO],
    ['!Or [!Condition No, !Condition No]', NO],
    ['!Or [!Condition No, !Condition Yes]', YES],
    ['!Or [!Condition No, !Condition Maybe]', EITHER],
    ['!Or [!Condition Yes, !Condition Maybe]', YES],
    ['!Equals [!Ref Given, given]', YES],
    ['!Equals [given, !Ref Given]', YES],
    ['!Equals [!Ref Given, other]', NO],
    ['!Equals [!Ref Open, given]', EITHER],
    ['!Equals [given, !Ref Open]', EITHER],
    ['!Equals [!Ref AWS::NoValue, given]', EITHER],
    ['!Equals [!If [Maybe, a, b], a]', EITHER],
    ['!Equals [given]', EITHER],
    ['!Not []', EITHER],
    ['!Base64 a', EITHER],
    ['{ a: b, c: d }', EITHER],
  ])('%s', (condition, expected) => {
    expect(holds(condition)).toBe(expected)
  })
})

describe('a name that only the SAM transform adds', () => {
  const SAM = 'Transform: AWS::Serverless-2016-10-31'
  const withFunction = (role: string) => {
    const text = `${template(role, SAM)}  Orders: { Type: AWS::Serverless::Function, Properties: {} }\n`
    const options = { ...NO_OPTIONS, environment: ENVIRONMENT, textAt: () => null }
    return templateNeeds('template.yaml', text, options)
      .needs.filter(({ where }) => where.logicalId === 'Fn')
      .map(({ role: { text: found } }) => [patternOf(found), found.from, found.resource?.logicalId ?? null])
  }
  it.each<[string, string, string, string | null]>([
    ['!GetAtt OrdersRole.Arn', `${IAM}:role/*`, 'same-template', 'OrdersRole'],
    ['!Ref OrdersRole', '*', 'same-template', 'OrdersRole'],
    ['!GetAtt OrdersRole.RoleId', '*', 'unknown', null],
    ['!GetAtt BucketRole.Arn', '*', 'unknown', null],
    ['!Ref ServerlessRestApi', '*', 'unknown', null],
    ['!GetAtt ServerlessRestApi.Arn', '*', 'unknown', null],
    ['!FindInMap [Added, a, b]', '*', 'parameter', null],
  ])('%s', (role, ...expected) => {
    expect(withFunction(role)).toEqual([expected])
  })
})

describe('the ARN of an instance profile that a template makes', () => {
  it.each<[string, ...string[]]>([
    ['', 'instance-profile/web'],
    ['Path: /app/,', 'instance-profile/app/web'],
    ['Path: !If [Maybe, /app/, !Ref AWS::NoValue],', 'instance-profile/app/web', 'instance-profile/web'],
  ])('has its path: %s', (path, ...expected) => {
    const extra = `  Web: { Type: AWS::IAM::InstanceProfile, Properties: { InstanceProfileName: web, ${path} Roles: [r] } }
  Start: { Type: AWS::AutoScaling::LaunchConfiguration, Properties: { IamInstanceProfile: !GetAtt Web.Arn } }
`
    const { needs } = templateNeeds('template.yaml', `${template('!Ref Given')}${extra}`, {
      ...NO_OPTIONS,
      environment: ENVIRONMENT,
      textAt: () => null,
    })
    const own = needs.filter(({ where }) => where.logicalId === 'Start')
    expect(own.map(({ role }) => patternOf(role.text))).toEqual(expected.map(each => `${IAM}:${each}`))
  })
})
