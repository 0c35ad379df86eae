import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseSettings, readSettings, settingsIn } from '../../infra/settings.ts'
import { deploy, ORGANIZATION } from './deployment.ts'
import { inAccount } from './resolved.ts'

const root = resolve(import.meta.dirname, '../..')
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:oncall'
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/denials'
const SLACK = { teamId: 'T0OURS', appId: 'A0OURS' }
const parse = (settings: object) => () => parseSettings({ slack: SLACK, ...settings }, 'deploy.json')

describe('the settings of a deployment', () => {
  it('are short for one account: the sample is enough', () => {
    const settings = readSettings(resolve(root, 'rolemedic.deploy.json'))
    expect(settings).toMatchObject({ organization: null, reservedConcurrency: true, logRetentionDays: 90 })
  })

  it.each([
    [{}, /^deploy\.json: region: /],
    [{ region: 'eu-west' }, /region: a Region looks like eu-west-1/],
    [{ region: 'eu-west-1', regoins: [] }, /the file: Unrecognized key: "regoins"/],
    [{ region: 'eu-west-1', otherRegions: ['eu-west-1'] }, /otherRegions: eu-west-1 is the bot's own Region/],
    [{ region: 'eu-west-1', organization: { id: 'o-abc1234567' } }, /organization\.hubAccountId/],
    [{ region: 'eu-west-1', writerExternalId: 'short' }, /writerExternalId: an external id has 8 to 128/],
    [{ region: 'eu-west-1', logRetentionDays: 45 }, /logRetentionDays/],
    [{ region: 'eu-west-1', existing: { keyArn: 'alias/mine' } }, /existing\.keyArn: an ARN looks like/],
    [{ region: 'eu-west-1', otherRegions: ['us-east-1', 'us-east-1'] }, /otherRegions: us-east-1 is named twice/],
    [{ region: 'eu-west-1', runbook: 'docs/runbooks.md' }, /runbook: the address of your copy .* starts with https/],
    [{ region: 'eu-west-1', runbook: 'https://wiki.test/a#b' }, /runbook: without a section/],
    [
      { region: 'eu-west-1', memberAlarmTopic: 'oncall' },
      /^deploy\.json: memberAlarmTopic: no longer a setting: remove it, .* silent-members in the hub/,
    ],
    [{ region: 'eu-west-1', heartbeats: { retired: ['eu-west-1'] } }, /heartbeats\.retired\.0: like 111122223333 or/],
    [{ region: 'eu-west-1', heartbeats: { regions: ['us-east-1'] } }, /heartbeats\.regions: for an organization/],
    [
      {
        region: 'eu-west-1',
        organization: { id: 'o-abc1234567', hubAccountId: '111122223333' },
        heartbeats: { regions: ['cn-north-1'] },
      },
      /heartbeats\.regions: cn-north-1: it is in aws-cn/,
    ],
    [
      {
        region: 'eu-west-1',
        organization: { id: 'o-abc1234567', hubAccountId: '111122223333' },
        heartbeats: { regions: ['eu-west-1', 'eu-west-1'] },
      },
      /heartbeats\.regions: eu-west-1 is named twice/,
    ],
    [{ region: 'eu-west-1', enabled: 'yes' }, /enabled: /],
    [
      { region: 'eu-west-1', existing: { keyArn: KEY.replace(/key.*/, 'alias/mine') } },
      /existing\.keyArn: an ARN looks/,
    ],
    [{ region: 'eu-west-1', existing: { keyArn: KEY.slice(0, -1) } }, /existing\.keyArn: .* with the whole id/],
    [{ region: 'eu-west-1', existing: { topicArn: `${TOPIC}.fifo` } }, /existing\.topicArn: an ARN looks like/],
    [
      { region: 'us-east-1', existing: { keyArn: KEY } },
      /existing\.keyArn: it is in eu-west-1, and the bot runs in us-/,
    ],
    [{ region: 'us-east-1', existing: { topicArn: TOPIC } }, /existing\.topicArn: it is in eu-west-1/],
    [{ region: 'us-east-1', existing: { busArn: BUS } }, /existing\.busArn: it is in eu-west-1/],
    [
      { region: 'eu-west-1', existing: { busArn: BUS.replace('denials', 'default') } },
      /existing\.busArn: the default bus/,
    ],
    [
      {
        region: 'eu-west-1',
        organization: { id: 'o-abc1234567', hubAccountId: '444455556666' },
        existing: { busArn: BUS },
      },
      /existing\.busArn: rules are made on it, so it has to be in the hub's account/,
    ],
    [{ region: 'eu-west-1', existing: { auditBucket: 'Company_Audit' } }, /existing\.auditBucket: a bucket name has/],
    [{ region: 'eu-west-1', existing: { auditBucket: 'a..b' } }, /existing\.auditBucket: .* no two dots together/],
    [{ region: 'eu-west-1', existing: { auditBucket: '192.168.5.4' } }, /existing\.auditBucket: .* no IP address/],
    [
      { region: 'eu-west-1', otherRegions: ['us-east-1', 'cn-north-1'] },
      /: otherRegions: cn-north-1: it is in aws-cn, and the bot runs in aws$/,
    ],
    [
      { region: 'cn-north-1', existing: { topicArn: TOPIC.replace('eu-west-1', 'cn-north-1') } },
      /: existing\.topicArn: it is in aws, and the bot runs in aws-cn$/,
    ],
    [
      { region: 'us-gov-west-1', organization: ORGANIZATION },
      /: organization\.identityCenter: it is in aws, and the bot runs in aws-us-gov$/,
    ],
    [
      { region: 'eu-west-1', slack: { appId: 'A0', teamId: 'E0GRID' } },
      /slack\.teamId: a Slack workspace id starts with T/,
    ],
    [{ region: 'eu-west-1', slack: { appId: 'A0', enterpriseId: 'T0X' } }, /slack\.enterpriseId: .* starts with E/],
    [{ region: 'eu-west-1', slack: { teamId: 'T0OURS' } }, /slack\.appId: needed: the id of the Slack app/],
    [{ region: 'eu-west-1', slack: { appId: 'A0OURS' } }, /slack: needed: teamId, or enterpriseId where the app/],
    [{ region: 'eu-west-1', slack: {} }, /slack\.appId: needed/],
    [{ region: 'eu-west-1', slack: undefined }, /slack: needed: appId, and teamId or enterpriseId/],
    // In an ARN it would stand behind another /, and match nothing.
    [{ region: 'eu-west-1', boundaryPolicies: ['/team/Ceiling-*'] }, /boundaryPolicies\.0: .* with no \/ first/],
    [{ region: 'eu-west-1', protectedPaths: ['security'] }, /protectedPaths\.0: an IAM path starts and ends/],
    [
      { region: 'eu-west-1', protectedPaths: ['/${aws:username}/'] },
      /protectedPaths\.0: .* has no space, \*, \? or \$/,
    ],
    [{ region: 'eu-west-1', alertEmails: ['ops@corp.test', 'ops@corp.test'] }, /alertEmails: ops@corp\.test is named/],
  ])('that are wrong stop the synthesis with one line that says where: %j', (settings, line) => {
    expect(parse(settings)).toThrow(line)
    try {
      parse(settings)()
    } catch (error) {
      expect((error as Error).message).not.toContain('\n')
    }
  })

  it('may name an organization of several workspaces, alone or with one of them', () => {
    for (const slack of [
      { appId: 'A0OURS', enterpriseId: 'E0GRID' },
      { appId: 'A0OURS', enterpriseId: 'E0GRID', teamId: 'T0OURS' },
    ])
      expect(parseSettings({ region: 'eu-west-1', slack }, 'test').slack).toEqual(slack)
  })

  it('name every mistake at once', () => {
    expect(parse({ region: 1, alertEmails: ['nobody'] })).toThrow(/region: .*; alertEmails\.0: /)
  })

  it('that are wrong end the command with that line alone', () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [resolve(root, 'infra/synth.ts'), '--settings', resolve(root, 'package.json')],
      { encoding: 'utf8' },
    )
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^\S+package\.json: region: [^\n]+\n$/)
  })

  it.each([
    ['the sample as it is', null, /^\S+rolemedic\.config\.json: this is the sample configuration: /],
    [
      'one id of the sample',
      { channel: 'C0DEPLOYS' },
      /channel: C0DEPLOYS is an id of the sample configuration: replace/,
    ],
    ['no channel', {}, /channel: name the Slack channel for cards, it has no default/],
  ])('deploy no configuration with %s', (_, changes, line) => {
    const folder = mkdtempSync(join(tmpdir(), 'rolemedic-sample-'))
    const sample = resolve(root, 'rolemedic.config.json')
    const file = join(folder, 'mine.json')
    const people = { approvers: { users: ['U0ANNA', 'U0BEN'] } }
    if (changes !== null) writeFileSync(file, JSON.stringify({ ...people, ...changes }))
    const settings = join(folder, 'deploy.json')
    const slack = { appId: 'A0OURS', teamId: 'T0OURS' }
    const config = changes === null ? sample : file
    writeFileSync(settings, JSON.stringify({ region: 'eu-west-1', slack, config }))
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [resolve(root, 'infra/synth.ts'), '--settings', settings],
      // As the CDK command line runs it.
      { encoding: 'utf8', env: { ...process.env, CDK_OUTDIR: join(folder, 'cdk.out') } },
    )
    rmSync(folder, { recursive: true })
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(line)
  })

  it('that cannot be read say so', () => {
    expect(() => readSettings('/nowhere/deploy.json')).toThrow(/^\/nowhere\/deploy\.json: cannot be read/)
    expect(() => readSettings(resolve(root, 'LICENSE'))).toThrow(/not JSON/)
  })

  it('have no key twice, as a person may have read the other', () => {
    const text = `{ "region": "eu-west-1",\n"region": "us-east-1", "slack": ${JSON.stringify(SLACK)} }`
    expect(() => settingsIn(text, 'deploy.json')).toThrow('deploy.json: line 2: "region" is there twice: keep one')
    const one = text.replace('"region": "eu-west-1",', '')
    expect(settingsIn(`\uFEFF${one}`, 'deploy.json')).toMatchObject({ region: 'us-east-1' })
  })
})

describe('the stacks of a member', () => {
  const MANY_PATHS = Array.from({ length: 14 }, (_, number) => `/department-number-${number + 10}/`)
  const FUNCTIONS = ['intake', 'propose', 'verify', 'write', 'alert'].map(
    name => `:iam::111122223333:role/rolemedic-${name}`,
  )
  const TEMPLATES = ['rolemedic-roles', 'rolemedic-member'] as const

  it.each(TEMPLATES)('%s needs no bootstrap, and nothing of another stack', stack => {
    const template = JSON.stringify(deploy({ organization: ORGANIZATION }).templates[stack])
    expect(template).not.toMatch(/AssetParameters|Fn::ImportValue|BootstrapVersion|cdk-hnb659fds-assets/)
  })

  it('name the hub, and nothing else of the account and Region that they are deployed in', () => {
    const { templates } = deploy({ organization: ORGANIZATION })
    expect(templates['rolemedic-member-us-east-1']).toEqual(templates['rolemedic-member'])
    const ofHub = (stack: string) =>
      [...new Set(JSON.stringify(templates[stack]).match(/[^"]*111122223333[^"]*/g) ?? [])].sort()
    expect(ofHub('rolemedic-roles')).toEqual([...FUNCTIONS, ':iam::111122223333:root'].sort())
    expect(ofHub('rolemedic-member')).toEqual(
      [':events:eu-west-1:111122223333:event-bus/rolemedic', '111122223333'].sort(),
    )
  })

  it('keep what cannot be forwarded from any account and Region, not from those of the hub', () => {
    const { templates } = deploy({ organization: ORGANIZATION })
    const member = inAccount(templates['rolemedic-member'], '444455556666', 'us-east-1')
    const [policy] = member.all('AWS::SQS::QueuePolicy')
    expect(JSON.stringify(policy)).toContain('"arn:aws:events:us-east-1:444455556666:rule/rolemedic-assume-role"')
  })

  it.each(TEMPLATES)('%s can be sent along with a StackSet, even with as many protected paths as fit', stack => {
    const tags = { 'cost-center': '4711', owner: 'platform' }
    const organization = ORGANIZATION
    const { bytes } = deploy({ organization, protectedPaths: MANY_PATHS, tags })
    expect(bytes[stack]).toBeLessThanOrEqual(51_200)
  })

  it('need no order: no role of one is named in the other, and neither has a condition on the Region of the roles', () => {
    const { templates } = deploy({ organization: ORGANIZATION })
    const [roles, member] = TEMPLATES.map(stack => JSON.stringify(templates[stack]))
    expect(member).not.toMatch(/rolemedic-(reader|writer)/)
    expect(roles).not.toMatch(/AWS::Region|AWS::Events::|rolemedic-forward/)
  })

  it('have no writer role, boundary or policy of it where the parameter WriterRole is no', () => {
    const { templates } = deploy({ organization: ORGANIZATION })
    const { Resources, Parameters, Conditions } = templates['rolemedic-roles'] as unknown as {
      readonly Resources: { readonly [id: string]: { readonly Type: string; readonly Condition?: string } }
      readonly Parameters: object
      readonly Conditions: object
    }
    expect(Parameters).toMatchObject({ WriterRole: { AllowedValues: ['yes', 'no'], Default: 'yes' } })
    const made = (condition: string | undefined) =>
      Object.values(Resources)
        .filter(({ Condition }) => Condition === condition)
        .map(({ Type }) => Type)
    // The reader and its policy.
    expect(made(undefined)).toEqual(['AWS::IAM::Role', 'AWS::IAM::Policy'])
    expect(made('Writes')).toEqual(['AWS::IAM::ManagedPolicy', 'AWS::IAM::Role', 'AWS::IAM::Policy'])
    expect(made('WritesPermissionSetsHere')).toEqual(['AWS::IAM::Policy'])
    expect(Conditions).toMatchObject({
      Writes: { 'Fn::Equals': [{ Ref: 'WriterRole' }, 'yes'] },
      WritesPermissionSetsHere: {
        'Fn::And': [{ Condition: 'AdministersPermissionSets' }, { Condition: 'Writes' }],
      },
    })
  })

  it('have something even where the bot itself is, so that the stack can exist there, and all else under one condition', () => {
    const buildLogGroups = Array.from({ length: 60 }, (_, number) => `/aws/codebuild/build-number-${number + 10}`)
    const { templates } = deploy({ protectedPaths: MANY_PATHS, buildLogGroups })
    for (const stack of ['rolemedic-member', 'rolemedic-member-us-east-1']) {
      const everywhere = Object.values(templates[stack]?.Resources ?? {}).filter(
        ({ Condition }) => Condition !== 'Forwards',
      )
      expect(everywhere.map(({ Type }) => Type)).toEqual(['AWS::CloudFormation::WaitConditionHandle'])
    }
  })

  it('do not change with the mode of an account, a unit or the whole', () => {
    const { templates } = deploy({ organization: ORGANIZATION })
    const observed = deploy(
      { organization: ORGANIZATION },
      {
        mode: 'observe',
        accounts: { '444455556666': { mode: 'approve' } },
        organizationalUnits: { 'ou-ab12-11111111': { mode: 'recommend' } },
      },
    )
    for (const stack of ['rolemedic-roles', 'rolemedic-member'])
      expect(observed.templates[stack]).toEqual(templates[stack])
  })

  it('are refused when what is protected does not fit into a policy', () => {
    const protectedPaths = Array.from({ length: 40 }, (_, number) => `/department-number-${number}/`)
    expect(() => deploy({ protectedPaths })).toThrow(
      /boundary would have \d+ characters, and IAM allows 6144: name fewer or shorter ones of 40 protectedPaths, 3 boundaryPolicies, 1 protected, \d+ administratorRoles, /,
    )
  })
})

describe('the configuration of the Slack app', () => {
  it('has the address that the deployment prints in all three places', () => {
    const manifest = readFileSync(resolve(root, 'docs/slack-app-manifest.yaml'), 'utf8')
    expect(manifest.match(/https:\/\/REPLACE-ME\.execute-api\.REGION\.amazonaws\.com\/slack/g)).toHaveLength(3)
  })
})
