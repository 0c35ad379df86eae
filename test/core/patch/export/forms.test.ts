import { describe, expect, it } from 'vitest'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import {
  CODE_FORMATS,
  type CodeFormat,
  changeAs,
  changesAs,
  commentAs,
  commentedAs,
  fenceOf,
  handOverAs,
} from '../../../../core/patch/export/code.ts'
import { changeComment, iamPathOf, pascalName, snakeName } from '../../../../core/patch/export/names.ts'
import type { Target, TargetKind } from '../../../../core/patch/patch.ts'

const ROLE = 'arn:aws:iam::111122223333:role/ci/app'
const STATEMENT: Statement = { Sid: 'A', Effect: 'Allow', Action: ['iam:PassRole', 'iam:GetRole'], Resource: ROLE }
const AFTER: PolicyDocument = { Version: '2012-10-17', Statement: [STATEMENT] }

const target = (kind: TargetKind, name: string, arn: string, policyName: string | null = null): Target => ({
  kind,
  accountId: '111122223333',
  name,
  policyName,
  arn,
})
const TARGETS: { readonly [kind in TargetKind]: Target } = {
  'role-inline-policy': target('role-inline-policy', 'app', ROLE, 'rolemedic'),
  'user-inline-policy': target('user-inline-policy', 'ana', 'arn:aws:iam::111122223333:user/ana', 'rolemedic'),
  'managed-policy': target('managed-policy', 'deploy', 'arn:aws:iam::111122223333:policy/team/deploy'),
  'role-trust-policy': target('role-trust-policy', 'app', ROLE),
  'permission-set-inline-policy': target(
    'permission-set-inline-policy',
    'Deploy',
    'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Deploy_0123456789abcdef',
  ),
}
const changeOf = (kind: TargetKind, before: PolicyDocument | null = null) => ({
  target: TARGETS[kind],
  before,
  after: AFTER,
})

const ABOVE: { readonly [kind in TargetKind]: string } = {
  'role-inline-policy': 'Inline policy rolemedic of role app in account 111122223333.',
  'user-inline-policy': 'Inline policy rolemedic of user ana in account 111122223333.',
  'managed-policy': 'Managed policy deploy in account 111122223333.',
  'role-trust-policy': 'Trust policy of role app in account 111122223333.',
  'permission-set-inline-policy': 'Inline policy of permission set Deploy in account 111122223333.',
}

const HCL = `jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid = "A"
      Effect = "Allow"
      Action = ["iam:PassRole", "iam:GetRole"]
      Resource = "${ROLE}"
    }]
  })`
const TERRAFORM: { readonly [kind in TargetKind]: string } = {
  'role-inline-policy': `resource "aws_iam_role_policy" "app_rolemedic" {
  name   = "rolemedic"
  role   = "app"
  policy = ${HCL}
}`,
  'user-inline-policy': `resource "aws_iam_user_policy" "ana_rolemedic" {
  name   = "rolemedic"
  user   = "ana"
  policy = ${HCL}
}`,
  'managed-policy': `resource "aws_iam_policy" "deploy" {
  name   = "deploy"
  path   = "/team/"
  policy = ${HCL}
}`,
  'role-trust-policy': `resource "aws_iam_role" "app" {
  name               = "app"
  path               = "/ci/"
  assume_role_policy = ${HCL}
}`,
  'permission-set-inline-policy': `data "aws_ssoadmin_instances" "this" {}

data "aws_ssoadmin_permission_set" "deploy" {
  instance_arn = tolist(data.aws_ssoadmin_instances.this.arns)[0]
  name         = "Deploy"
}

resource "aws_ssoadmin_permission_set_inline_policy" "deploy" {
  instance_arn       = tolist(data.aws_ssoadmin_instances.this.arns)[0]
  permission_set_arn = data.aws_ssoadmin_permission_set.deploy.arn
  inline_policy      = ${HCL}
}`,
}

const TS = `{
      Version: '2012-10-17',
      Statement: [{
        Sid: 'A',
        Effect: 'Allow',
        Action: ['iam:PassRole', 'iam:GetRole'],
        Resource: '${ROLE}',
      }],
    }`
const inTs = (name: string, construct: string, props: readonly string[], module = 'aws_iam as iam', parameter = '') =>
  `import { ${module} } from 'aws-cdk-lib'
import type { Construct } from 'constructs'

export function add${name}Rolemedic(scope: Construct${parameter}) {
  return new ${construct}(scope, '${name}Rolemedic', {
${props.map(prop => `    ${prop},\n`).join('')}  })
}
`
const CDK: { readonly [kind in TargetKind]: string } = {
  'role-inline-policy': inTs('App', 'iam.CfnRolePolicy', [
    `roleName: 'app'`,
    `policyName: 'rolemedic'`,
    `policyDocument: ${TS}`,
  ]),
  'user-inline-policy': inTs('Ana', 'iam.CfnUserPolicy', [
    `userName: 'ana'`,
    `policyName: 'rolemedic'`,
    `policyDocument: ${TS}`,
  ]),
  'managed-policy': inTs('Deploy', 'iam.CfnManagedPolicy', [
    `managedPolicyName: 'deploy'`,
    `path: '/team/'`,
    `policyDocument: ${TS}`,
  ]),
  'role-trust-policy': inTs('App', 'iam.CfnRole', [
    `roleName: 'app'`,
    `path: '/ci/'`,
    `assumeRolePolicyDocument: ${TS}`,
  ]),
  'permission-set-inline-policy': inTs(
    'Deploy',
    'sso.CfnPermissionSet',
    ['instanceArn: identityCenterInstanceArn', `name: 'Deploy'`, `inlinePolicy: ${TS}`],
    'aws_sso as sso',
    ', identityCenterInstanceArn: string',
  ),
}

const YAML = `
        Version: "2012-10-17"
        Statement:
          - Sid: "A"
            Effect: "Allow"
            Action:
              - "iam:PassRole"
              - "iam:GetRole"
            Resource: "${ROLE}"
`
const inYaml = (id: string, type: string, properties: string, parameters = '') =>
  `${parameters}Resources:\n  ${id}:\n    Type: "${type}"\n    Properties:\n${properties}:${YAML}`
const CLOUDFORMATION: { readonly [kind in TargetKind]: string } = {
  'role-inline-policy': inYaml(
    'AppRolemedic',
    'AWS::IAM::RolePolicy',
    '      RoleName: "app"\n      PolicyName: "rolemedic"\n      PolicyDocument',
  ),
  'user-inline-policy': inYaml(
    'AnaRolemedic',
    'AWS::IAM::UserPolicy',
    '      UserName: "ana"\n      PolicyName: "rolemedic"\n      PolicyDocument',
  ),
  'managed-policy': inYaml(
    'DeployRolemedic',
    'AWS::IAM::ManagedPolicy',
    '      ManagedPolicyName: "deploy"\n      Path: "/team/"\n      PolicyDocument',
  ),
  'role-trust-policy': inYaml(
    'AppRolemedic',
    'AWS::IAM::Role',
    '      RoleName: "app"\n      Path: "/ci/"\n      AssumeRolePolicyDocument',
  ),
  'permission-set-inline-policy': inYaml(
    'DeployRolemedic',
    'AWS::SSO::PermissionSet',
    '      InstanceArn:\n        Ref: "IdentityCenterInstanceArn"\n      Name: "Deploy"\n      InlinePolicy',
    'Parameters:\n  IdentityCenterInstanceArn:\n    Type: "String"\n',
  ),
}

const WORD = `'${JSON.stringify(AFTER)}'`
const CLI: { readonly [kind in TargetKind]: string } = {
  'role-inline-policy': `aws iam put-role-policy --role-name app --policy-name rolemedic --policy-document ${WORD}`,
  'user-inline-policy': `aws iam put-user-policy --user-name ana --policy-name rolemedic --policy-document ${WORD}`,
  'managed-policy': `aws iam create-policy --policy-name deploy --policy-document ${WORD}`,
  'role-trust-policy': `aws iam update-assume-role-policy --role-name app --policy-document ${WORD}`,
  'permission-set-inline-policy': `# In the account of IAM Identity Center, with the ARNs of its instance and of permission set Deploy:
aws sso-admin put-inline-policy-to-permission-set --instance-arn "$INSTANCE_ARN" --permission-set-arn "$PERMISSION_SET_ARN" --inline-policy ${WORD}
aws sso-admin provision-permission-set --instance-arn "$INSTANCE_ARN" --permission-set-arn "$PERMISSION_SET_ARN" --target-type ALL_PROVISIONED_ACCOUNTS`,
}

describe.each(Object.keys(TARGETS) as TargetKind[])('a change of the %s', kind => {
  it('is Terraform', () => {
    expect(changeAs('terraform', changeOf(kind))).toBe(`# ${ABOVE[kind]}\n${TERRAFORM[kind]}\n`)
  })
  it('is CDK', () => {
    expect(changeAs('cdk', changeOf(kind))).toBe(`// ${ABOVE[kind]}\n${CDK[kind]}`)
  })
  it('is CloudFormation', () => {
    expect(changeAs('cloudformation', changeOf(kind))).toBe(`# ${ABOVE[kind]}\n${CLOUDFORMATION[kind]}`)
  })
  it('is commands of the AWS CLI', () => {
    expect(changeAs('cli', changeOf(kind))).toBe(`# ${ABOVE[kind]}\n${CLI[kind]}\n`)
  })
})

describe('code', () => {
  it('adds a version to a managed policy that exists', () => {
    expect(changeAs('cli', changeOf('managed-policy', AFTER)).split('\n').slice(1)).toEqual([
      '# A policy has at most five versions: delete the oldest first if there are five.',
      `aws iam create-policy-version --policy-arn arn:aws:iam::111122223333:policy/team/deploy --set-as-default --policy-document ${WORD}`,
      '',
    ])
  })

  it('writes numbers, booleans, empty lists and objects, and leaves out what is undefined', () => {
    const odd = {
      ...AFTER,
      Statement: [
        { Effect: 'Deny', Action: [], Condition: {}, NotAction: undefined } as unknown as Statement,
        {
          Effect: 'Allow',
          Condition: { Bool: { 'aws:SecureTransport': true }, NumericLessThan: { n_1: 5 } },
        } as Statement,
      ],
    }
    const form = (format: CodeFormat) => changeAs(format, { ...changeOf('role-trust-policy'), after: odd })
    expect(form('terraform')).toContain(`Statement = [{
      Effect = "Deny"
      Action = []
      Condition = {

      }
    }, {
      Effect = "Allow"
      Condition = {
        Bool = {
          "aws:SecureTransport" = true
        }
        NumericLessThan = {
          n_1 = 5
        }
      }
    }]`)
    expect(form('cdk')).toContain(`Bool: {
            'aws:SecureTransport': true,
          },
          NumericLessThan: {
            n_1: 5,
          },`)
    expect(form('cloudformation')).toContain(`        Statement:
          - Effect: "Deny"
            Action: []
            Condition: {}
          - Effect: "Allow"
            Condition:
              Bool:
                "aws:SecureTransport": true
              NumericLessThan:
                "n_1": 5
`)
  })

  it('quotes what a language would read as its own', () => {
    const hostile = { ...AFTER, Statement: [{ Effect: 'Allow', Resource: `\${a}%{b}"'\\` } as Statement] }
    const form = (format: CodeFormat) => changeAs(format, { ...changeOf('role-trust-policy'), after: hostile })
    expect(form('terraform')).toContain(`Resource = "$\${a}%%{b}\\"'\\\\"`)
    expect(form('cdk')).toContain(`Resource: '\${a}%{b}"\\'\\\\',`)
    expect(form('cloudformation')).toContain(`- Effect: "Allow"\n            Resource: "\${a}%{b}\\"'\\\\"\n`)
    expect(form('cli')).toContain(`"Resource":"\${a}%{b}\\"'\\''\\\\"}]}'`)
    const { target: role } = changeOf('role-trust-policy')
    expect(changeAs('cli', { ...changeOf('role-trust-policy'), target: { ...role, name: 'a b' } })).toContain(
      `--role-name 'a b' `,
    )
  })

  it('of several changes is one output that the language accepts', () => {
    const both = [changeOf('role-inline-policy'), changeOf('user-inline-policy')]
    const bodyOf = (kind: TargetKind) => CDK[kind].split('\n').slice(2).join('\n')
    expect(changesAs('cdk', both)).toBe(
      `import { aws_iam as iam } from 'aws-cdk-lib'
import type { Construct } from 'constructs'

// ${ABOVE['role-inline-policy']}
${bodyOf('role-inline-policy')}
// ${ABOVE['user-inline-policy']}
${bodyOf('user-inline-policy')}`,
    )
    const [first = '', second = ''] = both.map(change => changeAs('cloudformation', change))
    expect(changesAs('cloudformation', both)).toBe(`${first}---\n${second}`)
    const [one = '', two = ''] = both.map(change => changeAs('cli', change))
    expect(changesAs('cli', both)).toBe(`${one}\n${two}`)
  })

  it('in comments has a sign on every line', () => {
    const lines = (format: CodeFormat) => commentedAs(format, changeOf('permission-set-inline-policy')).split('\n')
    for (const format of CODE_FORMATS) {
      const sign = format === 'cdk' ? '//' : '#'
      expect(lines(format).filter(line => line !== sign && !line.startsWith(`${sign} `))).toEqual([])
      expect(lines(format).at(-1)).not.toBe(sign)
    }
    expect(lines('terraform')[1]).toBe('# data "aws_ssoadmin_instances" "this" {}')
    expect(lines('terraform')[2]).toBe('#')
    expect(commentAs('cdk', ['one', '', 'two\nthree'])).toBe('// one\n//\n// two three')
    expect(commentAs('cli', ['one'])).toBe('# one')
  })

  it('is coloured as its language', () => {
    expect(CODE_FORMATS.map(fenceOf)).toEqual(['hcl', 'ts', 'yaml', 'sh'])
  })
})

describe('what is handed to an administrator', () => {
  const statement: Statement = { Effect: 'Allow', Principal: { AWS: ROLE }, Action: 'sts:AssumeRole' }
  const handed = (format: CodeFormat, role: string | null) => handOverAs(format, { kind: 'trust', role, statement })

  it('is the change of a caller', () => {
    const change = changeOf('role-inline-policy')
    expect(handOverAs('cli', { kind: 'caller', change })).toBe(changeAs('cli', change))
  })

  it.each<[CodeFormat, string]>([
    [
      'terraform',
      `# One more statement for the Statement list in assume_role_policy of role app.
locals {
  app_trust_statement = {
    Effect = "Allow"
    Principal = {
      AWS = "${ROLE}"
    }
    Action = "sts:AssumeRole"
  }
}
`,
    ],
    [
      'cdk',
      `// One more statement for the trust policy of role app.
import { aws_iam as iam } from 'aws-cdk-lib'

export function trustApp(role: iam.Role) {
  role.assumeRolePolicy?.addStatements(iam.PolicyStatement.fromJson({
    Effect: 'Allow',
    Principal: {
      AWS: '${ROLE}',
    },
    Action: 'sts:AssumeRole',
  }))
}
`,
    ],
    [
      'cloudformation',
      `# One more statement for the Statement list in AssumeRolePolicyDocument of role app.
- Effect: "Allow"
  Principal:
    AWS: "${ROLE}"
  Action: "sts:AssumeRole"
`,
    ],
    [
      'cli',
      `# One more statement for the trust policy of role app.
aws iam get-role --role-name app --query Role.AssumeRolePolicyDocument > trust.json
# Add to "Statement" in trust.json: ${JSON.stringify(statement)}
aws iam update-assume-role-policy --role-name app --policy-document file://trust.json
`,
    ],
  ])('is one more statement for the trust policy of a role, in %s', (format, text) => {
    expect(handed(format, ROLE)).toBe(text)
  })

  it('leaves the name of the role open where it is not known', () => {
    expect(handed('terraform', null)).toContain('of the role.\nlocals {\n  trust_statement = {')
    expect(handed('cdk', null)).toContain('export function trustService(role: iam.Role)')
    expect(handed('cli', null)).toContain('get-role --role-name "$ROLE" --query')
    expect(handed('cli', 'arn:aws:s3:::no-role')).toContain('of the role.')
  })
})

describe('names in code', () => {
  it.each([
    ['orders-task', 'orders_task', 'OrdersTask'],
    ['Orders.Task', 'orders_task', 'OrdersTask'],
    ['1st+user@example.com', 'r_1st_user_example_com', 'R1stUserExampleCom'],
    ['--', 'r_', 'R'],
    ['_x_', 'x', 'X'],
  ])('of %s are %s and %s', (name, snake, pascal) => {
    expect([snakeName(name), pascalName(name)]).toEqual([snake, pascal])
  })

  it('have the path of the ARN', () => {
    const of = (arn: string) => iamPathOf({ ...TARGETS['role-trust-policy'], arn })
    expect(of('arn:aws:iam::111122223333:role/app')).toBe('/')
    expect(of('arn:aws:iam::111122223333:role/a/b/app')).toBe('/a/b/')
    expect(of('no ARN')).toBe('/')
  })

  it('name the account of the caller where its id is not known, on one line', () => {
    const made = { ...TARGETS['managed-policy'], accountId: '', name: 'a\n  b' }
    expect(changeComment({ target: made })).toBe('Managed policy a b in the account of the caller.')
  })
})

describe('a role that a tool owns', () => {
  const owned = (kind: TargetKind, name: string, before: PolicyDocument | null = null) =>
    changeAs('cli', { target: { ...TARGETS[kind], name }, before, after: AFTER }).split('\n')

  it.each([
    ['dev-apiRouteTmskrbHandlerRole-bdmeovvh', ['npx sst deploy']],
    ['amplify-shop-dev-182931-authRole', ['amplify override project', 'amplify push']],
    ['AWSControlTowerExecution', ['aws controltower list-landing-zones']],
  ])('%s is changed with the tool alone', (name, commands) => {
    const [comment, ...lines] = owned('role-inline-policy', name)
    expect(comment).toMatch(/owns (?:this role|it)\b/)
    expect(lines).toEqual([`# ${JSON.stringify(STATEMENT)}`, ...commands, ''])
  })

  it('of the CDK trusts an account through its bootstrap', () => {
    const name = 'cdk-hnb659fds-lookup-role-111122223333-eu-west-1'
    expect(owned('role-trust-policy', name, { ...AFTER, Statement: [] }).at(-2)).toBe(
      'npx cdk bootstrap aws://111122223333/eu-west-1 --trust-for-lookup ACCOUNT_ID',
    )
    expect(owned('role-trust-policy', name.replace('lookup', 'deploy'), AFTER).slice(1)).toEqual([
      'npx cdk bootstrap aws://111122223333/eu-west-1 --trust ACCOUNT_ID',
      '',
    ])
  })

  it('keeps a managed policy that is put into it', () => {
    const name = 'cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1'
    expect(owned('managed-policy', name).at(-2)).toMatch(/^aws iam create-policy /)
    expect(owned('role-trust-policy', name).at(-2)).toMatch(/^aws iam update-assume-role-policy /)
  })
})
