/**
 * What goes wrong on the way of one denial, and what tells it. Each row is one fault in one step: `once`, where the next attempt succeeds, or
 * as long as one `delivery` lasts, where SQS or the person tries again.
 */
import type { FaultName } from './fault-shapes.ts'

export const STEPS = ['intake', 'propose', 'press', 'verify', 'write', 'home'] as const
export type Step = (typeof STEPS)[number]

export type FaultRow = {
  readonly step: Step
  readonly call: string
  readonly fault: FaultName
  readonly lasts: 'once' | 'delivery'
  /** The alarms that get data. Empty: nobody needs to know. */
  readonly alarms: readonly string[]
  /** What the person who pressed reads. */
  readonly words: string | null
}

/** A retry hides it. */
const HIDDEN: { readonly [step in Step]: { readonly [call: string]: readonly FaultName[] } } = {
  intake: {
    'dynamodb PutItem': ['throttled', 'unavailable', 'cut', 'lost'],
    'sqs SendMessage': ['throttled', 'unavailable', 'cut', 'lost'],
  },
  propose: {
    'dynamodb GetItem': ['throttled', 'unavailable', 'cut', 'lost'],
    'dynamodb PutItem': ['throttled', 'unavailable', 'cut', 'lost'],
    's3 PutObject': ['throttled', 'unavailable', 'cut', 'lost', 'conflict'],
    'sts AssumeRole': ['throttled', 'unavailable', 'cut', 'lost'],
    'iam GetRole': ['throttled', 'unavailable', 'cut'],
    'secretsmanager GetSecretValue': ['throttled', 'unavailable', 'cut'],
    'sns Publish': ['throttled', 'unavailable', 'cut'],
    'slack chat.postMessage': ['throttled', 'unavailable', 'cut', 'lost'],
  },
  press: {
    'secretsmanager GetSecretValue': ['throttled', 'unavailable', 'cut', 'slow'],
    'dynamodb GetItem': ['throttled', 'unavailable', 'cut', 'slow'],
    'dynamodb PutItem': ['throttled', 'unavailable', 'cut', 'lost'],
    'kms GetPublicKey': ['throttled', 'unavailable', 'cut'],
    'kms Sign': ['throttled', 'unavailable', 'cut', 'lost'],
    'sqs SendMessage': ['throttled', 'unavailable', 'cut', 'lost'],
    'slack users.info': ['unavailable', 'cut'],
  },
  verify: {
    'slack chat.update': ['throttled', 'unavailable', 'cut', 'lost'],
    'dynamodb GetItem': ['throttled', 'unavailable', 'cut'],
    'dynamodb PutItem': ['throttled', 'unavailable', 'cut', 'lost'],
    's3 PutObject': ['throttled', 'unavailable', 'cut', 'lost', 'conflict'],
    's3 ListObjectVersions': ['throttled', 'unavailable', 'cut'],
    'kms Sign': ['throttled', 'unavailable', 'cut', 'lost'],
    'sts AssumeRole': ['throttled', 'unavailable', 'cut'],
    'sqs SendMessage': ['throttled', 'unavailable', 'cut', 'lost'],
  },
  write: {
    'kms GetPublicKey': ['throttled', 'unavailable', 'cut'],
    'kms Sign': ['throttled', 'unavailable', 'cut', 'lost'],
    's3 PutObject': ['throttled', 'unavailable', 'cut', 'lost', 'conflict'],
    's3 ListObjectVersions': ['throttled', 'unavailable', 'cut'],
    'sts AssumeRole': ['throttled', 'unavailable', 'cut', 'lost'],
    'iam GetRolePolicy': ['throttled', 'unavailable', 'cut'],
    'iam PutRolePolicy': ['throttled', 'unavailable', 'cut', 'lost', 'conflict'],
    'sqs SendMessage': ['throttled', 'unavailable', 'cut', 'lost'],
  },
  home: {
    's3 GetObject': ['throttled', 'unavailable', 'cut'],
    's3 PutObject': ['throttled', 'unavailable', 'cut', 'lost', 'conflict'],
    'dynamodb PutItem': ['throttled', 'unavailable', 'cut', 'lost'],
    'slack chat.update': ['throttled', 'unavailable', 'cut', 'lost'],
  },
}

const FAILED = 'This could not be finished'

/** The first delivery fails of it. */
const LASTING: readonly Omit<FaultRow, 'lasts'>[] = [
  ...lasting('intake', 'errors-intake', {
    'dynamodb PutItem': ['denied', 'expired'],
    'sqs SendMessage': ['denied'],
  }),
  ...lasting('propose', 'errors-propose', {
    'dynamodb GetItem': ['denied'],
    'dynamodb PutItem': ['denied', 'expired'],
  }),
  // Nobody knows yet whether Slack has sent it, and the token cannot be read either.
  { step: 'press', call: 'secretsmanager GetSecretValue', fault: 'denied', alarms: ['clicks-failed'], words: null },
  ...lasting('press', 'clicks-failed', {
    'dynamodb GetItem': ['denied'],
    'dynamodb PutItem': ['denied', 'expired'],
    'kms GetPublicKey': ['denied'],
    'kms Sign': ['denied', 'disabled'],
    'sqs SendMessage': ['denied'],
  }),
  ...lasting('verify', 'errors-verify', { 'dynamodb GetItem': ['denied'], 'sqs SendMessage': ['denied'] }),
  // Without its record nothing goes on.
  ...lasting('verify', 'errors-verify', {
    'dynamodb PutItem': ['denied'],
    'kms Sign': ['denied', 'disabled'],
    's3 PutObject': ['denied'],
  }).map(row => ({ ...row, alarms: ['audit-unwritten-verify', ...row.alarms] })),
  ...lasting('write', 'errors-write', { 'kms Sign': ['denied', 'disabled'] }),
  ...lasting('home', 'errors-verify', { 'dynamodb PutItem': ['denied'], 's3 GetObject': ['denied'] }),
]

function lasting(
  step: Step,
  alarm: string,
  calls: { readonly [call: string]: readonly FaultName[] },
): readonly Omit<FaultRow, 'lasts'>[] {
  const words = step === 'press' ? FAILED : null
  return Object.entries(calls).flatMap(([call, faults]) =>
    faults.map(fault => ({ step, call, fault, alarms: [alarm], words })),
  )
}

export const FAULTS: readonly FaultRow[] = [
  ...STEPS.flatMap(step =>
    Object.entries(HIDDEN[step]).flatMap(([call, faults]) =>
      faults.map(fault => ({ step, call, fault, lasts: 'once' as const, alarms: [], words: null })),
    ),
  ),
  ...LASTING.map(row => ({ ...row, lasts: 'delivery' as const })),
]
