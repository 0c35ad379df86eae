import { describe, expect, it } from 'vitest'
import type { CodeFormat } from '../../../core/patch/export/code.ts'
import type { PolicyChange } from '../../../core/patch/patch.ts'
import { loadParsers } from '../../../functions/adapters/syntax/parsers.ts'
import {
  hintsFromTags,
  type LeftOut,
  NO_CODE_HINTS,
  type SourceFile,
  snippetFormat,
} from '../../../iac/edit/code-change.ts'
import { editCode } from '../../../iac/edit/edit-code.ts'
import { isEditablePath, isSkippedFolder } from '../../../iac/edit/source-paths.ts'
import type { CodeKind } from '../../../iac/repository/code-kinds.ts'
import { changesOf, runCase } from './code-case.ts'
import { addressOf, editOf } from './edit-of.ts'

describe('which files are read', () => {
  it.each([
    ...[
      'main.tf',
      'a/b.tofu',
      'x.tfvars',
      't.yaml',
      't.yml',
      't.json',
      't.template',
      'lib/app.ts',
      'app.py',
      'live/terragrunt.hcl',
    ],
    ...['cdk.out/Orders.template.json', 'a/cdk.out/nested.template.json'],
  ])('reads %s', path => {
    expect(isEditablePath(path)).toBe(true)
  })

  it.each([
    ...[
      'README.md',
      'main.go',
      'x.tf.bak',
      'package-lock.json',
      'a/npm-shrinkwrap.json',
      'tsconfig.json',
      'lib/app.d.ts',
    ],
    ...['pnpm-lock.yaml', 'cdk.out/manifest.json', 'cdk.out/tree.json', 'a/cdk.out/x.yaml'],
  ])('does not read %s', path => {
    expect(isEditablePath(path)).toBe(false)
  })

  it('goes into no folder that tools make', () => {
    for (const folder of [
      '.git',
      'a/node_modules',
      '.terraform',
      '.aws-sam',
      '.venv',
      'venv',
      '__pycache__',
      'cdk.out/asset.1',
    ])
      expect([folder, isSkippedFolder(folder)]).toEqual([folder, true])
    for (const folder of ['src', 'git', 'node_modules2', 'cdk.out', 'assets', 'a/venvs'])
      expect([folder, isSkippedFolder(folder)]).toEqual([folder, false])
  })
})

describe('what tags say about where a role is defined', () => {
  it('is read from those of CloudFormation, CDK and Yor, and from no other', () => {
    const tags = {
      'aws:cloudformation:stack-name': 's',
      'aws:cloudformation:logical-id': 'L',
      'aws:cdk:path': 's/L/Resource',
      git_file: 'main.tf',
    }
    expect(hintsFromTags(tags)).toEqual({
      stackName: 's',
      logicalId: 'L',
      constructPath: 's/L/Resource',
      file: 'main.tf',
    })
    expect(hintsFromTags({ other: 'x' })).toEqual({ stackName: null, logicalId: null, constructPath: null, file: null })
  })
})

const TEMPLATE = 'Resources:\n  Task:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: orders\n'
const TERRAFORM = 'resource "aws_iam_role" "task" {\n  name = "orders"\n}\n'

describe('the kind of code', () => {
  it('is found by who makes the role, or is the one that the configuration names', () => {
    const both = { 't.yaml': TEMPLATE, 'main.tf': TERRAFORM }
    expect(addressOf({ 't.yaml': TEMPLATE }, 'role orders')).toBe('Task')
    expect(addressOf(both, 'role orders')).toBe(
      'Code of several kinds seems to make orders (terraform, cloudformation): name the kind in the configuration.',
    )
    expect(addressOf(both, 'role orders', { kind: 'terraform' })).toBe('aws_iam_role.task')
    for (const kind of ['cloudformation', 'sam'] as const) expect(addressOf(both, 'role orders', { kind })).toBe('Task')
    expect(addressOf(both, 'role orders', { kind: 'cdk-python' })).toMatch(/^No code here makes orders/)
  })

  it('cannot be said without files, and names those that could not be read', () => {
    expect(addressOf({}, 'role orders')).toBe('There is no file to read.')
    expect(addressOf({ 'main.tf': 'resource {{{' }, 'role orders')).toBe(
      'No code here makes orders; main.tf could not be read: add the snippet to the code that does.',
    )
  })

  it('decides how the snippet of a draft is written', () => {
    const snippet = (
      files: { readonly [path: string]: string },
      kind?: 'cdk-python' | 'sam' | 'terraform',
      on = 'role orders',
    ) => {
      const changes = [{ on, adds: ['pass' as const] }]
      const draft = runCase({ ...{ name: '', about: '', source: '', files: { ...files }, changes }, kind })
      return draft.outcome === 'draft' ? (draft.snippet ?? '') : 'exact'
    }
    const python = { 'cdk.json': '{}', 'app.py': 'import aws_cdk\n' }
    expect(snippet(python)).toContain('role.add_to_policy(iam.PolicyStatement(')
    expect(snippet({}, 'cdk-python', 'user ci')).toContain('user.add_to_policy(iam.PolicyStatement(')
    expect(snippet({}, 'cdk-python', 'trust orders')).toContain(
      'role.assume_role_policy.add_statements(iam.PolicyStatement(',
    )
    expect(snippet({ 'cdk.json': '{}', 'a.ts': '' })).toContain('new iam.CfnRolePolicy(')
    expect(snippet({ 't.yaml': 'a: 1' })).toContain('AWS::IAM::')
    expect(snippet({ 'main.tf': '' })).toContain('aws_iam_role_policy')
    expect(snippet({ ...python, 'main.tf': '' })).toContain('aws_iam_role_policy')
    expect(snippet({ 'README.md': '' })).toContain('aws_iam_role_policy')
    expect(snippet({ 't.yaml': 'a: 1' }, 'terraform')).toContain('aws_iam_role_policy')
    expect(snippet({}, 'sam')).toContain('AWS::IAM::')
  })
})

describe('the policies of a function of SAM', () => {
  const sam = (policies: string) => ({
    't.yaml': `Transform: AWS::Serverless-2016-10-31\nResources:\n  Run:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n${policies}`,
  })
  const on = 'role s-RunRole-1A2B3C4D5E6F'

  it('are not the trust policy, which SAM writes', () => {
    const trust = 'trust s-RunRole-1A2B3C4D5E6F'
    expect(editOf(sam(''), trust)).toBe(
      'Run (t.yaml): SAM writes the trust policy of its role: give it an AssumeRolePolicyDocument with its own service and the statement below.',
    )
    expect(editOf(sam('      AssumeRolePolicyDocument: !Ref Trust\n'), trust)).not.toContain('SAM writes')
    expect(editOf(sam('      AssumeRolePolicyDocument: { Statement: [] }\n'), trust)).toMatch(/^Run\n/)
  })

  it('get a document beside names, templates and documents', () => {
    for (const policies of [
      '      Policies:\n        - AWSXrayWriteOnlyAccess\n',
      '      Policies:\n        - S3ReadPolicy: { BucketName: b }\n',
      '      Policies:\n        - Statement:\n            - { Effect: Allow, Action: "s3:GetObject", Resource: "*" }\n',
    ])
      expect(editOf(sam(policies), on).split('\n').slice(0, 2)).toEqual(['Run', '        - Version: "2012-10-17"'])
    expect(editOf(sam('      Policies: AWSXrayWriteOnlyAccess\n'), on).split('\n')[0]).toBe('Run')
    expect(editOf(sam('      Policies:\n        - Statement:\n            - { Sid: Rolemedic1a2b3c4d }\n'), on)).toBe(
      'Run (t.yaml): it already has a statement with the same Sid.',
    )
  })
})

describe('code that could not be read', () => {
  const role = 'resource "aws_iam_role" "task" {\n  name = "orders"\n}\n'
  const named = `variable "name" {\n  default = "orders"\n}\n\n${role.replace('"orders"', 'var.name')}`
  const template = `Resources:
  Task:
    Type: AWS::IAM::Role
    Properties:
      RoleName: orders
      AssumeRolePolicyDocument: { Statement: [] }
`
  const stack = `import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
const app = new cdk.App();
const stack = new cdk.Stack(app, 'Orders');
const role = new iam.Role(stack, 'Task', { roleName: 'orders' });
`
  it.each([
    ['Terraform with a mistake', { 'a.tf': role }, { 'b.tf': 'resource "aws_iam_role" "x" { name = "orders"' }],
    ['values with a mistake', { 'a.tf': named }, { 'terraform.tfvars': 'name = "other' }],
    ['values in JSON with a mistake', { 'a.tf': named }, { 'terraform.tfvars.json': '{ "name": other }' }],
    ['values in JSON that are a list', { 'a.tf': named }, { 'x.auto.tfvars.json': '[{ "name": "other" }]' }],
    ['values in JSON that stand twice', { 'a.tf': named }, { 'x.auto.tfvars.json': '{ "name": "a", "name": "b" }' }],
    ['Terraform in JSON', { 'a.tf': role }, { 'b.tf.json': '{ "resource": {} }' }],
    ['a template with a mistake', { 'a.yaml': template }, { 'b.yaml': `${template}    bad: [` }],
    ['a template with an unknown macro', { 'a.yaml': template }, { 'b.yaml': `Transform: Mine\n${template}` }],
    ['TypeScript with a mistake', { 'a.ts': stack }, { 'b.ts': `${stack}new iam.Role(` }],
    ['code of another kind with a mistake', { 'a.tf': role }, { 'b.yaml': `${template}    bad: [` }],
  ])('may make the role too, or decide its values: %s', (_, code, more) => {
    expect(editOf(code, 'role orders')).toContain('Rolemedic1a2b3c4d')
    expect(editOf({ ...code, ...more }, 'role orders')).toBe(
      `${Object.keys(more)[0]} could not be read, and may make orders too or decide its values: repair the code, or name the folder that makes it.`,
    )
  })

  it('does not matter where it makes no role', () => {
    const queue = 'Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    bad: ['
    expect(addressOf({ 'a.yaml': template, 'b.yaml': queue }, 'role orders')).toBe('Task')
  })
})

it.each([
  ['infra/Pulumi.yaml', 'name: orders\nruntime: nodejs\n', 'Pulumi'],
  ['serverless.yml', 'service: orders\nprovider:\n  name: aws\n', 'the Serverless Framework'],
  ['cdktf.json', '{ "language": "python", "app": "python3 main.py" }', 'the CDK for Terraform'],
  ['live/terragrunt.hcl', 'terraform {\n  source = "git::https://github.com/acme/m.git"\n}\n', 'Terragrunt'],
  ['cdk.json', '{ "app": "mvn -e -q compile exec:java" }', 'the CDK in another language than TypeScript and Python'],
  [
    'cdk.json',
    '{ "app": "go mod download && go run app.go" }',
    'the CDK in another language than TypeScript and Python',
  ],
  [
    'cdk.json',
    '{ "app": "dotnet run --project src/Cdk.csproj" }',
    'the CDK in another language than TypeScript and Python',
  ],
])('code that is not read may make the role, and is named: %s %s', (path, text, tool) => {
  expect(editOf({ 'a.tf': 'locals {}\n', [path]: text }, 'role orders')).toBe(
    `No code that is read here makes orders. ${path} is of ${tool}, whose code is not read: add the change there if it makes orders.`,
  )
})

it.each([
  ['cdk.json', '{ "app": "npx ts-node bin/app.ts" }'],
  ['cdk.json', '{ "app": "python3 app.py" }'],
  ['serverless.yml', 'Resources: {}\n'],
  ['docs/Pulumi.yaml', 'a: b\n'],
])('code of another tool is not named for %s %s', (path, text) => {
  expect(editOf({ 'a.tf': 'locals {}\n', [path]: text }, 'role orders')).toMatch(/^No code here makes orders/)
})

it.each(['cloudformation', 'sam'] as const)('a template of kind %s is edited as one', kind => {
  const role = 'Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: orders\n'
  expect(editOf({ 'template.yaml': role }, 'role orders', { kind }).split('\n').slice(0, 3)).toEqual([
    'Role',
    '      Policies:',
    '        - PolicyName: rolemedic',
  ])
})

describe('a file that is too long to read', () => {
  const role = 'resource "aws_iam_role" "task" {\n  name = "orders"\n}\n'
  const edited = (path: string, kind?: 'terraform' | 'cdk-python') =>
    editOf({ 'main.tf': role, [path]: ' '.repeat(1_048_577) }, 'role orders', kind === undefined ? {} : { kind }).split(
      '\n',
    )[0]

  it.each([undefined, 'terraform'] as const)('may make the role as well: kind %s', kind => {
    expect(edited('big.tf', kind)).toBe(
      'big.tf could not be read, and may make orders too or decide its values: repair the code, or name the folder that makes it.',
    )
  })

  it('makes no role where it is code of another kind than the one that is named', () => {
    expect(edited('big.py', 'terraform')).toBe('aws_iam_role.task')
    expect(edited('big.md')).toBe('aws_iam_role.task')
  })
})

describe('a list of changes', () => {
  const [GRANT] = changesOf({
    ...{ name: '', about: '', source: '', files: {} },
    changes: [{ on: 'role orders', adds: ['pass'] }],
  })
  if (GRANT === undefined) throw new Error('no change')
  const FILE = { path: 'main.tf', text: 'resource "aws_iam_role" "task" {\n  name = "orders"\n}\n' }
  const edit = async (changes: readonly PolicyChange[], files: readonly SourceFile[], leftOut?: LeftOut) =>
    editCode(changes, files, NO_CODE_HINTS, await loadParsers(), leftOut)

  it('that is empty edits nothing', async () => {
    expect(await edit([], [FILE])).toEqual({ outcome: 'draft', snippet: null, reason: 'There is no change.' })
  })

  it('edits nothing where a part of the code was not listed or not read', async () => {
    expect(await edit([GRANT], [FILE])).toMatchObject({ outcome: 'exact' })
    expect(await edit([GRANT], [FILE], { paths: [], isCut: true })).toMatchObject({
      outcome: 'draft',
      reason:
        'There are more files than rolemedic reads, so that another one may make the role too: name the folder of its code.',
    })
    expect(await edit([GRANT], [FILE], { paths: ['other.tf'], isCut: false })).toMatchObject({
      reason: expect.stringMatching(/^other\.tf could not be read, and may make orders too/),
    })
  })

  it('edits code beside a file of a million characters, and not beside a longer one', async () => {
    const long = (chars: number) => ({ path: 'data.py', text: 'x'.repeat(chars) })
    expect(await edit([GRANT], [FILE, long(1_048_576)])).toMatchObject({ outcome: 'exact' })
    expect(await edit([GRANT], [FILE, long(1_048_577)])).toMatchObject({
      reason: expect.stringMatching(/^data\.py could not be read, and may make orders too/),
    })
  })
})

it.each<[CodeKind, CodeFormat]>([
  ['terraform', 'terraform'],
  ['cloudformation', 'cloudformation'],
  ['sam', 'cloudformation'],
  ['cdk-typescript', 'cdk'],
  ['cdk-python', 'cdk'],
])('code of kind %s has snippets as %s', (kind, format) => {
  expect(snippetFormat(kind)).toBe(format)
})
