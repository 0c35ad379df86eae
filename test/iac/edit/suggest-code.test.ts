import { beforeAll, describe, expect, it } from 'vitest'
import { type SuggestedStatement, statementFor } from '../../../core/published-actions/index.ts'
import { publishedActions } from '../../../core/service-actions/index.ts'
import { loadParsers } from '../../../functions/adapters/syntax/index.ts'
import { type CodeHints, type Parsers, suggestCode } from '../../../iac/edit/index.ts'

const published = publishedActions()
const ROLE = 'arn:aws:iam::111122223333:role/orders-deploy'
const SESSION = 'arn:aws:sts::111122223333:assumed-role/orders-deploy/run-1'

function statements(...needs: readonly (readonly [action: string, resource: string])[]): readonly SuggestedStatement[] {
  return needs.flatMap(([action, resource]) => {
    const denial = { action, resource, principal: ROLE, layer: 'identity', isExplicit: false, policyArn: null } as const
    const answer = statementFor(denial, { region: 'eu-west-1', accountId: '111122223333' }, published)
    return answer.kind === 'suggested' ? [answer.statement] : []
  })
}
const NEEDS = statements(['s3:CreateBucket', 'arn:aws:s3:::orders-files'], ['ec2:DescribeVpcs', '*'])
const NO_HINTS: CodeHints = { kind: null, entities: new Map() }

let parsers: Parsers
beforeAll(async () => {
  parsers = await loadParsers()
})
const suggested = (files: { readonly [path: string]: string }, principal = SESSION, needs = NEEDS, hints = NO_HINTS) =>
  suggestCode(
    principal,
    needs,
    Object.entries(files).map(([path, text]) => ({ path, text })),
    hints,
    parsers,
  )

const TERRAFORM = `resource "aws_iam_role" "deploy" {
  name               = "orders-deploy"
  assume_role_policy = "{}"
}
`
const TEMPLATE = `Resources:
  DeployRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: orders-deploy
      AssumeRolePolicyDocument: {}
`
const SAM = `Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
`
const TYPESCRIPT = `import { App, Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
const stack = new Stack(new App(), 'Orders')
const role = new iam.Role(stack, 'Deploy', { roleName: 'orders-deploy', assumedBy: new iam.AccountRootPrincipal() })
`
const PYTHON = `from aws_cdk import App, Stack, aws_iam as iam
stack = Stack(App(), "Orders")
role = iam.Role(stack, "Deploy", role_name="orders-deploy", assumed_by=iam.AccountRootPrincipal())
`

describe('the code for statements of other actions', () => {
  it('is a resource of Terraform, for the role that the code makes', () => {
    expect(suggested({ 'roles.tf': TERRAFORM })).toEqual({
      outcome: 'draft',
      reason: 'rolemedic edits code for its own actions alone: add the snippet for aws_iam_role.deploy (roles.tf).',
      snippet: `# Inline policy deploy of role orders-deploy in account 111122223333.
resource "aws_iam_role_policy" "orders_deploy_rolemedic" {
  name   = "deploy"
  role   = "orders-deploy"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "s3:CreateBucket"
      Resource = "arn:aws:s3:::orders-files"
    }, {
      Effect = "Allow"
      Action = "ec2:DescribeVpcs"
      Resource = "*"
    }]
  })
}
`,
    })
  })

  it.each([
    ['CloudFormation', { 'template.yaml': TEMPLATE }, 'DeployRole (template.yaml)', 'Type: "AWS::IAM::RolePolicy"'],
    ['the CDK in TypeScript', { 'app.ts': TYPESCRIPT }, 'Orders/Deploy (app.ts)', 'new iam.CfnRolePolicy('],
    ['the CDK in Python', { 'app.py': PYTHON }, 'Orders/Deploy (app.py)', 'role.add_to_policy(iam.PolicyStatement('],
  ])('is in the language of %s', (_, files, place, words) => {
    const draft = suggested(files)
    expect(draft?.reason).toBe(`rolemedic edits code for its own actions alone: add the snippet for ${place}.`)
    expect(draft?.snippet).toContain(words)
    expect(draft?.snippet).toContain('s3:CreateBucket')
  })

  it('names the function for which SAM makes the role', () => {
    const principal = 'arn:aws:sts::111122223333:assumed-role/shop-OrdersRole-1ABCDEFGHIJK2/shop'
    expect(suggested({ 'template.yaml': SAM }, principal)?.reason).toContain('Orders (template.yaml)')
  })

  it('has no place where no code here makes the role, or another path does', () => {
    expect(suggested({ 'main.tf': 'resource "aws_s3_bucket" "files" {}\n' })).toMatchObject({
      outcome: 'draft',
      reason: 'No code here makes orders-deploy: add the snippet to the code that does.',
    })
    const reason = suggested({ 'roles.tf': TERRAFORM.replace('  assume', '  path = "/app/"\n  assume') })?.reason
    expect(reason).toContain('aws_iam_role.deploy (roles.tf) has the name orders-deploy under the path /app/')
  })

  it('is asked for where two kinds of code make the role', () => {
    expect(suggested({ 'roles.tf': TERRAFORM, 'template.yaml': TEMPLATE })?.reason).toBe(
      'aws_iam_role.deploy (roles.tf) and DeployRole (template.yaml) could each make orders-deploy: add the snippet to one.',
    )
  })

  it('is one policy of a user', () => {
    const draft = suggested({}, 'arn:aws:iam::111122223333:user/ci')
    expect(draft?.snippet).toContain('resource "aws_iam_user_policy"')
  })

  it.each([
    ['an Identity Center role', 'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Dev_0123456789abcdef/ada'],
    ['a service-linked role', 'arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'],
    ['a service', 'cloudformation.amazonaws.com'],
    ['a masked account', 'arn:aws:sts::************:assumed-role/orders-deploy/run-1'],
    ['a name that is no name', 'arn:aws:iam::111122223333:role/x" } resource "aws_iam_user" "y" {'],
  ])('is not made for %s', (_, principal) => {
    expect(suggested({ 'roles.tf': TERRAFORM }, principal)).toBeNull()
  })

  it('is not made without a statement', () => {
    expect(suggested({ 'roles.tf': TERRAFORM }, SESSION, [])).toBeNull()
  })
})
