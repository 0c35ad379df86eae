import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import { SQSClient } from '@aws-sdk/client-sqs'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import { settleGraceMs } from '../../core/denial/index.ts'
import { parseArn } from '../../core/iam/index.ts'
import { DEFAULT_TIMEOUTS } from '../adapters/aws/clients/client-timeouts.ts'
import { sqsQueue } from '../adapters/aws/messaging/sqs-queue.ts'
import { powertools } from '../adapters/aws/observability/powertools.ts'
import { cloudMembership } from '../adapters/composition/account-membership.ts'
import { cloudDeployReader } from '../adapters/composition/cloud.ts'
import { cloudStore } from '../adapters/composition/cloud-store.ts'
import { deployedConfig } from '../adapters/composition/deployed-config.ts'
import { environment } from '../adapters/composition/environment.ts'
import { lazyImport, lazyPort } from '../adapters/composition/lazy-import.ts'
import type { AwsExplanations } from '../ports/aws-explanations.ts'
import { isSelfTest, makeSelfTest, runTrials } from '../workflows/self-test.ts'
import { makeAlert } from './alert.ts'
import { consume } from './consumer.ts'

const names = environment(process.env, [
  'TABLE_NAME',
  'PROPOSE_QUEUE_URL',
  'LOOK_QUEUE_URL',
  'READER_ROLE_NAME',
  'BOT_ROLE_ARNS',
  'AWS_REGION',
])
const { READER_ROLE_NAME: roleName, AWS_REGION: region } = names
const ownRoleArns = names.BOT_ROLE_ARNS.split(',').map(arn => arn.trim())
const observer = powertools('alert')
const { config } = await deployedConfig(process.env, observer)
const membershipOf = cloudMembership(config, { ownAccountId: parseArn(ownRoleArns[0] ?? '')?.accountId ?? '', region })
// Imported with the first deploy in which a service could not use its role.
const judge = lazyImport(async () =>
  (await import('../adapters/composition/fault-judgement.ts')).cloudJudgeFaults(process.env, config),
)
// Imported with the first text that leaves open which permission was missing.
const history = lazyImport(async () =>
  (await import('../adapters/composition/event-history.ts')).cloudHistory(process.env, { config }),
)
// Imported with the first message that only AWS decodes.
const explanations = lazyPort<Pick<AwsExplanations, 'decode'>>(
  async () => {
    const [{ awsExplanations }, { assumedAccess }] = await Promise.all([
      import('../adapters/aws/authorization-details/aws-explanations.ts'),
      import('../adapters/aws/iam/account-access.ts'),
    ])
    return awsExplanations({ access: assumedAccess({ roleName, region, membershipOf }) })
  },
  { decode: true },
)
// Imported with the first permission that a text names.
const suggesting = lazyImport(async () => (await import('../../core/published-actions/index.ts')).suggestStatement)
const store = cloudStore({
  tableName: names.TABLE_NAME,
  observer,
  settleGraceMs: settleGraceMs(config),
})
const alert = makeAlert({
  store,
  queue: sqsQueue({
    client: new SQSClient(DEFAULT_TIMEOUTS),
    proposeUrl: names.PROPOSE_QUEUE_URL,
    verifyUrl: null,
    lookUrl: names.LOOK_QUEUE_URL,
  }),
  clock: Date.now,
  config,
  observer,
  reader: cloudDeployReader({ roleName, region, membershipOf }),
  ownRoleArns,
  readerRole: { name: roleName, membershipOf },
  explanations,
  history,
  suggest: async (denial, place) => (await suggesting())(denial, place),
  judge: async (question, nowMs) => (await judge())(question, nowMs),
})

const consumeTraced = (body: string): Promise<void> => observer.traced(() => consume(body, { alert, observer }))
const processor = new BatchProcessor(EventType.SQS)

const selfTest = makeSelfTest('alert', { store, clock: Date.now, observer }, async () => {
  const { alertTrials } = await import('../adapters/composition/self-tests/alert.ts')
  return { alert: await runTrials(await alertTrials(process.env, { config, store })) }
})

/** One event from EventBridge, or a batch from a queue. */
export async function handler(event: SQSEvent | object, context: Context): Promise<SQSBatchResponse | undefined> {
  if (isSelfTest(event)) return void (await observer.traced(selfTest))
  if ('Records' in event)
    return processPartialResponse(event, ({ body }: SQSRecord) => consumeTraced(body), processor, {
      context,
      processInParallel: false,
    })
  await consumeTraced(JSON.stringify(event))
  return undefined
}
