import { present } from '../../../../core/iam/index.ts'
import type { Config } from '../../../domain/config/index.ts'
import type { Chat } from '../../../ports/chat.ts'
import type { ProposalStore } from '../../../ports/proposal-store.ts'
import type { Trial } from '../../../ports/self-test/trial.ts'
import { evaluatedTrials, type NeededCall } from '../../../workflows/role-permissions.ts'
import { sqsWriterQueue } from '../../aws/messaging/writer-queue.ts'
import { kmsClient } from '../../aws/signing/kms-client.ts'
import { arnsIn } from '../../aws/signing/kms-keys.ts'
import { maySign } from '../../aws/signing/may-sign.ts'
import { readerAccess, readerOver } from '../account-reader.ts'
import { environment } from '../environment.ts'
import { cloudKeys } from '../signing.ts'
import { cloudLedger } from '../writing.ts'
import { organizationTrials, readers } from './accounts.ts'
import { bucketTrials } from './bucket.ts'
import { accountsToTry, chatTrial, ownTable, publicKeyTrial, secretTrial, sends } from './trials.ts'

type Env = NodeJS.ProcessEnv
type Parts = { readonly config: Config; readonly store: ProposalStore; readonly chat: Chat }

/** What `write` puts, and beside it what else it reads. */
const PUT_BY_WRITE = ['spent', 'written', 'ended', 'outcomes']
const READ_BY_BOTH = [...PUT_BY_WRITE, 'rejected', 'revoked']

/** Its own trials, and the permissions of `write`, which takes no order to try anything. */
export async function verifyTrials(
  env: Env,
  { config, store, chat }: Parts,
): Promise<{ readonly verify: readonly Trial[]; readonly write: readonly Trial[] }> {
  const { AWS_REGION: region, BOT_ACCOUNT_ID: accountId } = environment(env, ['AWS_REGION', 'BOT_ACCOUNT_ID'])
  const keys = environment(env, ['ATTESTATIONS_KEY_ARN', 'ALERT_TOPIC_ARN', 'WRITE_QUEUE_URL'])
  const reader = readerOver(env, readerAccess(env, config))
  const accounts = await accountsToTry(store, accountId)
  const permitted = (name: string, calls: readonly NeededCall[]) =>
    evaluatedTrials({ accountId, name: `rolemedic-${name}`, region }, calls, reader)
  // A notice that is tried would reach people.
  const publishes = await Promise.all(
    ['propose', 'verify', 'sweep'].map(async name =>
      (await permitted(name, [{ action: 'sns:Publish', resource: keys.ALERT_TOPIC_ARN }])).map(
        ([what, run]): Trial => [`${what} by ${name}, evaluated`, run],
      ),
    ),
  )
  return {
    verify: [
      ...ownTable('verify', env),
      ['kms:Sign of an attestation, as a dry run', () => maySign(kmsClient(), keys.ATTESTATIONS_KEY_ARN)],
      publicKeyTrial(cloudKeys(env)),
      ...readers(env, accounts),
      ...organizationTrials(reader, accountId),
      ...sends(env, 'PROPOSE_QUEUE_URL'),
      ['sqs:SendMessage to the queue of write', () => sqsWriterQueue(keys.WRITE_QUEUE_URL).wake()],
      ...bucketTrials(env, store, cloudLedger(env), { written: [], read: READ_BY_BOTH }),
      secretTrial(env, 'SLACK_BOT_TOKEN_SECRET'),
      chatTrial(chat),
      ...publishes.flat(),
    ],
    write: await permitted('write', callsOfWrite(env, accounts)),
  }
}

export function callsOfWrite(env: Env, accounts: readonly string[]): readonly NeededCall[] {
  const names = environment(env, [
    'WRITE_QUEUE_URL',
    'OUTCOME_QUEUE_URL',
    'WRITER_ROLE_NAME',
    'AUDIT_BUCKET',
    'ENCRYPTION_KEY_ARN',
    'DECISIONS_KEY_ARN',
    'ATTESTATIONS_KEY_ARN',
    'OUTCOMES_KEY_ARN',
  ])
  const [signs = ''] = arnsIn(names.OUTCOMES_KEY_ARN)
  const [, partition = 'aws', , region = ''] = signs.split(':')
  const bucket = `arn:${partition}:s3:::${names.AUDIT_BUCKET}`
  const queueArn = (url: string) => `arn:${partition}:sqs:${region}:${url.split('/').slice(-2).join(':')}`
  const each = (actions: readonly string[], resources: readonly string[]): readonly NeededCall[] =>
    actions.flatMap(action => resources.map(resource => ({ action, resource })))
  const publicOnes = [names.DECISIONS_KEY_ARN, names.ATTESTATIONS_KEY_ARN, names.OUTCOMES_KEY_ARN, env['AUDIT_KEY_ARN']]
    .flatMap(text => arnsIn(text ?? ''))
    .map(entry => entry.split('@')[0] ?? '')
  return [
    ...each(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queueArn(names.WRITE_QUEUE_URL)]),
    ...each(['sqs:SendMessage'], [queueArn(names.OUTCOME_QUEUE_URL)]),
    ...each(['kms:Sign'], [signs]),
    ...each(['kms:GetPublicKey'], publicOnes),
    ...each(['kms:Decrypt', 'kms:GenerateDataKey'], [names.ENCRYPTION_KEY_ARN]),
    ...each(
      ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
      accounts.map(account => `arn:${partition}:iam::${account}:role/${names.WRITER_ROLE_NAME}`),
    ),
    ...each(
      ['s3:PutObject'],
      PUT_BY_WRITE.map(folder => `${bucket}/${folder}/doctor`),
    ),
    ...each(
      ['s3:GetObjectVersion'],
      READ_BY_BOTH.map(folder => `${bucket}/${folder}/doctor`),
    ),
    ...READ_BY_BOTH.map(folder => ({
      ...{ action: 's3:ListBucketVersions', resource: bucket },
      context: { 's3:prefix': present(`${folder}/doctor`) },
    })),
  ]
}
