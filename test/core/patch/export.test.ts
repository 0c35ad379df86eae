import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse as parseHcl } from '@cdktf/hcl2json'
import { afterAll, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import type { PolicyDocument } from '../../../core/iam/policy/policy-document.ts'
import { cdkTrustStatement, toCdk } from '../../../core/patch/export/cdk.ts'
import { toAwsCli } from '../../../core/patch/export/cli.ts'
import { toCloudFormation } from '../../../core/patch/export/cloudformation.ts'
import { toTerraform } from '../../../core/patch/export/terraform.ts'
import { changeDigest, type PolicyChange, type TargetKind } from '../../../core/patch/patch.ts'

const root = resolve(import.meta.dirname, '../../..')

/** Text with a meaning in at least one of the languages. */
const HARD: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Rolemedic0a1b2c3d',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: ['arn:aws:iam::111122223333:role/a', 'arn:aws:iam::111122223333:role/${aws:username}'],
      Condition: {
        StringEquals: {
          'iam:PassedToService': 'ecs-tasks.amazonaws.com',
          "it's": ['"', '\\', '%{x}', '$(id)', '`', 'yes', '# no'],
        },
      },
    },
  ],
}

const ARNS: { readonly [kind in TargetKind]: string } = {
  'role-inline-policy': 'arn:aws:iam::111122223333:role/ci/deploy.er',
  'user-inline-policy': 'arn:aws:iam::111122223333:user/1st+user@example.com',
  'managed-policy': 'arn:aws:iam::111122223333:policy/team/deploy',
  'role-trust-policy': 'arn:aws:iam::111122223333:role/ci/deploy.er',
  'permission-set-inline-policy':
    'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Deploy_0123456789abcdef',
}
const KINDS = Object.keys(ARNS) as TargetKind[]

function changeFor(kind: TargetKind): PolicyChange {
  const arn = ARNS[kind]
  const name = kind === 'permission-set-inline-policy' ? 'Deploy' : (arn.split('/').at(-1) ?? '')
  const policyName = kind === 'role-inline-policy' || kind === 'user-inline-policy' ? 'rolemedic' : null
  const target = { kind, accountId: '111122223333', name, policyName, arn }
  return {
    target,
    before: null,
    after: HARD,
    required: true,
    digest: changeDigest({ target, before: null, after: HARD }),
  }
}

describe('Terraform', () => {
  it.each(KINDS)('parses and means the same document for a %s', async kind => {
    const parsed = await parseHcl('main.tf', toTerraform(changeFor(kind)))
    const resources = Object.entries(parsed['resource'] as Record<string, Record<string, Record<string, string>[]>>)
    expect(resources).toHaveLength(1)
    const [[type, byLabel] = ['', {}]] = resources
    const body = Object.values(byLabel)[0]?.[0] ?? {}
    expect(type).toMatch(/^aws_(iam|ssoadmin)_/)
    const policy = body['policy'] ?? body['assume_role_policy'] ?? body['inline_policy'] ?? ''
    // The parser returns a function call as text, so its argument is parsed separately.
    const argument = /^\$\{jsonencode\(([\s\S]*)\)\}$/.exec(policy)?.[1] ?? ''
    const value = await parseHcl('value.tf', `locals {\n  policy = ${argument}\n}\n`)
    const [locals] = value['locals'] as { policy: unknown }[]
    const literal = JSON.stringify(locals?.policy)
      .replaceAll('$${', () => '${')
      .replaceAll('%%{', '%{')
    expect(JSON.parse(literal)).toEqual(HARD)
  })

  it('names the resources of the provider', () => {
    expect(toTerraform(changeFor('role-inline-policy')).split('\n').slice(0, 4)).toEqual([
      '# Inline policy rolemedic of role deploy.er in account 111122223333.',
      'resource "aws_iam_role_policy" "deploy_er_rolemedic" {',
      '  name   = "rolemedic"',
      '  role   = "deploy.er"',
    ])
  })
})

describe('CloudFormation', () => {
  it.each(KINDS)('parses back to the document for a %s', kind => {
    const template = parseYaml(toCloudFormation(changeFor(kind)))
    const [resource] = Object.values(template.Resources) as { Type: string; Properties: Record<string, unknown> }[]
    const { PolicyDocument, AssumeRolePolicyDocument, InlinePolicy } = resource?.Properties ?? {}
    expect(PolicyDocument ?? AssumeRolePolicyDocument ?? InlinePolicy).toEqual(HARD)
    expect(resource?.Type).toMatch(/^AWS::(IAM|SSO)::/)
  })

  it('names role and policy', () => {
    const template = parseYaml(toCloudFormation(changeFor('role-inline-policy')))
    expect(template.Resources['DeployErRolemedic']).toMatchObject({
      Type: 'AWS::IAM::RolePolicy',
      Properties: { RoleName: 'deploy.er', PolicyName: 'rolemedic' },
    })
  })
})

describe('CDK', () => {
  // Below the tree, where they find the CDK; Node runs no TypeScript in node_modules.
  mkdirSync(join(root, 'cdk.out'), { recursive: true })
  const folder = mkdtempSync(join(root, 'cdk.out', 'snippets-'))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('compiles for every kind of target', () => {
    const files = KINDS.map(kind => {
      const file = join(folder, `${kind}.ts`)
      writeFileSync(file, toCdk(changeFor(kind)))
      return file
    })
    files.push(join(folder, 'trust.ts'))
    writeFileSync(join(folder, 'trust.ts'), cdkTrustStatement("it's-me", HARD.Statement[0] ?? { Effect: 'Allow' }))
    const options = [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--target',
      'es2022',
      '--types',
      'node',
      '--ignoreConfig',
    ]
    const tsc = [join(root, 'node_modules/typescript/bin/tsc'), ...options, ...files]
    expect(execFileSync(process.execPath, tsc, { cwd: root, encoding: 'utf8' })).toBe('')
  })

  it('holds the same document', async () => {
    const file = join(folder, 'same.ts')
    writeFileSync(file, toCdk(changeFor('managed-policy')))
    const text = toCdk(changeFor('managed-policy'))
    const literal = /policyDocument: (\{[\s\S]*\n {4}\}),\n/.exec(text)?.[1] ?? ''
    writeFileSync(file, `export const document = ${literal}\n`)
    expect((await import(pathToFileURL(file).href)).document).toEqual(HARD)
  })
})

// The commands are for a POSIX shell.
describe.runIf(process.platform !== 'win32')('the command line', () => {
  it.each(KINDS)('passes the document as one shell word for a %s', kind => {
    const text = toAwsCli(changeFor(kind))
    const shown = execFileSync('sh', ['-c', `aws() { printf '%s\\n' "$@"; }\n${text}`], { encoding: 'utf8' })
    expect(shown.split('\n')).toContain(JSON.stringify(HARD))
  })
})

describe('the comment above the code', () => {
  it('names the policy and the account in every format', () => {
    for (const form of [toTerraform, toCloudFormation, toCdk, toAwsCli])
      expect(form(changeFor('role-inline-policy')).split('\n')[0]).toMatch(
        /^(#|\/\/) Inline policy rolemedic of role deploy\.er in account 111122223333\.$/,
      )
  })

  it('stays one comment for any name', () => {
    const { target, ...change } = changeFor('role-inline-policy')
    const hostile = { ...change, target: { ...target, policyName: 'a\nresource "x" "y" {}' } }
    expect(toTerraform(hostile).split('\n')[1]).toMatch(/^resource "aws_iam_role_policy"/)
  })
})
