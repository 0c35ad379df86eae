import * as z from 'zod'

/**
 * The members of a CloudTrail record that bear on a denial. A member of another shape than CloudTrail's counts as missing.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
const text = z.string().max(16_384).nullable().catch(null).default(null)
const object = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape).nullable().catch(null).default(null)

const sessionContext = object({
  sessionIssuer: object({ type: text, arn: text, accountId: text, userName: text, principalId: text }),
  attributes: object({ mfaAuthenticated: text, creationDate: text }),
  webIdFederationData: object({ federatedProvider: text }),
  sourceIdentity: text,
})

const userIdentity = object({
  type: text,
  principalId: text,
  arn: text,
  accountId: text,
  accessKeyId: text,
  userName: text,
  identityProvider: text,
  invokedBy: text,
  sessionContext,
})

const record = z.object({
  eventID: text,
  eventTime: text,
  eventSource: z.string().min(1).max(256),
  eventName: z.string().min(1).max(256),
  awsRegion: text,
  sourceIPAddress: text,
  userAgent: text,
  errorCode: text,
  errorMessage: z.string().nullable().catch(null).default(null),
  recipientAccountId: text,
  vpcEndpointId: text,
  tlsDetails: object({ tlsVersion: text }),
  requestParameters: z.record(z.string(), z.unknown()).nullable().catch(null).default(null),
  resources: z
    .array(z.object({ ARN: text, type: text, accountId: text }).catch({ ARN: null, type: null, accountId: null }))
    .nullable()
    .catch(null)
    .default(null),
  userIdentity,
})

export type CloudTrailRecord = z.infer<typeof record>
export type UserIdentity = NonNullable<CloudTrailRecord['userIdentity']>

export function readCloudTrailRecord(value: unknown): CloudTrailRecord | null {
  const read = record.safeParse(value)
  return read.success ? read.data : null
}
