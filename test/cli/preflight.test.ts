import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/preflight')
const STACK = join(FIXTURES, 'stack.yaml')
const ACCOUNT = ['--account', join(FIXTURES, 'account.json')]
const DEPLOYER = ['--as', 'arn:aws:iam::111122223333:role/deployer']
const ADMIN = ['--as', 'arn:aws:iam::111122223333:role/admin']
const folder = mkdtempSync(join(tmpdir(), 'preflight-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function preflight(...args: readonly string[]) {
  const io = memoryIo({ nowMs: Date.parse('2026-11-24T03:00:00Z') })
  const code = await dispatch(['preflight', ...args], io)
  return { code, out: io.captured.out, err: io.captured.err.join('\n') }
}

function written(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const GONE = `Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::111122223333:role/nobody
`

type Output = {
  readonly principal: object
  readonly needs: readonly {
    readonly action: string
    readonly by: string | null
    readonly fix: string | null
    readonly trust: { readonly logicalId: string; readonly line: number } | null
    readonly role: string
    readonly roleFrom: string
    readonly service: string | null
    readonly answer: string
    readonly where: { readonly line: number; readonly logicalId: string }
    readonly diagnosis: { readonly cause: string } | null
  }[]
  readonly patches: readonly {
    readonly target: object
    readonly before: object | null
    readonly after: { readonly Statement: readonly object[] }
  }[]
  readonly verification: { readonly before: string; readonly after: string } | null
  readonly refused: readonly { readonly need: number; readonly code: string; readonly owner: string | null }[]
}

describe('rolemedic preflight', () => {
  it('reads a packed plan, as it reads a packed template', async () => {
    const packed = join(folder, 'plan.json.gz')
    writeFileSync(packed, gzipSync('{"format_version":"1.2","planned_values":{},"resource_changes":[]}'))
    const { code, err } = await preflight(packed, ...DEPLOYER)
    expect({ code, err }).toEqual({ code: 3, err: `rolemedic: ${packed}: nothing in it passes or assumes a role` })
  })

  it('notes a Region that it does not know, as a typo would change the answer', async () => {
    const region = (name: string) => preflight(STACK, ...DEPLOYER, ...ACCOUNT, '--region', name)
    expect((await region('eu-wst-1')).err).toBe(
      'rolemedic: --region eu-wst-1 is no Region that this version knows (did you mean eu-west-1?)',
    )
    expect((await region('eu-west-1')).err).toBe('')
  })

  it('says without an account what it does not know, and not that something may not be', async () => {
    for (const format of [[], ['--json'], ['--format', 'markdown']]) {
      const { code, out } = await preflight(STACK, ...DEPLOYER, ...format)
      expect(code).toBe(1)
      expect(out).toContain('Not known whether role deployer is allowed')
      expect(out).not.toMatch(/may not|the text|the record/)
    }
  })

  it('answers every need with its line, and lifts all that can be lifted in one change a target', async () => {
    const { code, out } = await preflight(STACK, ...DEPLOYER, ...ACCOUNT, '--json')
    const output = JSON.parse(out) as Output
    expect(code).toBe(1)
    expect(output.principal).toEqual({ arn: 'arn:aws:iam::111122223333:role/deployer', from: 'option' })
    const lines = output.needs.map(({ action, by, where, answer, roleFrom, diagnosis, fix }) => {
      const who = action === 'sts:AssumeRole' ? by : ''
      return [where.logicalId, where.line, who, answer, roleFrom, diagnosis?.cause, fix].filter(Boolean).join(' ')
    })
    expect(lines).toEqual([
      'Ok 7 allowed literal',
      'Ok 7 lambda.amazonaws.com allowed literal',
      'Fn 11 denied literal identity-gap patch',
      'Fn 11 lambda.amazonaws.com allowed literal',
      'Task 15 denied literal identity-gap patch',
      'Task 15 ecs-tasks.amazonaws.com allowed literal',
      'Task 16 denied literal identity-gap patch',
      'Task 16 ecs-tasks.amazonaws.com allowed literal',
      'Flow 19 denied literal identity-gap patch',
      'Flow 19 states.amazonaws.com allowed literal',
      'Bad 22 denied literal explicit-deny owner',
      'Bad 22 lambda.amazonaws.com allowed literal',
      'Typo 25 denied literal role-not-found owner',
      'Typo 25 lambda.amazonaws.com denied literal role-not-found owner',
      'New 28 denied same-template identity-gap patch',
      'New 28 lambda.amazonaws.com allowed same-template',
      'Auto 40 unknown same-template unknown',
      'Auto 40 lambda.amazonaws.com allowed same-template',
      'Param 51 unknown parameter unknown',
      'Param 51 lambda.amazonaws.com unknown parameter unknown',
      'Web 54 denied literal identity-gap patch',
      'Web 54 ec2.amazonaws.com allowed literal',
    ])
    expect(output.patches.map(({ target }) => target)).toEqual([
      { kind: 'role-inline-policy', accountId: '111122223333', name: 'deployer', policyName: 'rolemedic' },
    ])
    const pass = (service: string, resource: unknown) =>
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'iam:PassRole',
        Resource: resource,
        Condition: { StringEquals: { 'iam:PassedToService': service } },
      })
    const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`
    expect(output.patches[0]?.before).toBeNull()
    expect(output.patches[0]?.after.Statement).toEqual([
      pass('lambda.amazonaws.com', [role('fn'), role('brand-new')]),
      pass('ecs-tasks.amazonaws.com', [role('task'), role('exec')]),
      pass('states.amazonaws.com', role('flow')),
      pass('ec2.amazonaws.com', role('webrole')),
    ])
    expect(output.verification).toMatchObject({ before: 'denied', after: 'allowed', risk: 'low', approvers: 1 })
    expect(output.refused).toEqual([
      expect.objectContaining({
        need: 10,
        code: 'explicit-deny',
        owner: 'the owner of the identity-based policy deploy',
      }),
      expect.objectContaining({ need: 12, code: 'role-not-found' }),
      expect.objectContaining({ need: 13, code: 'role-not-found' }),
    ])
  })

  it('says of who deploys and is not in the account that it does not exist, not that it was deleted', async () => {
    const nobody = ['--as', 'arn:aws:iam::111122223333:role/ghost']
    for (const format of ['text', 'json', 'markdown']) {
      const { code, out } = await preflight(STACK, ...nobody, ...ACCOUNT, '--format', format)
      expect(code).toBe(1)
      expect(out).toContain('No identity policy of role ghost, which does not exist, allows')
      expect(out).toContain("Not seen: the caller's policies (the account has no such caller)")
      expect(out).not.toMatch(/no longer exists|was deleted|no change is offered: not-proved/)
    }
  })

  it('names the ARN of who deploys where only its path is another one', async () => {
    const elsewhere = ['--as', 'arn:aws:iam::111122223333:role/ci/deployer']
    for (const format of ['text', 'json', 'markdown']) {
      const { code, out } = await preflight(STACK, ...elsewhere, ...ACCOUNT, '--format', format)
      expect(code).toBe(1)
      expect(out).toMatch(/arn:aws:iam::111122223333:role\/deployer`?: give this ARN/)
      expect(out).not.toContain('was deleted')
    }
  })

  it('reads a file that is given twice once', async () => {
    const [once, twice] = [
      await preflight(STACK, ...DEPLOYER, '--json'),
      await preflight(STACK, STACK, ...DEPLOYER, '--json'),
    ]
    expect(twice).toEqual(once)
  })

  it('exits 0 where everything is allowed, roles without a name included', async () => {
    const template = written(
      'plain.yaml',
      'Resources:\n  Fn: { Type: AWS::Lambda::Function, Properties: { Role: !GetAtt Role.Arn } }\n  Role: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: { Statement: { Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: "sts:AssumeRole" } } } }\n',
    )
    expect(await preflight(template, ...ADMIN, ...ACCOUNT)).toMatchObject({ code: 0 })
    expect(await preflight(template, ...DEPLOYER, ...ACCOUNT)).toMatchObject({ code: 1 })
  })

  it('takes a role whose path only the deploy will know for one that it could not read', async () => {
    const shownWith = async (path: string) => {
      const template = written(
        'path.yaml',
        `Parameters: { Open: { Type: String } }
Resources:
  Fn: { Type: AWS::Lambda::Function, Properties: { Role: 'arn:aws:iam::111122223333:role/made-here' } }
  Role: { Type: AWS::IAM::Role, Properties: { RoleName: made-here, ${path} AssumeRolePolicyDocument: {} } }
`,
      )
      return (await preflight(template, ...DEPLOYER, ...ACCOUNT)).out
    }
    expect(await shownWith('')).toContain('risk low, one approver')
    const open = await shownWith('Path: !Ref Open,')
    expect(open).toContain('risk elevated, 2 approvers')
    expect(open).toContain('only the deploy will know the path of a role that it makes')
  })

  it('exits 1 where a nested stack was not read, also where everything else is allowed or needs nothing', async () => {
    const nested = 'Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://example.com/x.yaml}}'
    const fn = 'Fn: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}'
    const role =
      'Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}}}}'
    for (const resources of [[nested], [nested, fn, role]]) {
      const file = written('nested.yaml', ['Resources:', ...resources.map(line => `  ${line}`)].join('\n'))
      const { code, err } = await preflight(file, ...ADMIN, ...ACCOUNT)
      expect(code).toBe(1)
      expect(err).toContain(`${file}:2: the nested stack Nested was not read`)
    }
    const alone = written('alone.yaml', `Resources:\n  ${fn}\n  ${role}`)
    expect((await preflight(alone, ...ADMIN, ...ACCOUNT)).code).toBe(0)
  })

  it('exits 3 where nothing passes or assumes a role', async () => {
    const template = written('bucket.yaml', 'Resources:\n  B: { Type: AWS::S3::Bucket }\n')
    const { code, out, err } = await preflight(template, ...ADMIN, ...ACCOUNT)
    expect([code, out]).toEqual([3, ''])
    expect(err).toContain('nothing in it passes or assumes a role')
  })

  it.each([
    ['template.yaml', 'Resources:\n  A: !Reff x\n', 'template.yaml:2: !Reff is not a CloudFormation function'],
    ['broken.json', '{"Resources": {\n "A" 1}}', 'broken.json:2: this is not JSON: a colon is missing before 1'],
    [
      'plan.json',
      '{"format_version":"1.2",\n"planned_values":{},\n"resource_changes":[{]}',
      'plan.json:3: this is not the JSON of a Terraform plan: unexpected "]"',
    ],
    [
      'short.json',
      '{"format_version":"1.2",\n"resource_changes":[',
      'short.json:2: this is not the JSON of a Terraform plan: it ends too early',
    ],
    [
      'state.json',
      '{"version":4,"terraform_version":"1.9.0","resources":[]}',
      'state.json: this is a state, not a plan',
    ],
    [
      'shown.json',
      '{"format_version":"1.0","terraform_version":"1.9.0","values":{}}',
      'shown.json: this is a state, not a plan',
    ],
    ['log.json', '{"@level":"info","@message":"x"}\n', 'log.json: this is the log of terraform plan -json'],
    ['tfplan', 'PK\u0003\u0004', 'tfplan: a saved plan is binary'],
    ['main.tf', 'resource "aws_lambda_function" "fn" {}\n', 'main.tf: this is Terraform code, not a plan'],
    [
      'plan.json',
      '[command]/opt/hostedtoolcache/terraform/1.0.11/x64/terraform-bin show -json plan.tfplan\n{"format_version":"0.2","resource_changes":[]}\n',
      'plan.json: the wrapper of setup-terraform has written into it: set terraform_wrapper to false',
    ],
    ['serverless.yml', 'service: orders\nprovider: { name: aws }\n', 'give what serverless package writes'],
    ['cdk.json', '{ "app": "npx ts-node bin/app.ts" }', 'give the cdk.out that cdk synth writes'],
    ['cdktf.json', '{ "language": "go" }', 'give the output of terraform show -json PLAN'],
    ['terragrunt.hcl', 'terraform { source = "../m" }\n', 'give the output of terraform show -json PLAN'],
    ['Pulumi.yaml', 'name: orders\nruntime: go\n', 'Pulumi deploys without a template'],
  ])('reports %s in one line with the place, and exits 2', async (name, text, message) => {
    const { code, out, err } = await preflight(written(name, text), ...ADMIN, ...ACCOUNT)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(message)
    expect(err.trim()).not.toContain('\n')
  })

  it.each([
    ['YAML', 'Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n'],
    ['JSON', '{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}'],
    [
      'YAML with a long beginning',
      `Description: ${'x'.repeat(5_000)}\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n`,
    ],
  ])('reads a template under any name: %s', async (_, text) => {
    expect((await preflight(written('serverless.yml', text), ...ADMIN, ...ACCOUNT)).code).toBe(3)
  })

  it.each([
    ['update', 'fn', 'fn', 3],
    ['update', 'fn', 'other', 1],
    ['delete,create', 'fn', 'fn', 1],
  ])('%s of a function in a plan, with the role %s and before %s', async (actions, role, earlier, expected) => {
    const values = (name: string, memory_size: number) => ({
      role: `arn:aws:iam::111122223333:role/${name}`,
      memory_size,
    })
    const change = {
      actions: actions.split(','),
      before: values(earlier, 128),
      after: values(role, 256),
      after_unknown: {},
    }
    const changed = {
      address: 'aws_lambda_function.fn',
      mode: 'managed',
      type: 'aws_lambda_function',
      name: 'fn',
      change,
    }
    const plan = JSON.stringify({ format_version: '1.2', resource_changes: [changed] })
    expect((await preflight(written('update.json', plan), ...DEPLOYER, ...ACCOUNT)).code).toBe(expected)
  })

  // https://developer.hashicorp.com/terraform/internals/json-format
  it.each([
    [{ errored: true }, 'what follows the error in this plan'],
    [
      { deferred_changes: [{ reason: 'unknown', resource_change: { address: 'aws_lambda_function.fn[*]' } }] },
      'the deferred change of aws_lambda_function.fn[*]',
    ],
  ])('does not know what a plan needs that lacks a part: %j', async (lacks, what) => {
    const plan = JSON.stringify({ format_version: '1.2', resource_changes: [], ...lacks })
    const { code, err } = await preflight(written('part.json', plan), ...ADMIN, ...ACCOUNT)
    expect(code).toBe(1)
    expect(err).toContain(`${what} was not read`)
    expect(err).toContain('nothing in what was read passes or assumes a role')
  })

  it('reads a plan in UTF-16, as PowerShell writes it', async () => {
    const plan = {
      format_version: '1.2',
      resource_changes: [
        {
          address: 'aws_lambda_function.fn',
          mode: 'managed',
          type: 'aws_lambda_function',
          name: 'fn',
          change: { actions: ['create'], after: { role: 'arn:aws:iam::111122223333:role/fn' }, after_unknown: {} },
        },
      ],
    }
    const path = join(folder, 'utf16.json')
    writeFileSync(path, `\uFEFF${JSON.stringify(plan)}`, 'utf16le')
    const { code, out } = await preflight(path, ...DEPLOYER, ...ACCOUNT, '--json')
    expect(code).toBe(1)
    expect((JSON.parse(out) as Output).needs.map(({ role, answer }) => [role, answer])).toEqual([
      ['arn:aws:iam::111122223333:role/fn', 'denied'],
      ['arn:aws:iam::111122223333:role/fn', 'allowed'],
    ])
  })

  it('asks who deploys where the source does not say', async () => {
    const { code, err } = await preflight(STACK, ...ACCOUNT)
    expect(code).toBe(2)
    expect(err).toContain('names no role that deploys it: say who does with --as ARN')
  })

  it('asks who starts the deploy of a CDK app without an account, and knows its roles from that account', async () => {
    const app = join(folder, 'agnostic')
    const execution = `role/cdk-hnb659fds-cfn-exec-role-\${AWS::AccountId}-\${AWS::Region}`
    const stack = {
      type: 'aws:cloudformation:stack',
      environment: 'aws://unknown-account/unknown-region',
      properties: {
        templateFile: 'Orders.template.json',
        cloudFormationExecutionRoleArn: `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:${execution}`,
      },
    }
    mkdirSync(app)
    writeFileSync(join(app, 'manifest.json'), JSON.stringify({ version: '48.0.0', artifacts: { Orders: stack } }))
    const made = { Type: 'AWS::Lambda::Function', Properties: { Role: 'arn:aws:iam::111122223333:role/fn' } }
    writeFileSync(join(app, 'Orders.template.json'), JSON.stringify({ Resources: { Fn: made } }))
    const { code, err } = await preflight(app, ...ACCOUNT)
    expect(code).toBe(2)
    expect(err).toContain(
      'is only known as arn:aws:iam::*:role/cdk-hnb659fds-cfn-exec-role-*-*: say who starts the deploy',
    )
    const known = await preflight(app, ...DEPLOYER, '--region', 'eu-west-1', ...ACCOUNT, '--json')
    expect((JSON.parse(known.out) as Output).needs.map(({ role, by }) => [role, by])).toContainEqual([
      'arn:aws:iam::111122223333:role/fn',
      'arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1',
    ])
  })

  it.each([
    ['terraform', 'resource "aws_iam_role_policy" "deployer_rolemedic"'],
    ['cloudformation', 'AWS::IAM::RolePolicy'],
    ['cdk', 'iam.'],
    ['cli', 'aws iam put-role-policy'],
    ['markdown', '### This deploy will be denied 9 needs, and 3 cannot be known before'],
  ])('writes the change as %s', async (format, text) => {
    const { out } = await preflight(STACK, ...DEPLOYER, ...ACCOUNT, '--format', format)
    expect(out).toContain(text)
  })

  it.each(['terraform', 'cloudformation', 'cdk', 'cli'])('says in %s why nothing is changed', async format => {
    const source = written('gone.yaml', GONE)
    const { code, out } = await preflight(source, ...ADMIN, ...ACCOUNT, '--format', format)
    expect(code).toBe(1)
    expect(out).toMatch(/^(?:#|\/\/) Denied: .*Fn\.Role: iam:PassRole on .*role\/nobody for lambda:CreateFunction\n/)
    expect(out).toContain('Role nobody does not exist in account 111122223333.')
    expect(out.trimEnd().split('\n')).toSatisfy((lines: string[]) => lines.every(line => /^(?:#|\/\/) /.test(line)))
  })

  it.each([
    [['--format', 'xml'], '--format takes text, json'],
    [['--as', 'somebody'], '--as takes the ARN of a role'],
    [['--parameter', 'x'], '--parameter takes KEY=VALUE'],
    [['--live', '--account', 'a.json'], 'give --live or --account FILE, not both'],
  ])('refuses %j in one line', async (args, message) => {
    const { code, err } = await preflight(STACK, ...args)
    expect(code).toBe(2)
    expect(err).toContain(message)
  })

  it('takes the values of parameters', async () => {
    const args = [
      STACK,
      ...ADMIN,
      ...ACCOUNT,
      '--json',
      '--parameter',
      'RoleArn=arn:aws:iam::111122223333:role/allowed',
    ]
    const { out } = await preflight(...args)
    const need = (JSON.parse(out) as Output).needs.find(({ where }) => where.logicalId === 'Param')
    expect([need?.role, need?.roleFrom]).toEqual(['arn:aws:iam::111122223333:role/allowed', 'parameter'])
  })

  it('says which parameter no template has', async () => {
    const { err } = await preflight(STACK, ...ADMIN, ...ACCOUNT, '--parameter', 'RoleARN=x', '--parameter', 'RoleArn=x')
    expect(err).toBe(
      'rolemedic: --parameter RoleARN is not used: no template that was given has a parameter of that name',
    )
  })
})
