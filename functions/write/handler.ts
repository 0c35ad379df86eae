import { setTimeout as sleep } from 'node:timers/promises'
import { KMSClient } from '@aws-sdk/client-kms'
import { S3Client } from '@aws-sdk/client-s3'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import type { SQSEvent } from 'aws-lambda'
import { LONG_TIMEOUTS } from '../adapters/aws/clients/client-timeouts.ts'
import { s3Ledger } from '../adapters/aws/ledger/s3-ledger.ts'
import { kmsKeys } from '../adapters/aws/signing/kms-keys.ts'
import { kmsSigner } from '../adapters/aws/signing/kms-signer.ts'
import { writeEnvironment } from './environment.ts'
import { policiesIn } from './iam.ts'
import { jsonObserver } from './json-observer.ts'
import { consume, makeWrite } from './write.ts'
import { writerSessions } from './writer-sessions.ts'

const clock = () => Date.now()
const observer = jsonObserver('write', line => process.stdout.write(`${line}\n`), clock)
const given = writeEnvironment(process.env)
const kms = new KMSClient(LONG_TIMEOUTS)
const queue = new SQSClient(LONG_TIMEOUTS)
const sessionOf = writerSessions({ ...given.role, timeouts: LONG_TIMEOUTS }, sleep)

const write = makeWrite({
  own: given.own,
  keys: kmsKeys(kms, given.keys),
  signer: kmsSigner(kms, 'outcomes', given.keys.outcomes),
  ledger: s3Ledger(new S3Client(LONG_TIMEOUTS), given.bucket),
  writerFor: session => policiesIn(sessionOf(session)),
  send: notice =>
    queue.send(new SendMessageCommand({ QueueUrl: given.outcomeQueueUrl, MessageBody: JSON.stringify(notice) })),
  secondReadSeconds: given.secondReadSeconds,
  clock,
  sleep,
  observer,
})

/** One message at a time, as its queue is read (`infra/capacity.ts`). After an exception it comes again, before others of its group. */
export async function handler({ Records }: SQSEvent): Promise<void> {
  for (const one of Records) await consume(one.body, { write, observer }, one.attributes.ApproximateReceiveCount)
}
