/** The functions as Lambda runs them, wired by their own handlers to moto and the fake Slack. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { CreateBucketCommand, PutObjectLockConfigurationCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context, SQSEvent } from 'aws-lambda'
import { s3AuditLog, s3AuditObjects } from '../../functions/adapters/aws/audit-log/s3-audit-log.ts'
import { proposalsTable, TABLE_SCHEMA } from '../../functions/adapters/aws/dynamodb/proposals-table.ts'
import { kmsKeys } from '../../functions/adapters/aws/signing/kms-keys.ts'
import { parseCheckpoints } from '../../functions/domain/audit/checkpoint.ts'
import { checkLog } from '../../functions/domain/audit/verify-log.ts'
import { parseBotConfig } from '../../functions/domain/config/check-config.ts'
import { writeConfigText } from '../../functions/domain/config/write-config.ts'
import { type Proposal, postedCardOf } from '../../functions/domain/proposal/proposal.ts'
import { SILENT_OBSERVER } from '../../functions/ports/silent-observer.ts'
import type { Button } from '../../simulator/fake-slack/buttons.ts'
import { type FakeSlack, type StoredMessage, startFakeSlack } from '../../simulator/fake-slack/fake-slack.ts'
import {
  buttonPress,
  buttonsOf,
  FAKE_APP,
  FAKE_TEAM,
  formSubmission,
  signRequest,
} from '../../simulator/slack-requests.ts'
import { startFakeEventHistory } from './fake-event-history.ts'
import { bodyInEvent } from './http-api.ts'
import type { Moto } from './moto.ts'
import { withoutLimits } from './waits.ts'

export const BUCKET = 'rolemedic-audit'
export const SIGNING_SECRET = 'cloud-bot-signing-secret'
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 } as Context

export type CloudBot = Awaited<ReturnType<typeof cloudBot>>

type Batch = (event: SQSEvent, context: Context) => Promise<unknown>
export type Handlers = {
  readonly intake: Batch
  readonly propose: Batch
  readonly verify: Batch
  readonly write: Batch
  readonly decide: (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>
}

export type CloudBotOptions = {
  /** Configuration besides the approvers and accounts. */
  readonly config?: object
  /** An endpoint for the table other than moto's. */
  readonly tableEndpoint?: string
  /** What the functions send to AWS and Slack goes through the address that this gives for another one. */
  readonly through?: (url: string) => Promise<string>
  /** Of CloudTrail's event history, as in AWS two a second if absent. */
  readonly lookupsPerSecond?: number
  /** Where the pages are that ask for a passkey. */
  readonly origin?: string
}

/** `start`: loads the handlers after the environment is set. */
export async function cloudBot<Started extends Handlers = Handlers>(
  moto: Moto,
  start: (env: NodeJS.ProcessEnv) => Promise<Started>,
  options: CloudBotOptions = {},
) {
  const { through = async (url: string) => url } = options
  withoutLimits()
  const folder = mkdtempSync(join(tmpdir(), 'cloud-bot-'))
  const slack: FakeSlack = await startFakeSlack()
  const history = await startFakeEventHistory(moto.accountOf, options.lookupsPerSecond)
  const sqs = new SQSClient(moto.client)
  const queue = async (QueueName: string, Attributes: Record<string, string> = {}) =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? ''
  const proposeUrl = await queue('propose')
  const lookUrl = await queue('look')
  const verifyUrl = await queue('verify.fifo', { FifoQueue: 'true' })
  const writeUrl = await queue('write.fifo', { FifoQueue: 'true' })
  const outcomeUrl = await queue('outcome')
  const noticesUrl = await queue('notices')

  const dynamo = new DynamoDBClient({ ...moto.client, endpoint: options.tableEndpoint ?? moto.endpoint })
  await dynamo.send(new CreateTableCommand(TABLE_SCHEMA))
  const s3 = new S3Client({ ...moto.client, forcePathStyle: true })
  await lockedBucket(s3)
  const topicArn = await topic(moto, sqs, noticesUrl)
  const secrets = new SecretsManagerClient(moto.client)
  await secrets.send(new CreateSecretCommand({ Name: 'slack-token', SecretString: 'xoxb-fake' }))
  await secrets.send(new CreateSecretCommand({ Name: 'slack-signing', SecretString: SIGNING_SECRET }))

  const configured = {
    mode: 'approve',
    approvers: { users: ['U0ONCALL1', 'U0ONCALL2'] },
    channel: 'C0DEPLOYS',
    organizationAccounts: ['111122223333', '444455556666'],
    // The queue would delay each denial by a minute.
    settleSeconds: 0,
    secondReadSeconds: 1,
    ...options.config,
  }
  const kms = new KMSClient(moto.client)
  const endpoint = await through(moto.endpoint)
  const env = {
    ...moto.env,
    AWS_ENDPOINT_URL: endpoint,
    ...(options.tableEndpoint === undefined ? {} : { AWS_ENDPOINT_URL_DYNAMODB: await through(options.tableEndpoint) }),
    AWS_ENDPOINT_URL_CLOUDTRAIL: await through(history.url),
    DECISIONS_KEY_ARN: await signingKey(kms),
    ATTESTATIONS_KEY_ARN: await signingKey(kms),
    OUTCOMES_KEY_ARN: await signingKey(kms),
    ENROLLMENTS_KEY_ARN: await signingKey(kms),
    PASSKEY_ORIGIN: options.origin ?? 'https://abc123.execute-api.eu-west-1.amazonaws.com',
    ENCRYPTION_KEY_ARN: 'arn:aws:kms:eu-west-1:111122223333:key/encryption',
    DEPLOYMENT_ID: 'c10ddb07-2f6e-4a41-9d52-3f6f0c1a7e55',
    SLACK_TEAM_ID: FAKE_TEAM,
    SLACK_APP_ID: FAKE_APP,
    TABLE_NAME: TABLE_SCHEMA.TableName,
    PROPOSE_QUEUE_URL: proposeUrl.replace(moto.endpoint, endpoint),
    LOOK_QUEUE_URL: lookUrl.replace(moto.endpoint, endpoint),
    VERIFY_QUEUE_URL: verifyUrl.replace(moto.endpoint, endpoint),
    WRITE_QUEUE_URL: writeUrl.replace(moto.endpoint, endpoint),
    OUTCOME_QUEUE_URL: outcomeUrl.replace(moto.endpoint, endpoint),
    AUDIT_BUCKET: BUCKET,
    ALERT_TOPIC_ARN: topicArn,
    SLACK_BOT_TOKEN_SECRET: 'slack-token',
    SLACK_SIGNING_SECRET: 'slack-signing',
    SLACK_API_URL: await through(slack.url),
    READER_ROLE_NAME: 'rolemedic-reader',
    BOT_ACCOUNT_ID: '111122223333',
    MEMBERS_IN: 'account',
    MEMBER_REGIONS: 'eu-west-1',
    WRITER_ROLE_NAME: 'rolemedic-writer',
    WRITER_EXTERNAL_ID: 'cloud-bot-external-id',
    BOT_ROLE_ARNS: 'arn:aws:iam::111122223333:role/rolemedic-verify,arn:aws:iam::111122223333:role/rolemedic-write',
    ...configFiles(folder, configured),
    BOT_VERSION: '0.1.0-test',
    POWERTOOLS_DEV: 'false',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  }
  const handlers = await start(env)
  const { intake, propose, decide, verify, write } = handlers
  const store = proposalsTable({
    client: dynamo,
    tableName: TABLE_SCHEMA.TableName,
    observer: SILENT_OBSERVER,
  })
  const log = s3AuditLog({ client: s3, bucket: BUCKET, prefix: 'audit', markers: store })

  /** Delivers everything that waits in a queue to its function, as one batch. */
  const hasFailed = (outcome: unknown): boolean => JSON.stringify(outcome ?? null).includes('itemIdentifier')

  async function drain(url: string, handler: Batch): Promise<number> {
    let handled = 0
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, AttributeNames: ['All'] }),
      )
      if (Messages.length === 0) return handled
      // SQS delivers failed messages again, and so does this.
      let outcome: unknown
      for (let receives = 1; receives <= 3; receives += 1) {
        const Records = Messages.map(message => ({
          messageId: message.MessageId ?? '',
          receiptHandle: message.ReceiptHandle ?? '',
          body: message.Body ?? '',
          attributes: { ...message.Attributes, ApproximateReceiveCount: String(receives) },
          messageAttributes: {},
          eventSource: 'aws:sqs',
        }))
        outcome = await handler({ Records } as unknown as SQSEvent, CONTEXT)
        if (!hasFailed(outcome)) break
      }
      if (hasFailed(outcome)) throw new Error(`a message failed: ${Messages[0]?.Body}`)
      for (const { ReceiptHandle } of Messages)
        await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }))
      handled += Messages.length
    }
  }

  async function pressed(body: string): Promise<void> {
    const signed = signRequest(body, SIGNING_SECRET, Date.now())
    const request = {
      ...signed,
      ...bodyInEvent(signed.headers['content-type'], body),
      requestContext: { timeEpoch: Date.now() },
    }
    const answer = await decide(request as unknown as APIGatewayProxyEventV2)
    if (answer.statusCode !== 200) throw new Error(`Slack was answered ${answer.statusCode}`)
  }

  const ring = () =>
    kmsKeys(kms, {
      decisions: env.DECISIONS_KEY_ARN,
      attestations: env.ATTESTATIONS_KEY_ARN,
      outcomes: env.OUTCOMES_KEY_ARN,
      enrollments: env.ENROLLMENTS_KEY_ARN,
      audit: '',
    }).ring()

  return {
    store,
    dynamo,
    s3,
    secrets,
    slack,
    log,
    handlers,
    env,
    history,
    /** Delivers what `sweep` asks `propose` to look at. */
    looked: async (looking: Batch = propose) => (await drain(lookUrl, looking)) + (await drain(proposeUrl, looking)),
    /** Delivers a record through CloudTrail, EventBridge and SQS, up to the posted card. */
    async denied(record: object, proposing: Batch = propose): Promise<Proposal> {
      history.add(record)
      const body = JSON.stringify({ 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.test', detail: record })
      const message = {
        messageId: 'm-1',
        body,
        attributes: { ApproximateReceiveCount: '1' },
        eventSource: 'aws:sqs',
        messageAttributes: {},
      }
      await intake({ Records: [message] } as unknown as SQSEvent, CONTEXT)
      await drain(lookUrl, proposing)
      await drain(proposeUrl, proposing)
      const [proposal] = await store.open(1)
      if (proposal === undefined) throw new Error('no proposal was made')
      return proposal
    },
    /** A signed press of a button that the card may no longer have. */
    pressAgain: (userId: string, message: StoredMessage, button: Button) =>
      pressed(buttonPress({ id: userId, name: userId }, message, button)),
    /** A signed press of a button or a menu on the proposal's card, and of the form that an approval from the menu opens, or into which is typed. */
    async press(id: string, userId: string, actionId: string, typed: readonly string[] = []): Promise<void> {
      const proposal = await store.get(id)
      const card = proposal === null ? null : postedCardOf(proposal)
      const message = slack.messages().find(one => one.ts === card?.message)
      const button = message === undefined ? undefined : buttonsOf(message, actionId)[0]
      if (message === undefined || button === undefined) throw new Error(`no button ${actionId} on the card of ${id}`)
      const by = { id: userId, name: userId }
      const seen = new Set(slack.views().map(view => view.id))
      await pressed(buttonPress(by, message, button))
      const form = slack
        .views()
        .find(({ id, view }) => !seen.has(id) && (view as { callback_id?: string }).callback_id === actionId)
      if (form !== undefined && (actionId.startsWith('approve') || typed.length > 0))
        await pressed(formSubmission(by, form, typed))
    },
    /** What `verify` has asked `write`, and the way home of its answers. */
    async answer(): Promise<void> {
      while ((await drain(writeUrl, write)) + (await drain(outcomeUrl, verify)) > 0);
    },
    /** Until no message is left: what `verify` asks `write`, and what comes home from there. */
    async work(verifying: Batch = verify): Promise<number> {
      let handled = 0
      for (;;) {
        const now =
          (await drain(verifyUrl, verifying)) + (await drain(writeUrl, write)) + (await drain(outcomeUrl, verify))
        if (now === 0) return handled
        handled += now
      }
    },
    async notices(): Promise<number> {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: noticesUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
      )
      return Number(Attributes?.ApproximateNumberOfMessages ?? 0)
    },
    /** The log, its signatures, and the checkpoints in a text, checked like `audit verify` does. */
    async chain(text: string | null = null) {
      const stored = []
      for await (const one of s3AuditObjects({ client: s3, bucket: BUCKET, prefix: 'audit' }).stored()) stored.push(one)
      const parsed = text === null ? null : parseCheckpoints(text)
      const checkpoints = parsed?.ok ? parsed.value : []
      return checkLog({ stored, head: await log.head(), findings: [], keys: await ring(), checkpoints })
    },
    /** As `audit keys` prints them. */
    ring,
    /** Invokes the function like the daily schedule. */
    checkpoint: () => verify({ source: 'aws.events' } as unknown as SQSEvent, CONTEXT),
    async close() {
      await slack.close()
      await history.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Runs in this process, from the source files. */
export async function fromSource(env: NodeJS.ProcessEnv): Promise<Handlers> {
  Object.assign(process.env, env)
  const [intake, propose, decide, verify, write] = await Promise.all([
    import('../../functions/intake/handler.ts'),
    import('../../functions/propose/handler.ts'),
    import('../../functions/decide/handler.ts'),
    import('../../functions/verify/handler.ts'),
    import('../../functions/write/handler.ts'),
  ])
  return {
    intake: intake.handler,
    propose: propose.handler,
    decide: decide.handler,
    verify: verify.handler,
    write: write.handler,
  }
}

/** The configuration, and what `write` has of it, as a deployment packs them. */
export function configFiles(folder: string, config: object) {
  const text = JSON.stringify(config)
  const parsed = parseBotConfig(text)
  if (!parsed.ok) throw new Error(parsed.error.join('; '))
  const files = { CONFIG_FILE: join(folder, 'config.json'), WRITE_CONFIG_FILE: join(folder, 'write.json') }
  writeFileSync(files.CONFIG_FILE, text)
  writeFileSync(files.WRITE_CONFIG_FILE, writeConfigText(text, parsed.value))
  return files
}

async function signingKey(kms: KMSClient): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeyUsage: 'SIGN_VERIFY', KeySpec: 'ECC_NIST_P256' }))
  return KeyMetadata?.Arn ?? ''
}

/** Like the state stack: versions, and a lock that prevents deletion. */
async function lockedBucket(s3: S3Client): Promise<void> {
  await s3.send(
    new CreateBucketCommand({
      Bucket: BUCKET,
      ObjectLockEnabledForBucket: true,
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  )
  await s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket: BUCKET,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } },
      },
    }),
  )
}

async function topic(moto: Moto, sqs: SQSClient, queueUrl: string): Promise<string> {
  const sns = new SNSClient(moto.client)
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'rolemedic' }))
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  )
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.QueueArn }))
  return TopicArn
}
