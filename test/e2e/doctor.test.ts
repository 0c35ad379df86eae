/** `rolemedic doctor --live` for a hub and a member in moto. */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { CloudTrailClient, StartLoggingCommand, StopLoggingCommand } from '@aws-sdk/client-cloudtrail'
import {
  DeleteRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import { IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3'
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { known } from '../../core/base/fact.ts'
import { s3Ledger } from '../../functions/adapters/aws/ledger/s3-ledger.ts'
import { firstReading } from '../../functions/decide/first-seen.ts'
import { botConfigSchema } from '../../functions/domain/config/config.ts'
import { startFakeSlack } from '../../simulator/fake-slack/fake-slack.ts'
import { memoryBot } from '../fakes/memory-bot.ts'
import { inAccount } from '../infra/resolved.ts'
import { type Deployment, HUB, REGION, startDeployment, VERSION } from './doctor-deployment.ts'
import { refusal } from './wire.ts'

const MINUTE = 60_000

let deployed: Deployment
let { doctor, beat, selectors, putRules, member, organizationId, slack } = {} as Deployment
let NOW = 0

beforeAll(async () => {
  deployed = await startDeployment()
  NOW = Date.now()
  ;({ doctor, beat, selectors, putRules, member, organizationId, slack } = deployed)
})
afterAll(() => deployed?.stop())
afterEach(() => slack.clearFaults())

describe('a deployment that is whole', () => {
  it('has no line that is not ok, and one for each check', async () => {
    const { code, checks, bad } = await doctor()
    expect(bad).toEqual([])
    expect(code).toBe(0)
    expect(checks.find(({ name }) => name === 'facts')?.detail).toMatch(/^read from AWS's pages on \d{4}-\d\d-\d\d, /)
    const names = Map.groupBy(checks, ({ name }) => name)
    const counts = Object.fromEntries([...names].map(([name, all]) => [name, all.length]))
    expect(counts).toEqual({
      stack: 2,
      deployed: 2,
      function: 9,
      mapping: 1,
      queue: 1,
      key: 1,
      alerts: 1,
      alarm: 1,
      address: 1,
      'passkey page': 1,
      passkeys: 1,
      manifest: 1,
      app: 1,
      'object lock': 1,
      Region: 2,
      guardrail: 4,
      'audit bucket': 1,
      settings: 1,
      configuration: 1,
      facts: 1,
      credentials: 1,
      clock: 1,
      secret: 2,
      slack: 1,
      scopes: 1,
      channel: 1,
      organization: 1,
      membership: 1,
      // Two accounts in two Regions; the hub has a second bus.
      heartbeat: 4,
      version: 4,
      trail: 4,
      'event history': 1,
      rules: 5,
      'rule quota': 5,
      delivery: 5,
      reader: 2,
      writer: 2,
    })
  })

  it('says of each group of approvers whether decide has read it, and how to have it read', async () => {
    const { Stacks = [] } = await new CloudFormationClient(deployed.at(HUB, REGION)).send(
      new DescribeStacksCommand({ StackName: 'rolemedic-state' }),
    )
    const deploymentId = Stacks[0]?.StackId?.split('/')[2] ?? ''
    const bot = memoryBot(
      botConfigSchema.parse({ mode: 'approve', channel: 'C0OURS', approvers: { groups: ['S0ONCALL', 'S0NIGHT'] } }),
    )
    // The policy of the other bucket lets the functions alone put.
    const Bucket = 'read-audit'
    const s3 = new S3Client({ ...deployed.at(HUB, REGION), forcePathStyle: true })
    await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: REGION } }))
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
    const ledger = s3Ledger(s3, Bucket)
    bot.chat.groups.set('S0ONCALL', known(['U0ANNA', 'U0BEN']))
    await firstReading('S0ONCALL', [], { ...bot, ledger, deploymentId, clock: () => Date.UTC(2026, 10, 24, 11) })
    await ledger.create(`members/${deploymentId}/S0GLASS/first`, '{}')
    const groups = ['S0ONCALL', 'S0NIGHT']
    const breakGlass = { group: 'S0GLASS', announceChannel: 'C0OURS' }
    const { checks } = await doctor({
      settings: { existing: { auditBucket: Bucket } },
      config: { approvers: { groups }, breakGlass },
    })
    const shown = checks.filter(({ name }) => name === 'approver group').map(one => `${one.status} ${one.detail}`)
    expect(shown).toEqual([
      'ok S0ONCALL: first read 2026-11-24 11:00 UTC, 2 people: each counts at every risk',
      expect.stringMatching(/^warning S0NIGHT: not read yet: type \/rolemedic help once in Slack, or open/),
      expect.stringMatching(/^failed S0GLASS: members\/.*\/S0GLASS\/first is not what decide writes/),
    ])
  })

  it('posts nothing in Slack', async () => {
    const before = slack.calls().length
    await doctor()
    const methods = new Set(
      slack
        .calls()
        .slice(before)
        .map(({ method }) => method),
    )
    expect([...methods].sort()).toEqual(['auth.test', 'bots.info', 'conversations.history'])
  })

  it('with rules that the settings disable warns, and fails where the rules are not', async () => {
    const { code, bad } = await doctor({ settings: { enabled: false } })
    expect(code).toBe(1)
    expect(bad.filter(line => line.startsWith('failed rules: '))).toHaveLength(5)
    expect(bad[0]).toContain('is ENABLED')
  })
})

describe('a member', () => {
  it('that fell silent fails, with how long', async () => {
    await beat(member, 'us-east-1', Date.now())
    const { code, bad } = await doctor({ aheadMs: 61 * MINUTE })
    expect(code).toBe(1)
    expect(bad).toContainEqual(
      expect.stringMatching(
        new RegExp(`^failed heartbeat: ${member} us-east-1: silent for 6[1-3] min: https://\\S+/docs/runbooks`),
      ),
    )
  })

  it('that was never heard fails', async () => {
    const { bad } = await doctor({ settings: { heartbeats: { regions: [REGION, 'us-east-1', 'us-west-2'] } } })
    expect(bad).toContainEqual(expect.stringMatching(new RegExp(`^failed heartbeat: ${member} us-west-2: never heard`)))
  })

  it('of another version is named', async () => {
    await beat(member, REGION, NOW + 1, '0.0.9')
    const { code, bad } = await doctor()
    expect(bad).toEqual([
      `warning version: ${member} ${REGION}: 0.0.9, the hub has ${VERSION}: deploy rolemedic-member there`,
    ])
    expect(code).toBe(0)
    await beat(member, REGION, NOW + 2)
  })

  it('without a rule, with one disabled, and with one that leads elsewhere fails for each', async () => {
    const events = new EventBridgeClient(deployed.at(member, REGION))
    const { templates } = deployed
    try {
      for (const rule of ['rolemedic-assume-role']) {
        await events.send(new RemoveTargetsCommand({ Rule: rule, Ids: ['rolemedic'] }))
        await events.send(new DeleteRuleCommand({ Name: rule }))
      }
      await events.send(new DisableRuleCommand({ Name: 'rolemedic-heartbeat' }))
      await events.send(
        new PutTargetsCommand({
          Rule: 'rolemedic-stack-failed',
          Targets: [{ Id: 'rolemedic', Arn: 'arn:aws:events:eu-west-1:999988887777:event-bus/other' }],
        }),
      )
      const { code, bad } = await doctor()
      expect(code).toBe(1)
      expect(bad).toEqual([
        expect.stringMatching(
          new RegExp(
            `^failed rules: ${member} ${REGION}: rolemedic-assume-role is missing; rolemedic-stack-failed does not lead to arn:aws:events:eu-west-1:${HUB}:event-bus/rolemedic; rolemedic-heartbeat is disabled: deploy`,
          ),
        ),
      ])
    } finally {
      await putRules(inAccount(templates['rolemedic-member'], member, REGION), member, REGION)
    }
  })

  it('whose trail logs no reads fails in every Region of it', async () => {
    await selectors(member, 'WriteOnly')
    try {
      const { code, bad } = await doctor()
      expect(code).toBe(1)
      expect(bad).toEqual(
        [REGION, 'us-east-1'].map(region =>
          expect.stringMatching(
            new RegExp(
              `^failed trail: ${member} ${region}: management logs no reads, and a denied sts:AssumeRole is a read`,
            ),
          ),
        ),
      )
    } finally {
      await selectors(member, 'All')
    }
  })

  it('whose trail does not log fails', async () => {
    const trail = new CloudTrailClient(deployed.at(member, REGION))
    await trail.send(new StopLoggingCommand({ Name: 'management' }))
    try {
      const { bad } = await doctor()
      expect(bad[0]).toContain('management does not log: aws cloudtrail start-logging')
    } finally {
      await trail.send(new StartLoggingCommand({ Name: 'management' }))
    }
  })

  it('whose writer role lets in more than write with the external id fails, and says whom', async () => {
    const iam = new IAMClient(deployed.at(member, REGION))
    const { templates } = deployed
    const right = inAccount(templates['rolemedic-roles'], member, REGION).trust('rolemedic-writer')
    const trust = (document: unknown) =>
      iam.send(
        new UpdateAssumeRolePolicyCommand({ RoleName: 'rolemedic-writer', PolicyDocument: JSON.stringify(document) }),
      )
    const open = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${HUB}:root` }, Action: 'sts:AssumeRole' }],
    }
    const withoutExternalId = JSON.parse(
      JSON.stringify(right).replace(/"sts:ExternalId":"[^"]*"/, '"aws:PrincipalType":"AssumedRole"'),
    ) as unknown
    try {
      await trust(open)
      expect((await doctor()).bad[0]).toMatch(
        new RegExp(
          `^failed writer: ${member}: arn:aws:iam::${member}:role/rolemedic-writer lets in any role of the hub, the hub after it has left the organization, write without an external id, write with another external id, write without a source identity, rolemedic-decide, rolemedic-propose, rolemedic-verify: deploy`,
        ),
      )
      await trust(withoutExternalId)
      expect((await doctor()).bad.join()).toContain('failed writer: ')
    } finally {
      await trust(right)
    }
    expect((await doctor({ settings: { writerExternalId: 'another-external-id' } })).bad[0]).toContain(
      'does not let in rolemedic-write with the external id of the settings',
    )
  })

  it('that cannot be looked into stops no other', async () => {
    const { code, bad, checks } = await doctor({ args: [] })
    expect(bad).toEqual([
      expect.stringMatching(new RegExp(`^warning accounts: not looked into: ${member}: give --role`)),
    ])
    expect(checks.filter(({ name }) => name === 'trail')).toHaveLength(2)
    expect(checks.filter(({ name }) => name === 'heartbeat')).toHaveLength(4)
    expect(code).toBe(0)
  })

  it('whose role cannot be assumed fails for each check of it, is asked once, and stops no other', async () => {
    let refused = 0
    const takeBack = deployed.wire.answer(({ service, body }) => {
      if (service !== 'sts' || !body.includes(`${member}%3Arole`)) return null
      refused += 1
      return refusal(
        'User: arn:aws:sts::111122223333:assumed-role/moto/test is not authorized to perform: sts:AssumeRole',
      )
    })
    try {
      const { code, bad, checks } = await doctor()
      expect(code).toBe(1)
      const cannot = `could not be checked: RolemedicError: arn:aws:iam::${member}:role/SecurityAudit cannot be assumed: `
      expect(bad.map(line => line.slice(0, line.indexOf('User:')))).toEqual([
        `failed Region: ${member}: ${cannot}`,
        `failed reader: ${member}: ${cannot}`,
        `failed writer: ${member}: ${cannot}`,
        ...[REGION, 'us-east-1'].flatMap(region =>
          ['trail', 'rules'].map(name => `failed ${name}: ${member} ${region}: ${cannot}`),
        ),
      ])
      expect(refused).toBe(1)
      expect(checks.filter(({ name, status }) => name === 'trail' && status === 'ok')).toHaveLength(2)
      expect(checks.filter(({ name, status }) => name === 'heartbeat' && status === 'ok')).toHaveLength(4)
    } finally {
      takeBack()
    }
  })

  it('that the settings retire is not looked at', async () => {
    const { checks } = await doctor({ settings: { heartbeats: { retired: [member] } } })
    expect(JSON.stringify(checks.filter(({ name }) => name !== 'membership'))).not.toContain(`"${member} `)
  })
})

describe('a stranger’s account', () => {
  it('in the configuration fails, and says so', async () => {
    const { code, bad } = await doctor({ config: { organizationAccounts: [member, '999988887777'] }, args: [] })
    expect(code).toBe(1)
    expect(bad).toContainEqual(expect.stringMatching(/^failed membership: 999988887777 is not in the organization/))
  })

  it('is not asked anything with credentials of another account than the bot’s', async () => {
    const { code, checks, bad } = await doctor({
      settings: { organization: { id: organizationId, hubAccountId: member } },
    })
    expect(code).toBe(1)
    expect(bad).toEqual([`failed credentials: these credentials are of account ${HUB}, and the bot runs in ${member}`])
    expect(checks.map(({ name }) => name)).toEqual(['settings', 'configuration', 'passkeys', 'facts', 'credentials'])
  })
})

describe('Slack', () => {
  it.each([
    ['a token that is not valid', 'auth.test', 'invalid_auth', 'failed slack: auth.test: invalid_auth'],
    [
      'a channel that it is not in',
      'conversations.history',
      'not_in_channel',
      'failed channel: C0OURS: not_in_channel',
    ],
  ])('with %s fails', async (_what, method, error, line) => {
    slack.addFault({ kind: 'refused', method, error })
    const { code, bad } = await doctor()
    expect(code).toBe(1)
    expect(bad).toEqual([expect.stringContaining(line)])
  })

  it('of another workspace fails', async () => {
    const { bad } = await doctor({ settings: { slack: { appId: 'A0FAKE', teamId: 'T0OTHER' } } })
    expect(bad).toEqual([expect.stringContaining('failed slack: the token is of T0FAKE, the settings name T0OTHER')])
  })

  it('whose app lacks a scope fails, and names it', async () => {
    const narrow = await startFakeSlack({ scopes: ['chat:write', 'commands', 'channels:history'] })
    try {
      const { bad } = await doctor({ env: { SLACK_API_URL: narrow.url, SLACK_CONFIG_TOKEN: undefined } })
      expect(bad).toEqual([
        expect.stringContaining('warning manifest: not compared: give SLACK_CONFIG_TOKEN'),
        expect.stringContaining('failed scopes: missing: usergroups:read, users:read.email, users:read: compare'),
      ])
    } finally {
      await narrow.close()
    }
  })

  it('without a right signing secret fails', async () => {
    const secrets = new SecretsManagerClient(deployed.at(HUB, REGION))
    const put = (SecretString: string) =>
      secrets.send(new PutSecretValueCommand({ SecretId: 'rolemedic/slack-signing-secret', SecretString }))
    await put('xoxb-pasted-into-the-wrong-secret')
    try {
      const { bad } = await doctor()
      expect(bad).toEqual([
        expect.stringContaining('failed secret: rolemedic/slack-signing-secret: a signing secret has'),
      ])
      // Values are never printed.
      expect(bad.join()).not.toContain('pasted')
    } finally {
      await put('0123456789abcdef0123456789abcdef')
    }
  })
})

it('fails for a clock that is minutes off, before anything signed with it does', async () => {
  const { bad } = await doctor({ aheadMs: 10 * MINUTE })
  expect(bad).toContainEqual(expect.stringMatching(/^failed clock: this machine is \d+ s ahead of AWS/))
})
