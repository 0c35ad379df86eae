/** Everything that is compared, in one module: it is read as it stands, and bundled as the functions are. */
import { ACCOUNTS, ORGANIZATIONS_WIRE, STS_WIRE } from './accounts.ts'
import { DEPLOYS, LOGS_WIRE, PIPELINES_WIRE, STACKS_WIRE } from './deploys.ts'
import { IAM_READS } from './iam-reads.ts'
import { IAM_WIRE } from './iam-words.ts'
import { IAM_WRITES } from './iam-writes.ts'
import { IDENTITY_CENTER, SSO_WIRE } from './identity-center.ts'
import { ANALYZER_WIRE, MESSAGES, QUEUE_WIRE, TOPIC_WIRE } from './messages.ts'
import type { Sample, Wire } from './sample.ts'
import { BUCKET_WIRE, SECRETS_WIRE, STORAGE, TABLE_WIRE } from './storage.ts'

export { meaningOf } from './meaning.ts'

export const SAMPLES: readonly Sample[] = [
  ...IAM_READS,
  ...IAM_WRITES,
  ...ACCOUNTS,
  ...IDENTITY_CENTER,
  ...DEPLOYS,
  ...STORAGE,
  ...MESSAGES,
]

/** How each service writes. */
export const WIRES = {
  'client-accessanalyzer': ANALYZER_WIRE,
  'client-cloudformation': STACKS_WIRE,
  'client-cloudwatch-logs': LOGS_WIRE,
  'client-codepipeline': PIPELINES_WIRE,
  'client-dynamodb': TABLE_WIRE,
  'client-iam': IAM_WIRE,
  'client-organizations': ORGANIZATIONS_WIRE,
  'client-s3': BUCKET_WIRE,
  'client-secrets-manager': SECRETS_WIRE,
  'client-sns': TOPIC_WIRE,
  'client-sqs': QUEUE_WIRE,
  'client-sso-admin': SSO_WIRE,
  'client-sts': STS_WIRE,
} as const satisfies { readonly [service: string]: Wire }
export type Service = keyof typeof WIRES
