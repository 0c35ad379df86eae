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
import { CHAT_TOKEN } from '../chat/chat.ts'
import { chatTrials } from '../chat/trials.ts'
import { environment } from '../environment.ts'
import { cloudKeys } from '../signing.ts'
import { cloudLedger } from '../writing.ts'
import { organizationTrials, readers } from './accounts.ts'
import { bucketTrials } from './bucket.ts'
import { accountsToTry, ownTable, publicKeyTrial, sends } from './trials.ts'

type Env = NodeJS.ProcessEnv
type Parts = { readonly config: Config; readonly store: ProposalStore; readonly chat: Chat }

/** What `write` puts, and beside it what else it reads. */
const PUT_BY_WRITE = ['spent', 'written', 'ended', 'outcomes']
const READ_BY_BOTH = [...PUT_BY_WRITE, 'rejected', 'revoked']

const OF_ENROLL = ['enrolled', 'revoked']

/** Its own trials, and the permissions of `write` and `enroll`, which take no order to try anything. */
export async function verifyTrials(
  env: Env,
  { config, store, chat }: Parts,
): Promise<{ readonly [name in 'verify' | 'write' | 'enroll']: readonly Trial[] }> {
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
      ...chatTrials(env, chat),
      ...publishes.flat(),
    ],
    write: await permitted('write', callsOfWrite(env, accounts)),
    enroll: await permitted('enroll', callsOfEnroll(env)),
  }
}

export function callsOfWrite(env: Env, accounts: readonly string[]): readonly NeededCall[] {
  const { OUTCOMES_KEY_ARN, ...names } = environment(env, [
    'WRITE_QUEUE_URL',
    'OUTCOME_QUEUE_URL',
    'WRITER_ROLE_NAME',
    'OUTCOMES_KEY_ARN',
  ])
  const { partition, region } = signingPlace(OUTCOMES_KEY_ARN)
  const queueArn = (url: string) => `arn:${partition}:sqs:${region}:${url.split('/').slice(-2).join(':')}`
  return [
    ...each(['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], [queueArn(names.WRITE_QUEUE_URL)]),
    ...each(['sqs:SendMessage'], [queueArn(names.OUTCOME_QUEUE_URL)]),
    ...each(
      ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
      accounts.map(account => `arn:${partition}:iam::${account}:role/${names.WRITER_ROLE_NAME}`),
    ),
    ...signsAndKeeps(env, OUTCOMES_KEY_ARN, { written: PUT_BY_WRITE, read: READ_BY_BOTH }),
  ]
}

export function callsOfEnroll(env: Env): readonly NeededCall[] {
  const names = environment(env, ['ENROLLMENTS_KEY_ARN', CHAT_TOKEN])
  return [
    ...each(['secretsmanager:GetSecretValue'], [names[CHAT_TOKEN]]),
    ...signsAndKeeps(env, names.ENROLLMENTS_KEY_ARN, { written: OF_ENROLL, read: OF_ENROLL }),
  ]
}

const each = (actions: readonly string[], resources: readonly string[]): readonly NeededCall[] =>
  actions.flatMap(action => resources.map(resource => ({ action, resource })))

function signingPlace(keyArns: string) {
  const [key = ''] = arnsIn(keyArns)
  const [, partition = 'aws', , region = ''] = key.split(':')
  return { key, partition, region }
}

/** Of a function that signs objects beside the audit log. */
function signsAndKeeps(
  env: Env,
  own: string,
  { written, read }: { readonly written: readonly string[]; readonly read: readonly string[] },
): readonly NeededCall[] {
  const { AUDIT_BUCKET, ENCRYPTION_KEY_ARN, ...names } = environment(env, [
    'AUDIT_BUCKET',
    'ENCRYPTION_KEY_ARN',
    'DECISIONS_KEY_ARN',
    'ATTESTATIONS_KEY_ARN',
    'OUTCOMES_KEY_ARN',
    'ENROLLMENTS_KEY_ARN',
  ])
  const { key, partition } = signingPlace(own)
  const bucket = `arn:${partition}:s3:::${AUDIT_BUCKET}`
  const publicOnes = [...Object.values(names), env['AUDIT_KEY_ARN']]
    .flatMap(text => arnsIn(text ?? ''))
    .map(entry => entry.split('@')[0] ?? '')
  const objects = (folders: readonly string[]) => folders.map(folder => `${bucket}/${folder}/doctor`)
  return [
    ...each(['kms:Sign'], [key]),
    ...each(['kms:GetPublicKey'], publicOnes),
    ...each(['kms:Decrypt', 'kms:GenerateDataKey'], [ENCRYPTION_KEY_ARN]),
    ...each(['s3:PutObject'], objects(written)),
    ...each(['s3:GetObjectVersion'], objects(read)),
    ...read.map(folder => ({
      ...{ action: 's3:ListBucketVersions', resource: bucket },
      context: { 's3:prefix': present(`${folder}/doctor`) },
    })),
  ]
}
