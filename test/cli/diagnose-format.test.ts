import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse as parseHcl } from '@cdktf/hcl2json'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllDocuments, parse as parseYaml } from 'yaml'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const root = resolve(import.meta.dirname, '../..')
const ECS = join(root, 'events/ecs-register-task-definition.json')
const ACCOUNT = join(root, 'events/accounts/orders-dev.json')
const GRANT = {
  Sid: expect.stringMatching(/^Rolemedic[0-9a-f]{8}$/),
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: 'arn:aws:iam::111122223333:role/app/orders-task',
  Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
}
const TEXT =
  'An error occurred (AccessDeniedException) when calling the CreateFunction operation: User: arn:aws:iam::111122223333:user/jane is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/fn'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-format-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function cli(args: readonly string[], options: Parameters<typeof memoryIo>[0] = {}) {
  const io = memoryIo(options)
  const code = await dispatch(args, io)
  return { code, ...io.captured }
}
const asked = (format: string, ...more: string[]) =>
  cli(['diagnose', ECS, '--account', ACCOUNT, '--format', format, ...more])

describe('rolemedic diagnose --format', () => {
  it('gives the patch as Terraform', async () => {
    const { out } = await asked('terraform')
    const { resource } = await parseHcl('main.tf', out)
    expect(Object.keys(resource['aws_iam_role_policy'])).toEqual(['pipeline_deploy_rolemedic'])
    expect(out).toMatch(
      /^# Denied: iam:PassRole on arn:aws:iam::111122223333:role\/app\/orders-task\n# Cause: identity-gap \(proved\)/,
    )
  })

  it('gives the patch as CloudFormation', async () => {
    const { Resources } = parseYaml((await asked('cloudformation')).out)
    expect(Object.values(Resources)).toEqual([
      {
        Type: 'AWS::IAM::RolePolicy',
        Properties: {
          RoleName: 'pipeline-deploy',
          PolicyName: 'rolemedic',
          PolicyDocument: { Version: '2012-10-17', Statement: [GRANT] },
        },
      },
    ])
  })

  it('gives the patch as CDK and as commands', async () => {
    expect((await asked('cdk')).out).toContain("new iam.CfnRolePolicy(scope, 'PipelineDeployRolemedic', {")
    const { out } = await asked('cli')
    const command = out.split('\n').filter(line => !line.startsWith('#') && line !== '')
    expect(command).toEqual([
      expect.stringMatching(/^aws iam put-role-policy --role-name pipeline-deploy --policy-name rolemedic /),
    ])
  })

  describe('for a role that a tool owns', () => {
    async function answer(name: string, ...args: string[]) {
      const files = [
        ['record.json', ECS],
        ['account.json', ACCOUNT],
      ] as const
      const [record, account] = files.map(([file, from]) => {
        const path = join(folder, file)
        writeFileSync(path, readFileSync(from, 'utf8').replaceAll('pipeline-deploy', name))
        return path
      }) as [string, string]
      return (await cli(['diagnose', record, '--account', account, ...args])).out
    }

    it('leads with the command of the tool, and has none that the tool undoes', async () => {
      const name = 'prod-OrdersDeployFunctionRole-bdmeovvh'
      const [first = '', second, ...rest] = (await answer(name)).split('\n')
      expect(first).toMatch(/^Allow what follows in the permissions of the function in sst\.config\.ts, as SST owns/)
      expect(second).toBe('    npx sst deploy')
      expect(rest[1]).toMatch(/^Patch: inline policy /)
      const commands = (await answer(name, '--format', 'cli')).split('\n')
      expect(commands.filter(line => !line.startsWith('#') && line !== '')).toEqual(['npx sst deploy'])
      expect(await answer(name, '--format', 'terraform')).toContain(' Run: npx sst deploy\n')
    })

    it('leads with it too where rolemedic changes nothing', async () => {
      const [first = '', second] = (await answer('cdk-team1-cfn-exec-role-111122223333-eu-west-1')).split('\n')
      expect(first).toMatch(
        /^Allow iam:PassRole on arn:aws:iam::111122223333:role\/app\/orders-task through the bootstrap stack of the CDK/,
      )
      expect(first).toContain('administers accounts')
      expect(second).toBe(
        '    npx cdk bootstrap aws://111122223333/eu-west-1 --qualifier team1 --cloudformation-execution-policies POLICY_ARN',
      )
    })
  })

  it('gives a comment, in the language of the checkout as well', async () => {
    const plain = await asked('markdown')
    expect(plain.out).toMatch(/^<!-- rolemedic -->\n/)
    expect(plain.out).not.toContain('```hcl')
    const { out } = await cli(['diagnose', ECS, '--account', ACCOUNT, '--format', 'markdown'], {
      files: { '.': ['README.md'], infra: ['main.tf'] },
    })
    expect(out).toContain('```diff\n')
    expect(out).toContain('```hcl\n# Inline policy rolemedic of role pipeline-deploy in account 111122223333.\n')
  })

  it('is what --json is short for', async () => {
    const json = await asked('json')
    expect(JSON.parse(json.out)).toEqual(JSON.parse((await cli(['diagnose', ECS, '--account', ACCOUNT, '--json'])).out))
  })

  it('gives an error text what to hand over, with the answer in comments', async () => {
    const { out } = await cli(['diagnose', '--message', TEXT, '--format', 'terraform'])
    const { resource } = await parseHcl('main.tf', out)
    expect(Object.keys(resource)).toEqual(['aws_iam_user_policy'])
    expect(out).toContain('\n# Not verified against your policies.\n')
    expect(out).toContain('\n# $ aws iam get-account-authorization-details > account.json\n')
    const comment = await cli(['diagnose', '--message', TEXT, '--format', 'markdown'], { files: { '.': ['cdk.json'] } })
    expect(comment.out).toContain('```ts\n// Not verified against your policies.\n')
    expect(comment.out).toContain(
      '- **Next:** Allow user jane to pass role fn to `lambda.amazonaws.com` (`iam:PassRole`), and no more. Not verified against your policies. ',
    )
  })

  it('separates the denials of a log, and says where each stands', async () => {
    const log = join(folder, 'build.log')
    writeFileSync(log, `one\n${TEXT}\ntwo\n${TEXT.replaceAll('role/fn', 'role/other')}\n`)
    const { out } = await cli(['diagnose', '--log', log, '--format', 'cli'])
    expect(out.split('\n').filter(line => /^# line \d+$/.test(line))).toEqual(['# line 2', '# line 4'])
  })

  it('makes each denial of a log a template of its own', async () => {
    const log = join(folder, 'two.log')
    writeFileSync(log, `${TEXT}\n${TEXT.replaceAll('role/fn', 'role/other')}\n`)
    const { out } = await cli(['diagnose', '--log', log, '--format', 'cloudformation'])
    const documents = parseAllDocuments(out)
    expect(documents.flatMap(({ errors }) => errors)).toEqual([])
    expect(documents.map(one => Object.keys(one.toJS()))).toEqual([['Resources'], ['Resources']])
  })

  it.each(['terraform', 'cdk', 'cloudformation', 'cli'])(
    'prints what is needed next as comments, as %s',
    async format => {
      const trusts = (service: string) => ({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
      })
      const role = (name: string, service: string) => ({
        ...{ Path: '/', RoleName: name, RoleId: `AROA${name.toUpperCase()}`, CreateDate: '2025-01-01T00:00:00Z' },
        ...{ Arn: `arn:aws:iam::111122223333:role/${name}`, AssumeRolePolicyDocument: trusts(service) },
        ...{ InstanceProfileList: [], RolePolicyList: [], AttachedManagedPolicies: [], Tags: [] },
      })
      const account = join(folder, 'account.json')
      const RoleDetailList = [role('ci', 'codebuild.amazonaws.com'), role('fn', 'ecs-tasks.amazonaws.com')]
      writeFileSync(account, JSON.stringify({ UserDetailList: [], GroupDetailList: [], Policies: [], RoleDetailList }))
      const text = TEXT.replace('iam::111122223333:user/jane', 'sts::111122223333:assumed-role/ci/run')
      const { out } = await cli(['diagnose', '--message', text, '--account', account, '--format', format])
      const [now = '', later = ''] = out.split('Needed next, not part of this change:\n')
      expect(now).toContain('rolemedic')
      expect(later).toContain('lambda.amazonaws.com')
      expect(later.split('\n').filter(line => line !== '' && !/^(?:#|\/\/)/.test(line))).toEqual([])
    },
  )

  it.each([
    ['a form that is none', ['--format', 'yaml'], /--format takes text, json, terraform, .*markdown, not "yaml"/],
    ['two forms', ['--json', '--format', 'cdk'], /give --json or --format cdk, not both/],
  ])('refuses %s', async (_, args, message) => {
    const io = memoryIo()
    await expect(dispatch(['diagnose', ECS, ...args], io)).resolves.toBe(2)
    expect(io.captured.err.join('\n')).toMatch(message)
  })
})

describe('rolemedic comment --format', () => {
  const json = async () => (await cli(['diagnose', ECS, '--account', ACCOUNT, '--json'])).out

  it('shows the change in the language that is asked for, else in that of the checkout', async () => {
    const stdin = await json()
    const asked = await cli(['comment', '--format', 'cloudformation'], { stdin, files: { '.': ['main.tf'] } })
    expect(asked.out).toContain('```yaml\n')
    expect(asked.out).not.toContain('```hcl\n')
    const found = await cli(['comment'], { stdin, files: { '.': ['main.tf'] } })
    expect(found.out).toContain('```hcl\n')
    const none = await cli(['comment'], { stdin })
    expect(none.out).not.toMatch(/```(?:hcl|ts|yaml|sh)\n/)
  })

  it('shows no secret of a trust policy', async () => {
    const one = JSON.parse(await json())
    const statement = {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::444455556666:role/caller' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': 's3cret' } },
    }
    one.patches[0].target = {
      kind: 'role-trust-policy',
      accountId: '111122223333',
      name: 'orders-task',
      policyName: null,
    }
    one.patches[0].after = { Version: '2012-10-17', Statement: [statement] }
    const { out } = await cli(['comment', '--format', 'terraform'], { stdin: JSON.stringify(one) })
    expect(out).toContain('resource "aws_iam_role" "orders_task"')
    expect(out).not.toContain('s3cret')
  })

  it('refuses a language that is none', async () => {
    const io = memoryIo({ stdin: await json() })
    await expect(dispatch(['comment', '--format', 'text'], io)).resolves.toBe(2)
  })
})

describe('a decoded authorization message', () => {
  const inner = readFileSync(join(root, 'test/cli/decoded-run-instances.json'), 'utf8')
  const wrapped = JSON.stringify({ DecodedMessage: inner })

  it.each([
    ['as STS holds it', inner],
    ['as the command line prints it', wrapped],
    ['with the indentation of the command line', JSON.stringify({ DecodedMessage: inner }, null, 4)],
  ])('is read %s, in a file, on standard input and in --message', async (_, text) => {
    const path = join(folder, 'decoded.json')
    writeFileSync(path, text)
    const outputs = await Promise.all([
      cli(['diagnose', path, '--json']),
      cli(['diagnose', '-', '--json'], { stdin: text }),
      cli(['diagnose', '--message', text, '--json']),
    ])
    for (const { code, out } of outputs) {
      expect(code).toBe(0)
      expect(JSON.parse(out).denial).toMatchObject({
        action: 'iam:PassRole',
        resource: 'arn:aws:iam::111122223333:role/app/web-instance',
        principal: { kind: 'role', arn: 'arn:aws:sts::111122223333:assumed-role/pipeline-deploy/build-7' },
      })
    }
  })

  it('tells which service the role was for, so that the account proves the cause', async () => {
    const path = join(folder, 'decoded.json')
    writeFileSync(path, wrapped)
    const output = JSON.parse((await cli(['diagnose', path, '--account', ACCOUNT, '--json'])).out)
    expect(output.diagnosis).toMatchObject({ cause: 'identity-gap', verdict: 'proved' })
    expect(output.patches[0].after.Statement.at(-1)).toMatchObject({
      Action: 'iam:PassRole',
      Resource: 'arn:aws:iam::111122223333:role/app/web-instance',
      Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    })
  })

  it('that denies another action is not ours', async () => {
    const other = inner.replace('"iam:PassRole"', '"ec2:RunInstances"')
    expect((await cli(['diagnose', '-', '--json'], { stdin: other })).code).toBe(3)
  })
})
