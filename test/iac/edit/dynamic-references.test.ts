/** `{{resolve:…}}`, which CloudFormation resolves during a deploy anywhere in a template. */
import { describe, expect, it } from 'vitest'
import { CODE_FORMATS, changesAs } from '../../../core/patch/export/code.ts'
import { hasDynamicReference } from '../../../core/patch/export/dynamic-reference.ts'
import { ACCOUNT, changesOf } from './code-case.ts'
import { editOf } from './edit-of.ts'

const REFERENCE = '{{resolve:ssm:/x}}'
const NOT_IN_TEMPLATES = 'so that no template can hold it'
const ONLY_THE_DEPLOY = 'a dynamic reference, which only the deploy knows'

type Role = { readonly name?: string; readonly path?: string; readonly policies?: string; readonly more?: string }
const yaml = ({ name = 'orders', path = '', policies = '', more = '' }: Role = {}) => `Resources:
  Task:
    Type: AWS::IAM::Role
    Properties:
      RoleName: ${name}
${path === '' ? '' : `      Path: ${path}\n`}      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] }
${policies}${more}`
const template = (role?: Role) => ({ 'template.yaml': yaml(role) })
const sam = (more = '') => ({
  'template.yaml': `Transform: AWS::Serverless-2016-10-31
Resources:
  Task:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs24.x
${more}`,
})
const typescript = (props = `roleName: 'orders'`) => ({
  'app.ts': `import * as cdk from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'

class OrdersStack extends cdk.Stack {
  constructor(scope: cdk.App, id: string) {
    super(scope, id)
    const role = new iam.Role(this, 'Task', { ${props}, assumedBy: new iam.AccountRootPrincipal() })
  }
}
new OrdersStack(new cdk.App(), 'OrdersStack')
`,
})
const python = (props = 'role_name="orders"') => ({
  'app.py': `from aws_cdk import App, Stack, aws_iam as iam


class OrdersStack(Stack):
    def __init__(self, scope, construct_id):
        super().__init__(scope, construct_id)
        role = iam.Role(self, "Task", ${props}, assumed_by=iam.AccountRootPrincipal())

app = App()
OrdersStack(app, "OrdersStack")
`,
})

const KINDS: readonly (readonly [string, { readonly [path: string]: string }, string])[] = [
  ['CloudFormation', template(), 'role orders'],
  ['SAM', sam(), 'role shop-TaskRole-aBcDeFgHiJkL'],
  ['CDK in TypeScript', typescript(), 'role orders'],
  ['CDK in Python', python(), 'role orders'],
]

const pass = (more: object = {}) => ({
  Sid: 'Rolemedic1a2b3c4d',
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: `arn:aws:iam::${ACCOUNT}:role/orders-task`,
  ...more,
})
/**
 * IAM allows every character from `!` to DEL in a path.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
 */
const CHANGES: readonly (readonly [string, object])[] = [
  ['the path of the passed role', pass({ Resource: `arn:aws:iam::${ACCOUNT}:role/${REFERENCE}/orders-task` })],
  ['one of several resources', pass({ Resource: ['arn:aws:iam::*:role/a', `arn:aws:iam::*:role/${REFERENCE}/b`] })],
  ['the value of a condition', pass({ Condition: { StringEquals: { 'iam:PassedToService': REFERENCE } } })],
  ['one of several values', pass({ Condition: { StringEquals: { 'aws:RequestTag/a': ['b', `c-${REFERENCE}`] } } })],
  ['the key of a condition', pass({ Condition: { StringEquals: { [`aws:RequestTag/${REFERENCE}`]: 'b' } } })],
  ['a reference to a secret', pass({ Resource: 'arn:aws:iam::*:role/{{resolve:secretsmanager:a:SecretString:b}}' })],
]

describe.each(KINDS)('a change in %s', (_, files, on) => {
  it('is an exact edit without a dynamic reference', () => {
    expect(editOf(files, on, { after: [pass()] })).toContain(`role/orders-task`)
  })

  it.each(CHANGES)('is a draft with one in %s', (_name, statement) => {
    expect(editOf(files, on, { after: [statement as { [key: string]: unknown }] })).toContain(NOT_IN_TEMPLATES)
  })
})

it('is text like any other in Terraform', () => {
  const main = 'resource "aws_iam_role" "task" {\n  name               = "orders"\n  assume_role_policy = "{}"\n}\n'
  const after = [pass({ Resource: `arn:aws:iam::${ACCOUNT}:role/${REFERENCE}/orders-task` })]
  expect(editOf({ 'main.tf': main }, 'role orders', { after })).toContain(`role/${REFERENCE}/orders-task`)
})

describe('a role of a template', () => {
  it.each<[string, Role]>([
    ['its path', { path: `'/${REFERENCE}/'` }],
    ['its path, whole', { path: `'${REFERENCE}'` }],
    ['its path, in a function', { path: `!Sub '/{{resolve:ssm:/\${AWS::StackName}/path}}/'` }],
    ['its path, made of parts', { path: `!Join ['', ['/{{resolve', ':ssm:/x}}', '/']]` }],
    ['its path, with spaces', { path: `'/{{ resolve:ssm:/x }}/'` }],
    ['its name, as one of the parts', { name: `!Join ['', ['ord', '{{resolve:ssm:/x}}']]` }],
    ['its name', { name: `'ord${REFERENCE}'` }],
  ])('is not edited with a dynamic reference in %s', (_, role) => {
    expect(editOf(template(role), 'role orders')).toMatch(/a dynamic reference|its name depends on values/)
  })

  it.each([
    ['the default of a parameter', '!Ref Path', "'/{{resolve:ssm:/x}}/'"],
    ['a default that a function completes', `!Sub '/\${Path}:ssm:/x}}/'`, `'{{resolve'`],
  ])('is not edited with a dynamic reference in its path by %s', (_, path, byDefault) => {
    const files = template({ path, more: `Parameters:\n  Path: { Type: String, Default: ${byDefault} }\n` })
    expect(editOf(files, 'role orders')).toContain(ONLY_THE_DEPLOY)
  })

  it('is not taken for the one whose path is written like a reference', () => {
    expect(editOf(template({ path: `'/${REFERENCE}/'` }), `role ${REFERENCE}/orders`)).toContain(NOT_IN_TEMPLATES)
  })

  const policy = (resource: string, more = '') => `      Policies:
        - PolicyName: own
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - { Effect: Allow, Action: 's3:GetObject', Resource: '*'${more} }
              - { Effect: Allow, Action: 's3:PutObject', Resource: ${resource} }
`
  const given = {
    policy: 'own',
    before: [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' },
      { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' },
    ],
    adds: ['pass' as const],
  }
  it.each([
    ['a resource', policy(`'arn:aws:s3:::${REFERENCE}'`)],
    ['a resource in a function', policy(`!Sub 'arn:aws:s3:::{{resolve:ssm:/\${AWS::Region}/x}}'`)],
    ['a resource made of parts', policy(`!Join [':', ['arn:aws:s3::', '{{resolve', 'ssm', '/x}}']]`)],
    ['a condition', policy(`'*'`, `, Condition: { StringEquals: { 'aws:SourceVpc': '${REFERENCE}' } }`)],
  ])('is not edited with one in the policy that changes: %s', (_, policies) => {
    expect(editOf(template({ policies }), 'role orders', given)).toContain(ONLY_THE_DEPLOY)
  })

  it.each([
    ['another policy', template({ policies: policy(`'arn:aws:s3:::${REFERENCE}'`) })],
    ['its description', template({ more: `      Description: '${REFERENCE}'\n` })],
    [
      'another resource',
      template({
        more: `  Other:\n    Type: AWS::IAM::User\n    Properties: { Path: '/${REFERENCE}/', UserName: other }\n`,
      }),
    ],
  ])('is edited with one in %s', (_, files) => {
    expect(editOf(files, 'role orders')).toContain('iam:PassRole')
  })

  it('is not edited with one in the path of the role of a function', () => {
    expect(editOf(sam(`      RolePath: '/${REFERENCE}/'\n`), 'role shop-TaskRole-aBcDeFgHiJkL')).toContain(
      ONLY_THE_DEPLOY,
    )
  })
})

describe('a role of a CDK app', () => {
  it.each([
    ['its path', typescript(`roleName: 'orders', path: '/${REFERENCE}/'`)],
    [
      'its path, as a call',
      typescript(
        `roleName: 'orders', path: new cdk.CfnDynamicReference(cdk.CfnDynamicReferenceService.SSM, '/x').toString()`,
      ),
    ],
    ['its path, in Python', python(`role_name="orders", path="/${REFERENCE}/"`)],
    ['its path, in a template string', typescript(`roleName: 'orders', path: \`/{{resolve:ssm:\${id}}}/\``)],
  ])('is not edited with a dynamic reference in %s', (_, files) => {
    expect(editOf(files, 'role orders')).toContain(ONLY_THE_DEPLOY)
  })

  it.each([
    ['TypeScript', typescript(`roleName: 'ord${REFERENCE}'`)],
    ['Python', python(`role_name="ord${REFERENCE}"`)],
  ])('may have any name with one in it, in %s', (_, files) => {
    expect(editOf(files, 'role orders')).toContain('its name has to be run to be known')
  })
})

describe('the snippet of a change', () => {
  const changes = (statement: object) =>
    changesOf({
      ...{ name: '', about: '', source: '', files: {} },
      changes: [{ on: 'role orders', after: [statement as { [key: string]: unknown }] }],
    })

  it.each(CHANGES)('has no template that CloudFormation would change: %s', (_, statement) => {
    for (const format of ['cloudformation', 'cdk'] as const) {
      const snippet = changesAs(format, changes(statement))
      expect(snippet).toContain(NOT_IN_TEMPLATES)
      expect(snippet.split('\n').filter(line => line !== '' && !/^(#|\/\/)/.test(line))).toEqual([])
    }
  })

  it('is written in each format without one', () => {
    for (const format of CODE_FORMATS) expect(changesAs(format, changes(pass()))).toContain('role/orders-task')
  })
})

it.each<[unknown, boolean]>([
  [REFERENCE, true],
  ['{{RESOLVE:ssm:x', true],
  [{ a: [{ b: REFERENCE }] }, true],
  [{ [REFERENCE]: 1 }, true],
  ['{resolve:ssm:/x}', false],
  ['${aws:username}', false],
  [null, false],
])('finds a dynamic reference in %j: %s', (value, wanted) => {
  expect(hasDynamicReference(value)).toBe(wanted)
})
