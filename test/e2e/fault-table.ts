/**
 * What goes wrong on the way of one denial, and what tells it. Each row is one fault in one step: `once`, where the next attempt succeeds, or
 * as long as one `delivery` lasts, where SQS or the person tries again.
 */
import type { FaultName } from './fault-shapes.ts'

/** Of a denial, up to the grant; then of its revert, where `sweep` finds a message that was lost; and of a deploy that failed. */
export const GRANTING = ['intake', 'propose', 'press', 'verify', 'write', 'home'] as const
export const REVERTING = ['press revert', 'sweep', 'revert', 'take away', 'taken away'] as const
export const STEPS = [...GRANTING, ...REVERTING, 'alert'] as const
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
  'press revert': {
    'dynamodb GetItem': ['throttled', 'unavailable', 'cut'],
    'dynamodb PutItem': ['throttled', 'unavailable', 'cut', 'lost'],
    'kms Sign': ['throttled', 'unavailable', 'cut', 'lost'],
    'sqs SendMessage': ['throttled', 'unavailable', 'cut', 'lost'],
  },
  sweep: {
    'dynamodb Query': ['throttled', 'unavailable', 'cut'],
    'dynamodb GetItem': ['throttled', 'unavailable', 'cut'],
    'sqs SendMessage': ['throttled', 'unavailable', 'cut', 'lost'],
  },
  revert: {
    'dynamodb GetItem': ['throttled', 'unavailable', 'cut'],
    'dynamodb PutItem': ['throttled', 'unavailable', 'cut', 'lost'],
    's3 PutObject': ['throttled', 'unavailable', 'cut', 'lost', 'conflict'],
    'sqs SendMessage': ['throttled', 'unavailable', 'cut', 'lost'],
  },
  'take away': {
    'kms Sign': ['throttled', 'unavailable', 'cut', 'lost'],
    's3 PutObject': ['throttled', 'unavailable', 'cut', 'lost', 'conflict'],
    'sts AssumeRole': ['throttled', 'unavailable', 'cut', 'lost'],
    'iam GetRolePolicy': ['throttled', 'unavailable', 'cut'],
    'iam DeleteRolePolicy': ['throttled', 'unavailable', 'cut', 'lost', 'conflict'],
    'sqs SendMessage': ['throttled', 'unavailable', 'cut', 'lost'],
  },
  'taken away': {
    's3 GetObject': ['throttled', 'unavailable', 'cut'],
    's3 PutObject': ['throttled', 'unavailable', 'cut', 'lost', 'conflict'],
    'dynamodb PutItem': ['throttled', 'unavailable', 'cut', 'lost'],
    'slack chat.update': ['throttled', 'unavailable', 'cut', 'lost'],
  },
  alert: {
    'dynamodb GetItem': ['throttled', 'unavailable', 'cut'],
    'dynamodb PutItem': ['throttled', 'unavailable', 'cut', 'lost'],
  },
}

/** The stack is not there to be read, which has an alarm of its own. */
const BESIDES: { readonly [step in Step]?: readonly string[] } = { alert: ['deploys-unread'] }

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
  ...lasting('press revert', 'clicks-failed', {
    'dynamodb PutItem': ['denied'],
    'kms Sign': ['denied', 'disabled'],
    'sqs SendMessage': ['denied'],
  }),
  ...lasting('sweep', 'errors-sweep', { 'dynamodb Query': ['denied'] }),
  ...lasting('sweep', 'sweep-failures', { 'sqs SendMessage': ['denied'] }),
  ...lasting('revert', 'errors-verify', { 'dynamodb GetItem': ['denied'], 'sqs SendMessage': ['denied'] }),
  ...lasting('revert', 'errors-verify', { 's3 PutObject': ['denied'] }).map(row => ({
    ...row,
    alarms: ['audit-unwritten-verify', ...row.alarms],
  })),
  ...lasting('take away', 'errors-write', { 'kms Sign': ['denied', 'disabled'] }),
  ...lasting('taken away', 'errors-verify', { 's3 GetObject': ['denied'] }),
  ...lasting('alert', 'errors-alert', { 'dynamodb PutItem': ['denied', 'expired'] }),
]

function lasting(
  step: Step,
  alarm: string,
  calls: { readonly [call: string]: readonly FaultName[] },
): readonly Omit<FaultRow, 'lasts'>[] {
  const words = step.startsWith('press') ? FAILED : null
  return Object.entries(calls).flatMap(([call, faults]) =>
    faults.map(fault => ({ step, call, fault, alarms: [...(BESIDES[step] ?? []), alarm], words })),
  )
}

export const FAULTS: readonly FaultRow[] = [
  ...STEPS.flatMap(step =>
    Object.entries(HIDDEN[step]).flatMap(([call, faults]) =>
      faults.map(fault => ({ step, call, fault, lasts: 'once' as const, alarms: BESIDES[step] ?? [], words: null })),
    ),
  ),
  ...LASTING.map(row => ({ ...row, lasts: 'delivery' as const })),
]
