/** The change of every case: iam:PassRole on `app/orders-task` for ECS, granted to the role `orders-deploy`. */
import { describe, expect, it } from 'vitest'
import type { CodeChange } from '../../../iac/edit/code-change.ts'
import { type CodeCase, runCase } from './code-case.ts'

const TASK = 'arn:aws:iam::111122223333:role/app/orders-task'

function outcome(
  files: { readonly [path: string]: string },
  change: Partial<CodeCase['changes'][number]> = {},
): CodeChange {
  return runCase({
    ...{ name: '', about: '', source: '', files: { ...files } },
    changes: [{ on: 'role orders-deploy', adds: ['pass'], ...change }],
  })
}

const statement = (more = '', resource = `"${TASK}"`, effect = 'Allow', action = '"iam:PassRole"') =>
  `{ Effect = "${effect}", Action = ${action}, Resource = ${resource}${more} }`
const document = (...statements: readonly string[]) =>
  `jsonencode({ Version = "2012-10-17", Statement = [${statements.join(', ')}] })`
const ECS = ', Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }'
const role = (more = '', name = 'orders-deploy', label = 'deploy') =>
  `resource "aws_iam_role" "${label}" {\n  name = "${name}"\n  assume_role_policy = "{}"\n${more}}\n`
const inline = (body: string, more = '', label = 'other') =>
  `resource "aws_iam_role_policy" "${label}" {\n  name = "${label}"\n  role = aws_iam_role.deploy.name\n  policy = ${body}\n${more}}\n`
const managed = (body: string, more = '') =>
  `resource "aws_iam_policy" "pass" {\n  name = "pass"\n  policy = ${body}\n${more}}\n`
const attached = (more = '', arn = 'aws_iam_policy.pass.arn') =>
  `resource "aws_iam_role_policy_attachment" "pass" {\n  role = aws_iam_role.deploy.name\n  policy_arn = ${arn}\n${more}}\n`
const data = (more = '') =>
  `data "aws_iam_policy_document" "pass" {\n${more}  statement {\n    actions = ["iam:PassRole"]\n    resources = ["${TASK}"]\n  }\n}\n`
const GRANT = document(statement(ECS))

const template = (body: string, more = '') =>
  `Resources:\n  Deploy:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: orders-deploy\n${body}${more}`
const yamlDocument = (indent: string, effect = 'Allow', resource = TASK) =>
  `${indent}PolicyDocument:\n${indent}  Version: '2012-10-17'\n${indent}  Statement:\n${indent}    - Effect: ${effect}\n${indent}      Action: iam:PassRole\n${indent}      Resource: ${resource}\n`
const yamlInline = (...given: [effect?: string, resource?: string]) =>
  `      Policies:\n        - PolicyName: other\n${yamlDocument('          ', ...given)}`
const yamlManaged = (more = '', owner = 'Roles: [!Ref Deploy]') =>
  `  Pass:\n    Type: AWS::IAM::ManagedPolicy\n${more}    Properties:\n      ${owner}\n${yamlDocument('      ')}`
const sam = (policies: string) =>
  `Transform: AWS::Serverless-2016-10-31\nResources:\n  Run:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n      Policies:\n${policies}`
const samStatement = (effect = 'Allow') =>
  `        - Statement:\n            - Effect: ${effect}\n              Action: [iam:PassRole]\n              Resource: ['${TASK}']\n`

const ts = (body: string) => ({
  'lib/app.ts': `import * as cdk from 'aws-cdk-lib';\nimport * as iam from 'aws-cdk-lib/aws-iam';\n\nclass OrdersStack extends cdk.Stack {\n  constructor(scope: Construct, id: string) {\n    super(scope, id);\n${body}  }\n}\nconst app = new cdk.App();\nnew OrdersStack(app, 'OrdersStack');\n`,
})
const TS_ROLE = "    const role = new iam.Role(this, 'Deploy', { roleName: 'orders-deploy' });\n"
const TS_PASS = `new iam.PolicyStatement({ actions: ['iam:PassRole'], resources: ['${TASK}'] })`
const TS_TASK = "    const task = new iam.Role(this, 'Task', { roleName: 'orders-task', path: '/app/' });\n"
const py = (body: string) => ({
  'app.py': `from aws_cdk import App, Stack, aws_iam as iam\n\n\nclass OrdersStack(Stack):\n    def __init__(self, scope, id):\n        super().__init__(scope, id)\n${body}\n\napp = App()\nOrdersStack(app, "OrdersStack")\n`,
})
const PY_ROLE = '        role = iam.Role(self, "Deploy", role_name="orders-deploy")\n'
const PY_PASS = `iam.PolicyStatement(actions=["iam:PassRole"], resources=["${TASK}"])`

type Files = { readonly [path: string]: string }
const tf = (...parts: readonly string[]): Files => ({ 'main.tf': parts.join('') })

const PRESENT: { readonly [what: string]: Files } = {
  'Terraform: another policy without a Sid': tf(role(), inline(GRANT)),
  'Terraform: without a condition': tf(role(), inline(document(statement()))),
  'Terraform: a list and patterns': tf(
    role(),
    inline(document(statement('', `["arn:aws:iam::111122223333:role/app/*", "x"]`, 'Allow', '["iam:*"]'))),
  ),
  'Terraform: everything': tf(role(), inline(document(statement('', '"*"', 'Allow', '"*"')))),
  'Terraform: more services than needed': tf(
    role(),
    inline(
      document(
        statement(', Condition = { StringLike = { "iam:PassedToService" = ["lambda.*", "ecs-*.amazonaws.com"] } }'),
      ),
    ),
  ),
  'Terraform: an inline_policy of the role': tf(
    role(`  inline_policy {\n    name = "x"\n    policy = ${GRANT}\n  }\n`),
  ),
  'Terraform: an attached managed policy': tf(role(), managed(GRANT), attached()),
  'Terraform: a managed policy attached by its ARN': tf(
    role(),
    managed(GRANT),
    attached('', '"arn:aws:iam::111122223333:policy/pass"'),
  ),
  'Terraform: aws_iam_policy_attachment': tf(
    role(),
    managed(GRANT),
    'resource "aws_iam_policy_attachment" "pass" {\n  name = "a"\n  roles = ["else", aws_iam_role.deploy.name]\n  policy_arn = aws_iam_policy.pass.arn\n}\n',
  ),
  'Terraform: managed_policy_arns': tf(
    role('  managed_policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", aws_iam_policy.pass.arn]\n'),
    managed(GRANT),
  ),
  'Terraform: a data document, also one that others share': tf(
    role(),
    data(),
    inline('data.aws_iam_policy_document.pass.json'),
    'output "x" {\n  value = data.aws_iam_policy_document.pass.json\n}\n',
  ),
  'Terraform: the role of the code by its reference': tf(
    role(),
    role('  path = "/app/"\n', 'orders-task', 'task'),
    inline(document(statement('', 'aws_iam_role.task.arn'))),
  ),
  'Terraform: beside a Deny of something else': tf(
    role(),
    inline(document(statement(), statement('', '"arn:aws:iam::111122223333:role/admin"', 'Deny'))),
  ),
  'CloudFormation: another policy': { 't.yaml': template(yamlInline()) },
  'CloudFormation: a detached policy': {
    't.yaml': template(
      '',
      `  Other:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyName: x\n      Roles: [!Ref Deploy]\n${yamlDocument('      ')}`,
    ),
  },
  'CloudFormation: a managed policy that names the role': { 't.yaml': template('', yamlManaged()) },
  'CloudFormation: a managed policy that the role names': {
    't.yaml': template('      ManagedPolicyArns: [!Ref Pass]\n', yamlManaged('', 'Description: x')),
  },
  'CloudFormation: the role of the template by its reference': {
    't.yaml': template(
      yamlInline('Allow', '!GetAtt Task.Arn'),
      '  Task:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: orders-task\n      Path: /app/\n',
    ),
  },
  'Terraform: AdministratorAccess': tf(role(), attached('', '"arn:aws:iam::aws:policy/AdministratorAccess"')),
  'CloudFormation: AdministratorAccess': {
    't.yaml': template('      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"]\n'),
  },
  'CDK in TypeScript: a policy that is made where it is attached': ts(
    `${TS_ROLE}    role.attachInlinePolicy(new iam.Policy(this, 'Pass', { statements: [${TS_PASS}] }));\n`,
  ),
  'CDK in TypeScript: a managed policy that is made where it is attached': ts(
    `${TS_ROLE}    role.addManagedPolicy(new iam.ManagedPolicy(this, 'Pass', { statements: [${TS_PASS}] }));\n`,
  ),
  'CDK in Python: a policy that is made where it is attached': py(
    `${PY_ROLE}        role.attach_inline_policy(iam.Policy(self, "Pass", statements=[${PY_PASS}]))\n`,
  ),
  'CDK in TypeScript: a statement that is added': ts(`${TS_ROLE}    role.addToPolicy(${TS_PASS});\n`),
  'CDK in TypeScript: an effect, a Sid': ts(
    `${TS_ROLE}    role.addToPrincipalPolicy(${TS_PASS.replace('{ ', "{ sid: 'Mine', effect: iam.Effect.ALLOW, ")});\n`,
  ),
  'CDK in TypeScript: inlinePolicies': ts(
    `    new iam.Role(this, 'Deploy', { roleName: 'orders-deploy', inlinePolicies: { x: new iam.PolicyDocument({ statements: [${TS_PASS}] }) } });\n`,
  ),
  'CDK in TypeScript: a managed policy of the role': ts(
    `${TS_ROLE}    new iam.ManagedPolicy(this, 'Pass', { roles: [role], statements: [${TS_PASS}] });\n`,
  ),
  'CDK in TypeScript: a policy that is attached': ts(
    `${TS_ROLE}    const pass = new iam.ManagedPolicy(this, 'Pass', { statements: [${TS_PASS}] });\n    role.addManagedPolicy(pass);\n`,
  ),
  'CDK in TypeScript: grantPassRole': ts(`${TS_ROLE}${TS_TASK}    task.grantPassRole(role);\n`),
  'CDK in TypeScript: the construct of a snippet': ts(
    `${TS_ROLE}    new iam.CfnRolePolicy(this, 'P', { roleName: 'orders-deploy', policyName: 'x', policyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iam:PassRole', Resource: '${TASK}' }] } });\n`,
  ),
  'CDK in Python: a statement that is added': py(`${PY_ROLE}        role.add_to_policy(${PY_PASS})\n`),
  'CDK in Python: inline_policies': py(
    `        iam.Role(self, "Deploy", role_name="orders-deploy", inline_policies={"x": iam.PolicyDocument(statements=[${PY_PASS}])})\n`,
  ),
  'CDK in Python: a managed policy': py(
    `${PY_ROLE}        iam.ManagedPolicy(self, "Pass", roles=[role], statements=[${PY_PASS}])\n`,
  ),
}

const ABSENT: { readonly [what: string]: Files } = {
  'Terraform: for another service': tf(role(), inline(GRANT.replace('ecs-tasks', 'lambda'))),
  'Terraform: another role': tf(role(), inline(GRANT.replace('orders-task', 'orders-job'))),
  'Terraform: another action': tf(role(), inline(GRANT.replace('iam:PassRole', 'iam:GetRole'))),
  'Terraform: under a condition on something else': tf(
    role(),
    inline(document(statement(', Condition = { IpAddress = { "aws:SourceIp" = "10.0.0.0/8" } }'))),
  ),
  'Terraform: until a time': tf(
    role(),
    inline(document(statement(', Condition = { DateLessThan = { "aws:CurrentTime" = "2030-01-01T00:00:00Z" } }'))),
  ),
  'Terraform: a Deny beside it': tf(role(), inline(document(statement(), statement('', '"*"', 'Deny')))),
  'Terraform: a Deny in another policy': tf(
    role(),
    inline(GRANT),
    inline(document(statement('', '"*"', 'Deny', '"iam:*"')), '', 'deny'),
  ),
  'Terraform: a Deny under a condition': tf(
    role(),
    inline(
      document(
        statement(),
        statement(', Condition = { StringNotEquals = { "aws:RequestedRegion" = "eu-west-1" } }', '"*"', 'Deny'),
      ),
    ),
  ),
  'Terraform: a Deny that may be attached': tf(
    role(),
    inline(GRANT),
    managed(document(statement('', '"*"', 'Deny'))),
    attached('  count = var.locked ? 1 : 0\n'),
  ),
  'Terraform: a policy that only a switch makes': tf(role(), inline(GRANT, '  count = var.on ? 1 : 0\n')),
  'Terraform: a policy in a loop': tf(role(), inline(GRANT, '  for_each = toset(var.all)\n')),
  'Terraform: a policy of count 1': tf(role(), inline(GRANT, '  count = 1\n')),
  'Terraform: an attachment in a loop': tf(role(), managed(GRANT), attached('  for_each = toset(var.all)\n')),
  'Terraform: a managed policy that nothing attaches': tf(role(), managed(GRANT)),
  'Terraform: a module that a switch calls': {
    'main.tf': `module "deploy" {\n  source = "./deploy"\n  count = 1\n}\n`,
    'deploy/main.tf': role() + inline(GRANT),
  },
  'Terraform: the same role in another folder': {
    'prod/main.tf': inline(GRANT).replace('aws_iam_role.deploy.name', '"orders-deploy"'),
    'dev/main.tf': role(),
  },
  'Terraform: an open resource': tf(role(), inline(document(statement('', 'var.role')))),
  'Terraform: a document that a function makes': tf(role(), inline('templatefile("x.json", {})')),
  'Terraform: a data document with others in it': tf(
    role(),
    data('  override_policy_documents = [var.more]\n'),
    inline('data.aws_iam_policy_document.pass.json'),
  ),
  'Terraform: a change that it ignores': tf(
    role(),
    inline(GRANT, '  lifecycle {\n    ignore_changes = [policy]\n  }\n'),
  ),
  'CloudFormation: a Deny': { 't.yaml': template(yamlInline('Deny')) },
  'CloudFormation: an open resource': { 't.yaml': template(yamlInline('Allow', '!Ref Role')) },
  'CloudFormation: a managed policy under a condition': {
    't.yaml': template('', yamlManaged('    Condition: Prod\n')),
  },
  'CloudFormation: a managed policy of another role': {
    't.yaml': template('', yamlManaged('', 'Roles: [somebody]')),
  },
  'CloudFormation: a role under a condition': {
    't.yaml': template(yamlInline()).replace(
      '    Type: AWS::IAM::Role\n',
      '    Type: AWS::IAM::Role\n    Condition: Prod\n',
    ),
  },
  'CloudFormation: a policy that a function chooses': {
    't.yaml': template(
      `      Policies:\n        - Fn::If:\n          - Prod\n          - PolicyName: other\n${yamlDocument('            ')}          - !Ref AWS::NoValue\n`,
    ),
  },
  'Terraform: AdministratorAccess that a switch attaches': tf(
    role(),
    attached('  count = var.on ? 1 : 0\n', '"arn:aws:iam::aws:policy/AdministratorAccess"'),
  ),
  'Terraform: AdministratorAccess of another role': tf(
    role(),
    attached('', '"arn:aws:iam::aws:policy/AdministratorAccess"').replace('aws_iam_role.deploy.name', '"other"'),
  ),
  'CloudFormation: ReadOnlyAccess': {
    't.yaml': template('      ManagedPolicyArns: [arn:aws:iam::aws:policy/ReadOnlyAccess]\n'),
  },
  'CDK in TypeScript: in a branch': ts(`${TS_ROLE}    if (prod) {\n      role.addToPolicy(${TS_PASS});\n    }\n`),
  'CDK in TypeScript: in a loop': ts(
    `${TS_ROLE}    for (const x of all) {\n      role.addToPolicy(${TS_PASS});\n    }\n`,
  ),
  'CDK in TypeScript: behind a return': ts(`${TS_ROLE}    if (dev) return;\n    role.addToPolicy(${TS_PASS});\n`),
  'CDK in TypeScript: a Deny': ts(
    `${TS_ROLE}    role.addToPolicy(${TS_PASS});\n    role.addToPolicy(${TS_PASS.replace('{ ', '{ effect: iam.Effect.DENY, ')});\n`,
  ),
  'CDK in TypeScript: an open resource': ts(
    `${TS_ROLE}    role.addToPolicy(${TS_PASS.replace(`'${TASK}'`, 'arn')});\n`,
  ),
  'CDK in TypeScript: of another role': ts(`${TS_ROLE}${TS_TASK}    task.addToPolicy(${TS_PASS});\n`),
  'CDK in TypeScript: a policy that nothing attaches': ts(
    `${TS_ROLE}    new iam.ManagedPolicy(this, 'Pass', { statements: [${TS_PASS}] });\n`,
  ),
  'CDK in TypeScript: a choice of two': ts(
    `${TS_ROLE}    const pass = prod ? new iam.ManagedPolicy(this, 'Pass', { roles: [role], statements: [${TS_PASS}] }) : null;\n`,
  ),
  'CDK in Python: in a branch': py(`${PY_ROLE}        if prod:\n            role.add_to_policy(${PY_PASS})\n`),
  'CDK in Python: a Deny': py(
    `${PY_ROLE}        role.add_to_policy(${PY_PASS})\n        role.add_to_policy(${PY_PASS.replace('(', '(effect=iam.Effect.DENY, ')})\n`,
  ),
}

describe('code that grants the change already', () => {
  it.each(Object.entries(PRESENT))('is found, and not edited: %s', (_, files) => {
    const found = outcome(files)
    expect(found).toEqual({
      outcome: 'present',
      reason: expect.stringMatching(/^The code grants it already, in .+: deploy it\.$/),
    })
  })

  it.each(Object.entries(ABSENT))('is not taken for granted: %s', (_, files) => {
    expect(outcome(files).outcome).not.toBe('present')
  })

  it('names the function of SAM', () => {
    const on = { on: 'role s-RunRole-1A2B3C4D5E6F' }
    const crud = '        - AWSLambdaBasicExecutionRole\n        - DynamoDBCrudPolicy: { TableName: t }\n'
    expect(outcome({ 't.yaml': sam(samStatement() + crud) }, on)).toMatchObject({ outcome: 'present' })
    for (const more of [samStatement('Deny'), '        - !Ref Given\n', '        - AWSDenyAll\n'])
      expect(outcome({ 't.yaml': sam(samStatement() + more) }, on).outcome).not.toBe('present')
  })

  it('may be a trust policy', () => {
    const trust = (principal: string, more = '') =>
      tf(
        `resource "aws_iam_role" "deploy" {\n  name = "orders-deploy"\n  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = ${principal}, Action = ["sts:AssumeRole", "sts:TagSession"]${more} }] })\n}\n`,
      )
    const change = { on: 'trust orders-deploy', adds: ['trust-ci' as const] }
    const arn = 'arn:aws:iam::111122223333:role/ci-deploy'
    expect(outcome(trust(`{ AWS = ["x", "${arn}"] }`), change).outcome).toBe('present')
    expect(outcome(trust('"*"'), change).outcome).toBe('present')
    for (const other of ['{ AWS = "111122223333" }', '{ Service = "*" }', `{ AWS = "${arn}-2" }`])
      expect(outcome(trust(other), change).outcome).not.toBe('present')
    const mfa = ', Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }'
    expect(outcome(trust(`{ AWS = "${arn}" }`, mfa), change).outcome).not.toBe('present')
  })

  it('is what IAM does not have yet: a statement that is live and did not help is none', () => {
    const live = { Sid: 'Live', Effect: 'Allow', Action: 'iam:PassRole', Resource: TASK }
    const files = tf(role(), inline(document(statement(', Sid = "Live"')), '', 'own'))
    const change = { policy: 'own', before: [live], adds: ['pass' as const] }
    expect(outcome(files, change).outcome).toBe('exact')
  })

  it('leaves the other changes of a patch to be edited', () => {
    const files = tf(role(), inline(GRANT), role('', 'orders-other', 'more'))
    const found = runCase({
      ...{ name: '', about: '', source: '', files },
      changes: [
        { on: 'role orders-deploy', adds: ['pass'] },
        { on: 'role orders-other', adds: ['pass'] },
      ],
    })
    expect(found).toMatchObject({ outcome: 'exact', edits: [{ address: 'aws_iam_role.more' }] })
  })

  it('proves nothing where other code could not be read', () => {
    expect(outcome({ ...tf(role(), inline(GRANT)), 'broken.tf': 'resource {{{' }).outcome).toBe('draft')
  })
})
