/** What is missing or broken in a deployment, one thing at a time: `doctor --live` says it in one line, with what to do. */
import { EventBridgeClient, PutTargetsCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CancelKeyDeletionCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  AttachPolicyCommand,
  CreatePolicyCommand,
  DetachPolicyCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { DeleteBucketLifecycleCommand, PutBucketLifecycleConfigurationCommand, S3Client } from '@aws-sdk/client-s3'
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { ListSubscriptionsByTopicCommand, SNSClient, SubscribeCommand, UnsubscribeCommand } from '@aws-sdk/client-sns'
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askAws } from '../../cli/live/ask-aws.ts'
import { type Deployment, HUB, REGION, startDeployment } from './doctor-deployment.ts'
import type { WireRequest } from './wire.ts'

let deployed: Deployment

beforeAll(async () => {
  deployed = await startDeployment()
})
afterAll(() => deployed?.stop())

const hub = () => deployed.at(HUB, REGION)
const aws = () => askAws(hub(), { env: { AWS_ENDPOINT_URL: deployed.moto.endpoint } })
const topic = `arn:aws:sns:${REGION}:${HUB}:rolemedic-alerts`

type Undo = () => unknown
type Fault = {
  readonly fault: string
  /** Breaks it, and returns how to repair it. Null: it stays. */
  readonly plant: () => Promise<Undo> | Undo
  /** Each line that is not ok. */
  readonly lines: readonly RegExp[]
}

/** Answers at the wire, where moto holds no such state. */
const answered = (is: (request: WireRequest) => boolean, body: object | string, status = 200): Undo =>
  deployed.wire.answer(request =>
    is(request) ? { status, body: typeof body === 'string' ? body : JSON.stringify(body) } : null,
  )

const lambda =
  (name: string, part = 'configuration') =>
  ({ service, path }: WireRequest) =>
    service === 'lambda' && path.includes(`/functions/rolemedic-${name}/${part}`)
const stackOf =
  (name: string) =>
  ({ service, body }: WireRequest) =>
    service === 'cloudformation' && body.includes('Action=DescribeStacks') && body.includes(`StackName=${name}`)

/** The stack of the bot, with other outputs. Null: without one. */
function botXml(changes: { readonly [output: string]: string | null }, status = 'UPDATE_COMPLETE'): string {
  const outputs = Object.entries({ ...deployed.outputs, ...changes })
  const members = outputs.map(([name, value]) =>
    value === null ? '' : `<member><OutputKey>${name}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  )
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>rolemedic-bot</StackName><StackId>${BOT}</StackId><CreationTime>2026-11-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
}
const BOT = `arn:aws:cloudformation:${REGION}:${HUB}:stack/rolemedic-bot/1`

function withRollback(name: string): Undo {
  const event = (second: number, id: string, physical: string, type: string, state: string, reason = '') =>
    `<member><EventId>${second}</EventId><StackId>${BOT}</StackId><StackName>${name}</StackName><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>${physical}</PhysicalResourceId><ResourceType>${type}</ResourceType><Timestamp>2026-11-29T10:00:0${second}Z</Timestamp><ResourceStatus>${state}</ResourceStatus><ResourceStatusReason>${reason}</ResourceStatusReason></member>`
  const own = (second: number, state: string) => event(second, name, BOT, 'AWS::CloudFormation::Stack', state)
  const failed = 'The role defined for the function cannot be assumed by Lambda.'
  const events = [
    own(4, 'UPDATE_ROLLBACK_COMPLETE'),
    own(3, 'UPDATE_ROLLBACK_IN_PROGRESS'),
    event(2, 'Functionwrite', 'rolemedic-write', 'AWS::Lambda::Function', 'UPDATE_FAILED', failed),
    own(1, 'UPDATE_IN_PROGRESS'),
  ]
  const undo = [
    answered(stackOf(name), botXml({}, 'UPDATE_ROLLBACK_COMPLETE')),
    answered(
      ({ service, body }) => service === 'cloudformation' && body.includes('Action=DescribeStackEvents'),
      `<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>${events.join('')}</StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>`,
    ),
  ]
  return () => undo.forEach(one => void one())
}

const withMappings = (EventSourceMappings: readonly object[]): Undo =>
  answered(({ path }) => path.includes('event-source-mappings') && path.includes('rolemedic-intake'), {
    EventSourceMappings,
  })

async function queueUrl(QueueName: string): Promise<string> {
  return (await new SQSClient(hub()).send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? ''
}

async function withPolicy(queue: string, policy: (text: string) => string): Promise<Undo> {
  const sqs = new SQSClient(hub())
  const QueueUrl = await queueUrl(queue)
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['Policy'] }))
  const before = Attributes['Policy'] ?? ''
  const put = (Policy: string) => sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))
  await put(policy(before))
  return () => put(before)
}

async function key(alias: string): Promise<string> {
  const { KeyMetadata } = await new KMSClient(hub()).send(new DescribeKeyCommand({ KeyId: `alias/${alias}` }))
  return KeyMetadata?.KeyId ?? ''
}

async function withSecret(name: string, value: string, before: string): Promise<Undo> {
  const put = (SecretString: string) =>
    new SecretsManagerClient(hub()).send(new PutSecretValueCommand({ SecretId: `rolemedic/${name}`, SecretString }))
  await put(value)
  return () => put(before)
}

function withApp(change: (app: Deployment['app']) => void): Undo {
  const before = structuredClone(deployed.app)
  change(deployed.app)
  return () => Object.assign(deployed.app, before)
}

async function withScp(account: string, document: object): Promise<Undo> {
  const organizations = new OrganizationsClient(hub())
  const made = await organizations.send(
    new CreatePolicyCommand({
      Name: 'region-deny',
      Description: '-',
      Type: 'SERVICE_CONTROL_POLICY',
      Content: JSON.stringify(document),
    }),
  )
  const attached = { PolicyId: made.Policy?.PolicySummary?.Id ?? '', TargetId: account }
  await organizations.send(new AttachPolicyCommand(attached))
  return () => organizations.send(new DetachPolicyCommand(attached))
}

const FAULTS: readonly Fault[] = [
  {
    fault: 'the stack of the bot was not deployed',
    plant: () =>
      answered(
        stackOf('rolemedic-bot'),
        '<ErrorResponse><Error><Code>ValidationError</Code><Message>Stack with id rolemedic-bot does not exist</Message></Error></ErrorResponse>',
        400,
      ),
    lines: [
      /^failed stack: rolemedic-bot: there is no such stack in this Region: deploy it/,
      /^failed address: rolemedic-bot has no SlackUrl/,
    ],
  },
  {
    fault: 'the last deployment was rolled back, because of one resource',
    plant: () => withRollback('rolemedic-bot'),
    lines: [
      /^failed stack: rolemedic-bot: UPDATE_ROLLBACK_COMPLETE, so the version before is running: Functionwrite: The role defined/,
    ],
  },
  {
    fault: 'no endpoint',
    plant: () => answered(stackOf('rolemedic-bot'), botXml({ SlackUrl: null })),
    lines: [/^failed address: rolemedic-bot has no SlackUrl: deploy it/],
  },
  {
    fault: 'nothing answers at the endpoint',
    plant: () => answered(stackOf('rolemedic-bot'), botXml({ SlackUrl: 'http://127.0.0.1:9/slack' })),
    lines: [
      /^failed address: http:\/\/127.0.0.1:9\/slack: no answer: /,
      /^failed passkey page: http:\/\/127.0.0.1:9\/enroll: no answer: .*: nobody can enroll a passkey/,
      /^failed manifest: interactivity call /,
    ],
  },
  {
    fault: 'something else answers at the endpoint',
    plant: () => answered(stackOf('rolemedic-bot'), botXml({ SlackUrl: `${deployed.moto.endpoint}/moto-api/` })),
    lines: [
      /^failed address: .*: takes a request that nobody signed \(200\)/,
      /^failed passkey page: .*\/enroll: answers \d+, and not with its page/,
      /^failed manifest: /,
    ],
  },
  {
    fault: 'the app calls another address (wrong URL)',
    plant: () => withApp(app => (app.settings.interactivity.request_url = 'https://old.example.com/slack')),
    lines: [
      /^failed manifest: interactivity call https:\/\/old\.example\.com\/slack: at https:\/\/api\.slack\.com\/apps/,
    ],
  },
  {
    fault: 'the app was made by hand, without the events',
    plant: () => withApp(app => (app.settings.event_subscriptions.bot_events = ['app_home_opened'])),
    lines: [/^failed manifest: it does not subscribe to subteam_members_changed/],
  },
  {
    fault: 'socket mode is on',
    plant: () => withApp(app => (app.settings.socket_mode_enabled = true)),
    lines: [/^failed manifest: socket mode is on, so nothing is sent/],
  },
  {
    fault: 'nobody is subscribed to the alerts',
    plant: async () => {
      const sns = new SNSClient(hub())
      const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic }))
      const [{ SubscriptionArn = '' } = {}] = Subscriptions
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }))
      return () =>
        sns.send(new SubscribeCommand({ TopicArn: topic, Protocol: 'email', Endpoint: 'oncall@example.com' }))
    },
    lines: [/^failed alerts: oncall@example\.com of alertEmails is not subscribed: deploy rolemedic-state/],
  },
  {
    fault: 'a subscription is not confirmed',
    plant: () =>
      answered(
        ({ service, body }) => service === 'sns' && body.includes('ListSubscriptionsByTopic'),
        '<ListSubscriptionsByTopicResponse><Subscriptions><member><Endpoint>oncall@example.com</Endpoint><SubscriptionArn>PendingConfirmation</SubscriptionArn></member></Subscriptions></ListSubscriptionsByTopicResponse>',
      ),
    lines: [/^failed alerts: oncall@example\.com has not confirmed: follow the link/],
  },
  {
    fault: 'a function is missing',
    plant: () => answered(lambda('verify'), { Type: 'User', Message: 'Function not found' }, 404),
    lines: [/^failed function: rolemedic-verify is missing: deploy rolemedic-bot/],
  },
  {
    fault: 'the update of a function failed',
    plant: () =>
      answered(lambda('write'), {
        State: 'Active',
        LastUpdateStatus: 'Failed',
        LastUpdateStatusReason: 'The role cannot be assumed by Lambda',
      }),
    lines: [/^failed function: rolemedic-write could not be updated, and runs the version before: The role cannot be/],
  },
  {
    fault: 'a function was stopped by its concurrency',
    plant: () => answered(lambda('propose', 'concurrency'), { ReservedConcurrentExecutions: 0 }),
    lines: [/^failed function: rolemedic-propose has a concurrency of 0, so it never runs/],
  },
  {
    fault: 'a mapping is disabled',
    plant: () => withMappings([{ EventSourceArn: `arn:aws:sqs:${REGION}:${HUB}:rolemedic-intake`, State: 'Disabled' }]),
    lines: [/^failed mapping: rolemedic-intake takes nothing from rolemedic-intake, its mapping is Disabled/],
  },
  {
    fault: 'a mapping is missing',
    plant: () => withMappings([]),
    lines: [/^failed mapping: rolemedic-intake does not take from rolemedic-intake: deploy rolemedic-bot/],
  },
  {
    fault: 'the configuration of the stack is another one (digest differs)',
    plant: () => answered(stackOf('rolemedic-bot'), botXml({ ConfigDigest: 'sha256:0123' })),
    lines: [/^failed deployed: the bot runs another configuration than the file at hand \(sha256:0123\)/],
  },
  {
    fault: 'the bot is of another version',
    plant: () => answered(stackOf('rolemedic-bot'), botXml({ Version: '0.0.9' })),
    lines: [/^failed deployed: rolemedic-bot has version 0\.0\.9, this command is /],
  },
  {
    fault: 'a key that signs is disabled',
    plant: async () => {
      const kms = new KMSClient(hub())
      const KeyId = await key('rolemedic-decisions')
      await kms.send(new DisableKeyCommand({ KeyId }))
      return () => kms.send(new EnableKeyCommand({ KeyId }))
    },
    lines: [/^failed key: alias\/rolemedic-decisions is disabled, and all that needs it fails: aws kms enable-key/],
  },
  {
    fault: 'the key that encrypts will be deleted',
    plant: async () => {
      const kms = new KMSClient(hub())
      const KeyId = await key('rolemedic')
      await kms.send(new ScheduleKeyDeletionCommand({ KeyId }))
      return async () => {
        await kms.send(new CancelKeyDeletionCommand({ KeyId }))
        await kms.send(new EnableKeyCommand({ KeyId }))
      }
    },
    lines: [/^failed key: alias\/rolemedic will be deleted, and what it encrypted or signed with it/],
  },
  {
    fault: 'the key of the alerts is disabled',
    plant: async () => {
      const kms = new KMSClient(hub())
      const KeyId = await key('rolemedic-alerts')
      await kms.send(new DisableKeyCommand({ KeyId }))
      return () => kms.send(new EnableKeyCommand({ KeyId }))
    },
    lines: [/^failed key: alias\/rolemedic-alerts is disabled/],
  },
  {
    fault: 'a key is missing',
    plant: () =>
      answered(
        ({ service, body }) => service === 'kms' && body.includes('rolemedic-outcomes'),
        { __type: 'NotFoundException', message: 'Alias is not found.' },
        400,
      ),
    lines: [/^failed key: alias\/rolemedic-outcomes is missing: deploy rolemedic-state/],
  },
  {
    fault: 'the signing secret is no signing secret (wrong secret)',
    plant: () => withSecret('slack-signing-secret', 'REPLACE-ME', '0123456789abcdef0123456789abcdef'),
    lines: [/^failed secret: rolemedic\/slack-signing-secret: a signing secret has 32/],
  },
  {
    fault: 'the secret is of another app',
    plant: () =>
      deployed.chat.answer(({ path }) =>
        path.endsWith('/bots.info')
          ? { status: 200, body: JSON.stringify({ ok: true, bot: { app_id: 'A0OTHERAPP' } }) }
          : null,
      ),
    lines: [/^failed app: the token is of A0OTHERAPP, the settings name A0FAKE: store the secrets of A0FAKE/],
  },
  {
    fault: 'a Region is not enabled',
    plant: () => answered(({ service }) => service === 'account', { Regions: [{ RegionName: REGION }] }),
    lines: [
      new RegExp(`^failed Region: ${HUB}: us-east-1 not enabled: aws account enable-region`),
      /^failed Region: \d+: us-east-1 not enabled/,
    ],
  },
  {
    fault: 'a rule is missing, and another has no target',
    plant: async () => {
      const events = new EventBridgeClient(hub())
      await events.send(new RemoveTargetsCommand({ Rule: 'rolemedic-assume-role', Ids: ['rolemedic'] }))
      const put = () =>
        events.send(
          new PutTargetsCommand({
            Rule: 'rolemedic-assume-role',
            Targets: [{ Id: 'rolemedic', Arn: `arn:aws:sqs:${REGION}:${HUB}:rolemedic-intake` }],
          }),
        )
      return put
    },
    lines: [/^failed rules: 111122223333 eu-west-1: rolemedic-assume-role does not lead to arn:aws:sqs/],
  },
  {
    fault: 'the policy of a queue lets no rule deliver (queue policy wrong)',
    plant: () => withPolicy('rolemedic-intake', text => text.replaceAll('events.amazonaws.com', 'sns.amazonaws.com')),
    lines: [/^failed queue: the policy of rolemedic-intake does not let the rules of EventBridge deliver/],
  },
  {
    fault: 'the policy of a queue names rules of another Region',
    plant: () => withPolicy('rolemedic-alert', text => text.replaceAll(`events:${REGION}`, 'events:eu-west-3')),
    lines: [/^failed queue: the policy of rolemedic-alert does not let the rules of EventBridge deliver/],
  },
  {
    fault: 'others may order writes',
    plant: () => withPolicy('rolemedic-write.fifo', text => text.replaceAll('"ArnNotEquals"', '"ArnEquals"')),
    lines: [
      /^failed queue: the policy of rolemedic-write\.fifo does not keep out others than arn:aws:iam::111122223333:role\/rolemedic-verify/,
    ],
  },
  {
    fault: 'a queue is missing',
    plant: () =>
      answered(
        ({ service, body }) => service === 'sqs' && body.includes('"rolemedic-publish"'),
        { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'gone' },
        400,
      ),
    lines: [/^failed queue: rolemedic-publish is missing: deploy rolemedic-bot/],
  },
  {
    fault: 'there are dead letters (DLQ full)',
    plant: async () => {
      const sqs = new SQSClient(hub())
      const QueueUrl = await queueUrl('rolemedic-propose-dead')
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }))
      return () => sqs.send(new PurgeQueueCommand({ QueueUrl }))
    },
    lines: [
      /^failed dead letters: 1 message in rolemedic-propose-dead: rolemedic redrive, after https:\/\/\S+\/docs\/runbooks\.md#dead-letters/,
    ],
  },
  {
    fault: 'an alarm is in ALARM',
    plant: async () => {
      const state = (StateValue: string) =>
        aws().query('monitoring', '2010-08-01', 'SetAlarmState', {
          ...{ AlarmName: 'rolemedic-unverified-requests', StateValue, StateReason: 'test' },
        })
      await state('ALARM')
      return () => state('OK')
    },
    lines: [
      /^failed alarm: rolemedic-unverified-requests is in ALARM: .*Runbook: docs\/runbooks\.md#unverified-requests$/,
    ],
  },
  {
    fault: 'there are no alarms',
    plant: () =>
      answered(
        ({ service, body }) => service === 'monitoring' && body.includes('DescribeAlarms'),
        '<DescribeAlarmsResponse></DescribeAlarmsResponse>',
      ),
    lines: [/^failed alarm: there are no alarms, so nobody hears of a fault/],
  },
  {
    fault: 'EventBridge could not deliver',
    plant: () => {
      let id = ''
      return deployed.wire.answer(({ service, body }) => {
        const given = new URLSearchParams(body)
        if (service !== 'monitoring' || given.get('Action') !== 'GetMetricData') return null
        const at = [...given].find(([, value]) => value === 'rolemedic-heartbeat')?.[0]
        id = given.get(`${at?.split('.MetricStat')[0]}.Id`) ?? ''
        if (given.has('MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.2.Name')) id = 'none'
        return {
          status: 200,
          body: `<GetMetricDataResponse><MetricDataResults><member><Id>${id}</Id><Values><member>3.0</member><member>1.0</member></Values></member></MetricDataResults></GetMetricDataResponse>`,
        }
      })
    },
    lines: [1, 2, 3, 4].map(
      () =>
        /^failed delivery: \d+ [a-z]+-[a-z]+-1: within a day EventBridge could not deliver rolemedic-heartbeat 4 times/,
    ),
  },
  {
    fault: 'an SCP denies Regions',
    plant: () =>
      withScp(deployed.member, {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'GRREGIONDENY',
            Effect: 'Deny',
            NotAction: ['iam:*', 'sts:*', 'organizations:*', 'cloudtrail:LookupEvents'],
            Resource: '*',
            Condition: { StringNotEquals: { 'aws:RequestedRegion': ['eu-west-1'] } },
          },
        ],
      }),
    lines: [
      /^failed guardrail: \d+ us-east-1: the SCP region-deny \(GRREGIONDENY\) denies events:PutEvents of rolemedic-forward, .*Add to the Condition of the deny \{"ArnNotLike":\{"aws:PrincipalArn":\["arn:aws:iam::\*:role\/rolemedic-\*"\]\}\}; of a control of Control Tower, give this ARN as ExemptedPrincipalArns/,
    ],
  },
  {
    fault: 'the bucket of the audit log is not locked',
    plant: () =>
      answered(
        ({ path }) => path.includes('?object-lock'),
        '<Error><Code>ObjectLockConfigurationNotFoundError</Code><Message>none</Message></Error>',
        404,
      ),
    lines: [/^failed object lock: .*: no default retention, so records can be deleted/],
  },
  {
    fault: 'the bucket of the audit log expires its records',
    plant: async () => {
      const s3 = new S3Client({ ...hub(), forcePathStyle: true })
      const Bucket = (await deployed.doctor()).checks.find(({ name }) => name === 'object lock')?.detail.split(':')[0]
      await s3.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket,
          LifecycleConfiguration: {
            Rules: [{ ID: 'all', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } }],
          },
        }),
      )
      return () => s3.send(new DeleteBucketLifecycleCommand({ Bucket }))
    },
    lines: [/^failed audit bucket: .*it has 1 lifecycle rules/],
  },
  {
    fault: 'the reader role is missing',
    plant: () =>
      answered(
        ({ service, body }) => service === 'iam' && body.includes('RoleName=rolemedic-reader'),
        '<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>gone</Message></Error></ErrorResponse>',
        404,
      ),
    lines: [
      /^failed reader: 111122223333: there is no role rolemedic-reader: deploy rolemedic-roles there/,
      /^failed reader: \d+: there is no role rolemedic-reader: deploy rolemedic-roles there/,
    ],
  },
]

it('are at least 25', () => expect(FAULTS.length).toBeGreaterThanOrEqual(25))

it.each(FAULTS)('$fault', async ({ plant, lines }) => {
  const repair = await plant()
  const { bad, code } = await deployed.doctor().finally(repair)
  expect(bad).toHaveLength(lines.length)
  const missed = lines.filter(line => !bad.some(one => line.test(one)))
  expect({ missed, bad: missed.length > 0 ? bad : [] }).toEqual({ missed: [], bad: [] })
  expect(code).toBe(1)
})

it('is whole again', async () => expect((await deployed.doctor()).bad).toEqual([]))

it('is asked without some permissions, and says which part it could not look into', async () => {
  const repair = answered(({ service }) => service === 'lambda' || service === 'kms', { message: 'no' }, 403)
  const { bad } = await deployed.doctor().finally(repair)
  expect(bad.every(line => line.startsWith('warning '))).toBe(true)
  expect(bad.filter(line => /^warning (function|mapping|key): /.test(line))).toHaveLength(11)
})
