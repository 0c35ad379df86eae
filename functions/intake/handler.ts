import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { SQSClient } from '@aws-sdk/client-sqs'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { settleGraceMs } from '../../core/denial/index.ts'
import { parseArn } from '../../core/iam/index.ts'
import { DEFAULT_TIMEOUTS } from '../adapters/aws/clients/client-timeouts.ts'
import { sqsQueue } from '../adapters/aws/messaging/sqs-queue.ts'
import { powertools } from '../adapters/aws/observability/powertools.ts'
import { cloudMembership } from '../adapters/composition/account-membership.ts'
import { cloudStore } from '../adapters/composition/cloud-store.ts'
import { deployedConfig } from '../adapters/composition/deployed-config.ts'
import { environment } from '../adapters/composition/environment.ts'
import { lazyPort } from '../adapters/composition/lazy-import.ts'
import type { AccountMembership } from '../ports/access-reader.ts'
import type { AwsExplanations } from '../ports/aws-explanations.ts'
import { isSelfTest, makeSelfTest, runTrials, type SelfTestJob } from '../workflows/self-test.ts'
import { makeIntake } from './intake.ts'

const names = environment(process.env, [
  'TABLE_NAME',
  'PROPOSE_QUEUE_URL',
  'LOOK_QUEUE_URL',
  'BOT_ROLE_ARNS',
  'AWS_REGION',
])
// Decodes EC2's older denials. Without a reader role, these are only counted.
const roleName = process.env['READER_ROLE_NAME']
const observer = powertools('intake')
const { config } = await deployedConfig(process.env, observer)

const ownRoleArns = names.BOT_ROLE_ARNS.split(',').map(arn => arn.trim())
const ownAccountId = parseArn(ownRoleArns[0] ?? '')?.accountId ?? ''
const membershipOf = cloudMembership(config, { ownAccountId, region: names.AWS_REGION })

const store = cloudStore({
  tableName: names.TABLE_NAME,
  observer,
  settleGraceMs: settleGraceMs(config),
})
const intake = makeIntake({
  store,
  queue: sqsQueue({
    client: new SQSClient(DEFAULT_TIMEOUTS),
    proposeUrl: names.PROPOSE_QUEUE_URL,
    verifyUrl: null,
    lookUrl: names.LOOK_QUEUE_URL,
  }),
  clock: Date.now,
  observer,
  config,
  ownRoleArns,
  readerRole: roleName ? { name: roleName, membershipOf } : null,
  ...(roleName ? { explanations: decodingAs({ roleName, region: names.AWS_REGION, membershipOf }) } : {}),
})

function decodingAs(role: {
  readonly roleName: string
  readonly region: string
  readonly membershipOf: AccountMembership
}): Pick<AwsExplanations, 'decode'> {
  return lazyPort<Pick<AwsExplanations, 'decode'>>(
    async () => {
      const [{ awsExplanations }, { assumedAccess }] = await Promise.all([
        import('../adapters/aws/authorization-details/aws-explanations.ts'),
        import('../adapters/aws/iam/account-access.ts'),
      ])
      return awsExplanations({ access: assumedAccess(role) })
    },
    { decode: true },
  )
}

async function consume({ messageId, body }: SQSRecord): Promise<void> {
  try {
    await intake(body)
  } catch (error) {
    observer.log('error', 'message_failed', { messageId, error: String(error) })
    throw error
  }
}

const processor = new BatchProcessor(EventType.SQS)

const selfTest = makeSelfTest('intake', { store, clock: Date.now, observer }, async () => {
  const { intakeTrials } = await import('../adapters/composition/self-tests/intake.ts')
  return { intake: await runTrials(await intakeTrials(process.env, store, ownAccountId)) }
})

/** One after another, because repeats of one denial arrive together and would compete for its item. */
export const handler = (event: SQSEvent | SelfTestJob, context: Context): Promise<SQSBatchResponse | null> =>
  isSelfTest(event)
    ? observer.traced(selfTest).then(() => null)
    : processPartialResponse(event, (record: SQSRecord) => observer.traced(() => consume(record)), processor, {
        context,
        processInParallel: false,
      })
