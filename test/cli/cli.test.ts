import { spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from './memory-io.ts'

const root = resolve(import.meta.dirname, '../..')
const ECS = join(root, 'events/ecs-register-task-definition.json')
const ACCOUNT = join(root, 'events/accounts/orders-dev.json')
const record = JSON.parse(readFileSync(ECS, 'utf8')) as { [member: string]: unknown }
const success = { ...record, errorCode: undefined, errorMessage: undefined, eventID: 'success' }
const MESSAGE =
  'User: arn:aws:iam::111122223333:user/ci-deployer is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/orders-task'

let folder: string
const file = (name: string, content: string | Buffer) => {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function cli(args: readonly string[], options: Parameters<typeof memoryIo>[0] = {}) {
  const io = memoryIo(options)
  const code = await dispatch(args, io)
  return { code, ...io.captured, lines: io.captured.out.split('\n').filter(line => line !== '') }
}

describe('rolemedic diagnose --json', () => {
  it('prints exactly the keys of the contract', async () => {
    const { code, lines } = await cli(['diagnose', ECS, '--account', ACCOUNT, '--json'])
    expect(code).toBe(0)
    expect(lines).toHaveLength(1)
    const output = JSON.parse(lines[0] ?? '')
    expect(Object.keys(output)).toEqual([
      'schema',
      'line',
      'denial',
      'diagnosis',
      'next',
      'patches',
      'verification',
      'refusal',
      'suggestion',
      'timeline',
      'run',
    ])
    expect(Object.keys(output.denial)).toEqual([
      'id',
      'time',
      'accountId',
      'region',
      'action',
      'principal',
      'resource',
      'reason',
      'reasonPolicyArn',
      'authorizationId',
      'encodedMessage',
      'call',
      'via',
    ])
    expect(Object.keys(output.diagnosis)).toEqual(['verdict', 'cause', 'summary', 'evidence', 'unknowns'])
    expect(Object.keys(output.patches[0])).toEqual(['target', 'before', 'after', 'digest', 'required'])
    expect(Object.keys(output.patches[0].target)).toEqual(['kind', 'accountId', 'name', 'policyName'])
    expect(Object.keys(output.verification)).toEqual([
      'before',
      'after',
      'controls',
      'proof',
      'counterexample',
      'risk',
      'approvers',
      'guardrails',
    ])
    expect(output.verification).toMatchObject({ proof: 'proved', counterexample: null })
    expect(output.denial.principal).toEqual({
      kind: 'role',
      arn: 'arn:aws:sts::111122223333:assumed-role/pipeline-deploy/AWSCodeBuild-5f1c2d3e-8a4b-4c6d-9e0f-1a2b3c4d5e6f',
      roleArn: 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy',
      accountId: '111122223333',
    })
    expect(output.denial.time).toBe('2026-11-24T02:47:31.000Z')
    expect(output.diagnosis).toMatchObject({ verdict: 'proved', cause: 'identity-gap' })
    expect(output.verification).toMatchObject({ before: 'denied', after: 'allowed' })
    expect(output.refusal).toBeNull()
  })

  it('says what it needs to see without an account, and sets the refusal only then', async () => {
    const { code, lines } = await cli(['diagnose', ECS, '--json'])
    const output = JSON.parse(lines[0] ?? '')
    expect(code).toBe(0)
    expect(output.diagnosis.verdict).toBe('not-enough-evidence')
    expect(output.diagnosis.unknowns).toContainEqual({
      fact: "the caller's policies",
      why: 'no snapshot of account 111122223333 was given (aws iam get-account-authorization-details prints one)',
    })
    expect(output.patches).toEqual([])
    expect(output.refusal.code).toBe('identity-gap')
    expect(output.diagnosis.cause).toBe('identity-gap')
    expect(output.suggestion.statement).toMatchObject({
      Resource: 'arn:aws:iam::111122223333:role/app/orders-task',
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    })
    expect(output.refusal.message).toContain('Run: aws iam get-account-authorization-details > account.json')
    expect(output.verification).toBeNull()
  })

  it('prints one line for each record of ours and none for others', async () => {
    const log = file(
      'log.json',
      JSON.stringify({ Records: [success, record, success, { ...record, eventID: 'second' }] }),
    )
    const { code, lines, err } = await cli(['diagnose', log, '--account', ACCOUNT, '--json'])
    expect(code).toBe(0)
    expect(lines.map(line => JSON.parse(line).denial.id)).toEqual([record['eventID'], 'second'])
    expect(err).toEqual([])
  })

  it('reads standard input, a compressed log file, and an error text', async () => {
    const fromStdin = await cli(['diagnose', '-', '--json'], { stdin: JSON.stringify({ detail: record }) })
    expect(JSON.parse(fromStdin.lines[0] ?? '').denial.id).toBe(record['eventID'])
    const packed = file('log.json.gz', gzipSync(JSON.stringify({ Records: [record] })))
    expect((await cli(['diagnose', packed, '--json'])).lines).toEqual(fromStdin.lines)
    const fromText = await cli(['diagnose', '--message', MESSAGE, '--account', ACCOUNT, '--json'])
    expect(JSON.parse(fromText.lines[0] ?? '').denial).toMatchObject({
      action: 'iam:PassRole',
      resource: 'arn:aws:iam::111122223333:role/app/orders-task',
      time: null,
    })
  })

  it('completes the role of an error text with its path from the account', async () => {
    const text = MESSAGE.replace(
      'arn:aws:iam::111122223333:user/ci-deployer',
      'arn:aws:sts::111122223333:assumed-role/pipeline-deploy/ci-1',
    )
    const roleArn = async (...more: string[]) => {
      const { lines } = await cli(['diagnose', '--message', text, ...more, '--json'])
      return JSON.parse(lines[0] ?? '').denial.principal.roleArn
    }
    expect(await roleArn('--account', ACCOUNT)).toBe('arn:aws:iam::111122223333:role/deploy/pipeline-deploy')
    expect(await roleArn()).toBe('arn:aws:iam::111122223333:role/pipeline-deploy')
  })

  it('reads files written by PowerShell', async () => {
    const wide = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')
    const event = file('wide.json', wide(JSON.stringify(record)))
    const account = file('wide-account.json', wide(readFileSync(ACCOUNT, 'utf8')))
    const { code, lines } = await cli(['diagnose', event, '--account', account, '--json'])
    expect({ code, verdict: JSON.parse(lines[0] ?? '').diagnosis.verdict }).toEqual({ code: 0, verdict: 'proved' })
  })

  it('adds iam:GetRole to the patch on request', async () => {
    const { lines } = await cli(['diagnose', ECS, '--account', ACCOUNT, '--with-get-role', '--json'])
    expect(JSON.stringify(JSON.parse(lines[0] ?? '').patches[0].after)).toContain('iam:GetRole')
  })

  it('reads SCPs from the organization file', async () => {
    const deny = {
      Version: '2012-10-17',
      Statement: [{ Sid: 'No', Effect: 'Deny', Action: 'iam:PassRole', Resource: '*' }],
    }
    const org = file(
      'org.json',
      JSON.stringify({
        organizationId: 'o-abc123',
        managementAccountId: '999999999999',
        accounts: {
          '111122223333': {
            path: [
              {
                id: 'r-root',
                serviceControlPolicies: [
                  { name: 'FullAWSAccess', document: {} },
                  { name: 'guard', document: deny },
                ],
                resourceControlPolicies: [],
              },
            ],
          },
        },
      }),
    )
    // AWS names no policy type here, so nothing contradicts the policies that were read.
    const silent = file('silent.json', JSON.stringify({ ...record, errorMessage: MESSAGE }))
    const { lines } = await cli(['diagnose', silent, '--account', ACCOUNT, '--org', org, '--json'])
    expect(JSON.parse(lines[0] ?? '').diagnosis).toMatchObject({
      verdict: 'not-ours',
      cause: 'explicit-deny',
      evidence: expect.arrayContaining([expect.objectContaining({ policyType: 'scp', policy: 'guard', sid: 'No' })]),
    })
  })
})

describe('rolemedic diagnose for a terminal', () => {
  it('begins with what to do, then what changes, then why; how it is known is for --verbose', async () => {
    const { code, out } = await cli(['diagnose', ECS, '--account', ACCOUNT])
    expect(code).toBe(0)
    expect(out.split('\n')[0]).toBe(
      'Change the inline policy rolemedic of role pipeline-deploy in 111122223333 as shown: role pipeline-deploy may then pass role orders-task (iam:PassRole), and nothing else changes.',
    )
    const heads = [
      'Patch: ',
      'risk low, one approver',
      'Cause: identity-gap (proved)',
      'Denied: iam:PassRole on',
      'Not seen: ',
    ]
    expect(heads.map(head => out.indexOf(head))).toEqual(heads.map(head => out.indexOf(head)).toSorted((a, b) => a - b))
    for (const head of heads) expect(out).toContain(head)
    expect(out).not.toMatch(/digest|Evidence|Checks|guardrails/)
  })

  it('shows with --verbose what was denied, why, what would change and what was checked', async () => {
    const { code, out } = await cli(['diagnose', ECS, '--account', ACCOUNT, '--verbose'])
    expect(code).toBe(0)
    expect(out).toContain('Denied: iam:PassRole on arn:aws:iam::111122223333:role/app/orders-task')
    expect(out).toContain('Cause: identity-gap (proved)')
    expect(out).toContain('Patch: inline policy rolemedic of role pipeline-deploy in 111122223333')
    expect(out).toContain('+       "Resource": "arn:aws:iam::111122223333:role/app/orders-task"')
    expect(out).toContain('the denied request: denied before, allowed after')
    expect(out).toMatch(/^ {2}change digest sha256:[0-9a-f]{64}$/m)
    expect(out).toMatch(/^patch digest sha256:[0-9a-f]{64} \(/m)
    expect(out).not.toContain('\u001b')
  })

  describe('the number of approvers, by the rule of the card', () => {
    const LAMBDA = join(root, 'events/lambda-create-function.json')
    const machines = () =>
      file(
        'machines.json',
        JSON.stringify({ machineUsers: ['arn:aws:iam::*:user/ci-*'], approvers: { users: ['U0ONCALL1'] } }),
      )
    const nobody = () => file('nobody.json', JSON.stringify({ approvers: { users: ['U0ONCALL1'] } }))

    it.each([
      [
        'a user who may be a person',
        nobody,
        2,
        'risk low, 2 approvers (cannot tell who was denied: this IAM user is mapped to nobody: add it to "people" or "machineUsers")',
      ],
      ['a user whom the configuration calls a machine', machines, 1, 'risk low, one approver\n'],
    ])('%s', async (_, config, approvers, line) => {
      const args = ['diagnose', LAMBDA, '--account', ACCOUNT, '--config', config()]
      expect((await cli(args)).out).toContain(line)
      const { out } = await cli([...args, '--json'])
      expect(JSON.parse(out).verification).toMatchObject({ risk: 'low', approvers })
      const comment = await cli(['comment'], { stdin: out })
      expect(comment.out).toContain(`**Fix:** low risk, ${approvers} approver`)
    })

    it('a role session with an e-mail address, which Slack may not know', async () => {
      const event = readFileSync(ECS, 'utf8').replaceAll(/AWSCodeBuild-[0-9a-f-]+/g, 'jane@example.com')
      const { out } = await cli(['diagnose', '-', '--account', ACCOUNT], { stdin: event })
      expect(out).toContain('risk low, one approver\n')
    })

    it('is not shown for a refused patch, while the JSON keeps its keys', async () => {
      const args = ['diagnose', join(root, 'events/assume-role-cross-account.json'), '--account', ACCOUNT]
      const both = [...args, '--account', join(root, 'events/accounts/shared-tools.json')]
      const { out } = await cli([...both, '--verbose'])
      expect(out).toContain('refuses trust-account')
      expect(out).not.toMatch(/approver|risk/)
      const output = JSON.parse((await cli([...both, '--json'])).out)
      expect(output.patches).toEqual([])
      expect(Object.keys(output.verification)).toContain('approvers')
    })
  })

  it('notes that the configuration in the folder was not used, except with --json', async () => {
    const hint =
      'rolemedic: rolemedic.config.json exists and was not used: add --config rolemedic.config.json to use it'
    expect((await cli(['diagnose', ECS])).err).toEqual([hint])
    expect((await cli(['diagnose', ECS, '--config', join(root, 'rolemedic.config.json')])).err).toEqual([])
    expect((await cli(['diagnose', ECS, '--json'])).err).toEqual([])
  })

  it('treats the service for an error text as a guess that needs two approvers', async () => {
    const { out } = await cli(['diagnose', '--message', MESSAGE, '--account', ACCOUNT])
    expect(out).toContain('Cause: identity-gap (likely)')
    expect(out).toContain(
      'on orders-task for ecs-tasks.amazonaws.com (the text does not say which call this was: ecs-tasks.amazonaws.com is a guess)',
    )
    expect(out).toContain('"StringEqualsIfExists"')
    expect(out).toContain('risk elevated, 2 approvers')
    expect((await cli(['diagnose', ECS, '--account', ACCOUNT])).out).not.toContain('guess')
  })

  it('lists the same unseen layers under Not seen and in the warning', async () => {
    for (const input of [[ECS], ['--message', MESSAGE]]) {
      const { out } = await cli(['diagnose', ...input, '--account', ACCOUNT, '--verbose'])
      const [, section = ''] = /Not seen\n((?: {2}- .*\n)+)/.exec(out) ?? []
      const named = [...section.matchAll(/^ {2}- (.*?): /gm)].map(([, fact]) => fact)
      const facts = named.filter(fact => fact !== 'iam:PassedToService')
      expect(facts).toContain('service control policies')
      expect(out).toContain(`warns unseen-layers: Could not see: ${facts.join(', ')}. If`)
    }
  })

  it('says what to do if AWS names a deny that was not read, and why there is no patch', async () => {
    const org = join(root, 'events/organization/o-abc123.json')
    const denied = join(root, 'events/ecs-explicit-deny-scp.json')
    const { out } = await cli(['diagnose', denied, '--account', ACCOUNT, '--org', org, '--verbose'])
    expect(out).toContain('Cause: explicit-deny (likely)')
    expect(out).toMatch(
      /^Read the policies again, or ask the owner of .*: AWS names a deny that is not in the policies/,
    )
    expect(out).toContain('No patch: explicit-deny\n')
    const { lines } = await cli(['diagnose', denied, '--account', ACCOUNT, '--org', org, '--json'])
    expect(JSON.parse(lines[0] ?? '').refusal.message).toContain(
      'AWS names a deny that is not in the policies that were read',
    )
  })

  it('names no caller and no cause if the text does not', async () => {
    const cross = await cli(['diagnose', '--message', 'Cross-account pass role is not allowed.'])
    expect(cross.out).toContain('  by an unnamed caller\n')
    expect(cross.out).toContain('\n  A role of another account cannot be passed')
    expect((await cli(['diagnose', '--message', MESSAGE])).out).toContain('\nCause: not known\n')
  })

  it('says how to continue with a deploy event, and with a denial that is only in an encoded message', async () => {
    const deploy = await cli(['diagnose', join(root, 'events/deploys/stack-rollback.json')])
    expect(deploy).toMatchObject({
      code: 2,
      err: [expect.stringContaining('rolemedic explain-deploy FILE explains what broke it')],
    })
    const encoded = await cli(['diagnose', join(root, 'events/ec2-run-instances-encoded-only.json')])
    expect(encoded).toMatchObject({ code: 3, err: [expect.stringContaining('(with --live, AWS decodes it)')] })
  })

  it('writes "AWS says" once', async () => {
    const { out } = await cli(['diagnose', ECS, '--verbose'])
    expect(out).toContain('\n  - AWS says: no identity-based policy allows the action\n')
  })

  it('names the SAML condition keys to a SAML user', async () => {
    const { out } = await cli(['diagnose', join(root, 'events/saml-sign-in.json'), '--account', ACCOUNT])
    expect(out).toContain('its owner to add the provider with exact SAML:sub and SAML:aud')
  })

  it('counts statements from one, like the card', async () => {
    const { out } = await cli([
      'diagnose',
      join(root, 'events/web-identity-github.json'),
      '--account',
      ACCOUNT,
      '--verbose',
    ])
    expect(out).toContain('role/github-deploy statement 1 (GitHubMain): requires')
  })

  it('uses colours only if allowed', async () => {
    expect((await cli(['diagnose', ECS], { colour: true })).out).toContain('\u001b[31m')
  })

  it('warns about an old denial, using --at as the current time', async () => {
    expect((await cli(['diagnose', ECS, '--at', '2026-11-30T02:47:31Z'])).out).toContain('(6 days ago')
    expect((await cli(['diagnose', ECS, '--at', '2026-11-25T03:00:00Z'])).out).toContain('(24 hours ago')
    expect((await cli(['diagnose', ECS, '--at', '2026-11-24T03:00:00Z'])).out).not.toContain('ago')
  })

  it('shows untrusted text without escape sequences and direction marks', async () => {
    const hostile = { ...record, errorMessage: `${record['errorMessage']}\u001b[2J\u202e\nrolemedic: all is well` }
    const { out } = await cli(['diagnose', file('hostile.json', JSON.stringify(hostile)), '--account', ACCOUNT])
    expect(out).toContain('Denied: iam:PassRole')
    for (const mark of ['\u001b', '\u202e']) expect(out).not.toContain(mark)
    expect(out).not.toMatch(/^rolemedic: all is well/m)
  })
})

describe('invalid input', () => {
  it.each([
    ['YAML', 'GroupDetailList: []\nRoleDetailList:\n- Arn: arn:aws:iam::111122223333:role/x\n'],
    ['text', 'ROLEDETAILLIST\tarn:aws:iam::111122223333:role/x\t2026-11-24T02:47:31+00:00\n'],
    ['a table', '-------------------\n|GetAccountAuthorizationDetails|\n'],
  ])('an account in %s says which form it takes', async (_, content) => {
    const { code, err } = await cli(['diagnose', ECS, '--account', file('account.yaml', content)])
    expect({ code, lines: err.length }).toEqual({ code: 2, lines: 1 })
    expect(err[0]).toContain('add --output json to aws iam get-account-authorization-details')
  })

  const WRONG: readonly (readonly [what: string, content: string, code: number])[] = [
    ['an empty file', '', 2],
    ['garbage', '\u0000\u0001 not json', 2],
    ['deep nesting', '['.repeat(300_000), 2],
    ['deep nesting that is closed again', '['.repeat(100_000) + ']'.repeat(100_000), 2],
    ['a number', '42', 2],
    ['a record of wrong types', '{"eventName": 5, "eventSource": [], "errorCode": {}}', 2],
    ['a log without records', '{"Records": []}', 3],
    ['a call that succeeded', JSON.stringify(success), 3],
    [
      'a denial of something else',
      JSON.stringify({ ...record, errorMessage: MESSAGE.replaceAll('PassRole', 'GetRole') }),
      3,
    ],
  ]
  for (const [what, content, expected] of WRONG) {
    it(`${what} ends in one line and exit code ${expected}`, async () => {
      const { code, out, err } = await cli(['diagnose', file('input.json', content), '--json'])
      expect({ code, out, lines: err.length }).toEqual({ code: expected, out: '', lines: 1 })
      expect(err[0]).toMatch(/^rolemedic: [^\n]+$/)
    })
  }

  const USAGE: readonly (readonly [what: string, args: readonly string[], line: RegExp])[] = [
    ['no input', ['diagnose', '--json'], /give a FILE, a TEXT in quotes, or - for standard input/],
    ['two files', ['diagnose', 'a', 'b'], /takes one FILE\|TEXT/],
    ['a file and a message', ['diagnose', 'a', '--message', 'b'], /not both/],
    ['--live with --account', ['patch-code', '.', ECS, '--live', '--account', ACCOUNT], /not both/],
    ['--profile without --live', ['diagnose', ECS, '--profile', 'p'], /need --live/],
    [
      'an unknown option',
      ['diagnose', ECS, '--bogus'],
      /Unknown option '--bogus': there are --message, --log, --account, .*--help \(rolemedic diagnose --help\)/,
    ],
    ['an unknown option of a command with one', ['match', ECS, '--bogus'], /'--bogus': there are --json, --help \(/],
    ['a time that is none', ['diagnose', ECS, '--at', 'yesterday'], /--at takes a time like/],
    ['a day that is none', ['diagnose', ECS, '--at', '2026-02-30T00:00:00Z'], /not "2026-02-30T00:00:00Z"/],
    ['an empty name', ['diagnose', ''], /^rolemedic: a FILE name is empty$/],
    ['an empty name of an account', ['diagnose', ECS, '--account', ''], /a FILE name is empty/],
    ['a missing file', ['diagnose', '/no/such/file'], /\/no\/such\/file: no such file/],
    ['a directory', ['diagnose', root], /is a directory/],
    ['a missing account', ['diagnose', ECS, '--account', '/no/such/file'], /no such file/],
    ['an event in place of an account', ['diagnose', ECS, '--account', ECS], /not the output of aws iam get-account/],
    ['an account in place of a configuration', ['diagnose', ECS, '--config', ACCOUNT], /orders-dev\.json: /],
    ['an unknown command', ['cure'], /unknown command "cure"/],
    ['a missing file without a command', ['denial.json'], /denial\.json: no such file, and no command/],
    [
      'an option before the command',
      ['--json', 'diagnose', ECS],
      /options stand behind the command: rolemedic diagnose/,
    ],
    ['a grant that is not named, as by an empty variable', ['revert'], /revert needs an ID: rolemedic audit grants/],
    [
      'a forgotten value',
      ['diagnose', ECS, '--account', '--json'],
      /--account has no value; one that begins with a dash/,
    ],
    ['a second log', ['diagnose', '--log', ECS, '--log', ACCOUNT], /--log was given twice, with different values/],
    ['a name from Object', ['constructor'], /unknown command "constructor"/],
    ['another half of a command', ['config', 'chek'], /config takes "check"/],
    ['help about nothing', ['help', 'cure'], /unknown command "cure"/],
    ['an empty word', [''], /unknown command ""/],
    ['two files without a command', [ECS, ACCOUNT], /give one FILE, or a TEXT with quotes around it/],
  ]
  for (const [what, args, line] of USAGE) {
    it(`${what} ends in one line and exit code 2`, async () => {
      const { code, out, err } = await cli(args)
      expect({ code, out, lines: err.length }).toEqual({ code: 2, out: '', lines: 1 })
      expect(err[0]).toMatch(line)
    })
  }

  it.each([
    ['zip', 'PK\u0003\u0004…'],
    ['bzip2', 'BZh91AY&SY…'],
    ['bzip2', 'BZh11AY&SY…'],
    ['xz', '\u00fd7zXZ\u0000…'],
    ['zstd', '(\u00b5/\u00fd…'],
  ])('says of %s that it is to be unpacked', async (name, content) => {
    const log = file(`log.${name}`, Buffer.from(content, 'latin1'))
    const line = `${log}: ${name}, which is not read: unpack it first`
    for (const command of ['diagnose', 'match', 'explain-deploy'])
      expect(await cli([command, log])).toMatchObject({ code: 2, out: '', err: [`rolemedic: ${line}`] })
    const { code, err } = await cli(['backtest', log])
    expect({ code, line: err[0] }).toEqual({ code: 2, line: `rolemedic: ${line}` })
  })

  it('shows an untrusted file name on one line, without control characters', async () => {
    const { err } = await cli(['diagnose', '/no/such\u001b[31m\u0007file'])
    expect(err).toEqual(['rolemedic: /no/such file: no such file'])
  })
})

describe('standard input', () => {
  const TEMPLATE = `Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::111122223333:role/app/orders-task
`
  const DEPLOYED = ['--as', 'arn:aws:iam::111122223333:role/deploy/pipeline-deploy', '--account', ACCOUNT]
  const piped = (args: readonly string[], input: string | Buffer) =>
    spawnSync(process.execPath, [join(root, 'cli/main.ts'), ...args], { input, encoding: 'utf8', env: {} })
  const RECORD = JSON.stringify(record)

  it.each([
    ['backtest', ['backtest', '-'], gzipSync(RECORD), /^1 record of 1 day/, 0],
    ['an account', ['diagnose', ECS, '--account', '-'], readFileSync(ACCOUNT), /^Change the /, 0],
    ['preflight', ['preflight', '-', ...DEPLOYED], TEMPLATE, /standard input:5 Fn\.Role/, 1],
  ] as const)('is read by %s', (_, args, input, out, code) => {
    const { status, stdout } = piped(args, input)
    expect({ status, stdout }).toEqual({ status: code, stdout: expect.stringMatching(out) })
  })

  it.each([
    ['ci', ['ci', '--log', '-'], MESSAGE, 0],
    ['a message', ['diagnose', '--message', '-'], MESSAGE, 0],
    ['patch-code', ['patch-code', join(root, 'events/trails'), '--message', '-', '--account', ACCOUNT], MESSAGE, 1],
    ['ci before a deploy', ['ci', '--preflight', '-', ...DEPLOYED], TEMPLATE, 1],
  ] as const)('is read by %s', async (_, args, stdin, expected) => {
    const { code, out } = await cli(args, { stdin })
    expect({ code, out }).toEqual({ code: expected, out: expect.stringContaining('role/app/orders-task') })
  })

  it('is read once', () => {
    const { status, stdout, stderr } = piped(['diagnose', '-', '--account', '-'], RECORD)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toBe('rolemedic: standard input can be read only once\n')
  })

  it('is of the client of mcp', async () => {
    const { code, err } = await cli(['mcp', '--account', '-'])
    expect({ code, err }).toEqual({
      code: 2,
      err: ['rolemedic: standard input is for the client: give the name of a file'],
    })
  })

  it('is not the only pipe: preflight reads one that a shell has made', () => {
    const pipe = join(folder, 'pipe')
    expect(spawnSync('mkfifo', [pipe]).status).toBe(0)
    const writer = spawn('sh', ['-c', 'printf %s "$0" > "$1"', TEMPLATE, pipe])
    const { status, stdout } = piped(['preflight', pipe, ...DEPLOYED], '')
    writer.kill()
    expect({ status, named: stdout.includes(`${pipe}:5 Fn.Role`) }).toEqual({ status: 1, named: true })
  })
})

describe('rolemedic', () => {
  it('explains itself', async () => {
    expect((await cli(['--help'])).out).toContain('rolemedic <command>')
    expect((await cli(['diagnose', '--help'])).out).toContain('--with-get-role')
    expect((await cli(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each([
    [[], 'rolemedic <command>'],
    [['help'], 'rolemedic <command>'],
    [['help', '--help'], 'rolemedic <command>'],
    [['help', 'diagnose'], 'rolemedic diagnose [FILE|TEXT|-] [options]'],
    [['comment', '--help'], 'rolemedic comment [FILE|-]'],
    [['patterns', '--help'], 'rolemedic patterns'],
    [['match', '-h'], 'rolemedic match FILE|-'],
    [['help', 'match'], 'rolemedic match FILE|-'],
    [['audit'], 'rolemedic audit list'],
    [['audit', 'show', '--help'], 'rolemedic audit list'],
    [['help', 'audit', 'verify'], 'rolemedic audit list'],
    [['config'], 'rolemedic config check'],
    [['config', '--help'], 'rolemedic config check'],
    [['config', 'check', '--help'], 'rolemedic config check'],
    [['help', 'config'], 'rolemedic config check'],
    [['help', 'config', 'check'], 'rolemedic config check'],
  ])('%j prints help and ends with 0', async (args, start) => {
    const { code, out, err } = await cli(args)
    expect({ code, err }).toEqual({ code: 0, err: [] })
    expect(out.startsWith(start)).toBe(true)
  })

  it.each([
    ['diagnose', 'rolemedic: give a FILE', 'rolemedic diagnose [FILE|TEXT|-] [options]'],
    ['match', 'rolemedic: match takes one file', 'rolemedic match FILE|-'],
  ])(
    '%s alone explains itself, and is no success, as a variable of a script may be empty',
    async (name, line, help) => {
      const { code, out, err } = await cli([name])
      expect({ code, out }).toEqual({ code: 2, out: '' })
      expect(err[0]).toContain(line)
      expect(err[1]).toContain(help)
    },
  )

  it('ends cleanly if its reader stops early', async () => {
    const log = file('many.json', JSON.stringify({ Records: Array.from({ length: 3_000 }, () => record) }))
    const child = spawn(process.execPath, [join(root, 'cli/main.ts'), 'diagnose', log, '--json'])
    let err = ''
    child.stderr.on('data', chunk => {
      err += chunk
    })
    child.stdout.once('data', () => child.stdout.destroy())
    const code = await new Promise(resolve => child.once('close', resolve))
    expect({ code, err }).toEqual({ code: 0, err: '' })
  })

  it('keeps its exit code if nobody reads its errors', async () => {
    const child = spawn(process.execPath, [join(root, 'cli/main.ts'), 'diagnose', join(folder, 'no-such-file')])
    child.stderr.destroy()
    expect(await new Promise(resolve => child.once('exit', resolve))).toBe(2)
  })

  it.runIf(existsSync('/dev/full'))('reports a full disk in one line, and not as a failed check', () => {
    const full = openSync('/dev/full', 'w')
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'cli/main.ts'), 'patterns'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    })
    closeSync(full)
    expect(stderr).toBe('rolemedic: standard output: ENOSPC: no space left on device, write\n')
    expect(status).toBe(2)
  })
})
