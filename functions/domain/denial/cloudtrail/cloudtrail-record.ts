import * as z from 'zod'
import { orNull } from '../../base/schema.ts'

/**
 * The members of a CloudTrail record that matter for a denial. A member of an unexpected type counts as missing.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
const text = orNull(z.string().check(z.maxLength(16_384)))
const name = z.string().check(z.minLength(1), z.maxLength(256))
const object = <Shape extends z.core.$ZodShape>(shape: Shape) => orNull(z.object(shape))

const sessionContext = object({
  sessionIssuer: object({ type: text, arn: text, accountId: text, userName: text, principalId: text }),
  attributes: object({ mfaAuthenticated: text, creationDate: text }),
  webIdFederationData: object({ federatedProvider: text }),
  sourceIdentity: text,
  ec2RoleDelivery: text,
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
  eventSource: name,
  eventName: name,
  awsRegion: text,
  sourceIPAddress: text,
  userAgent: text,
  errorCode: text,
  errorMessage: orNull(z.string()),
  recipientAccountId: text,
  vpcEndpointId: text,
  tlsDetails: object({ tlsVersion: text }),
  requestParameters: orNull(z.record(z.string(), z.unknown())),
  resources: orNull(
    z.array(z.catch(z.object({ ARN: text, type: text, accountId: text }), { ARN: null, type: null, accountId: null })),
  ),
  userIdentity,
})

export type CloudTrailRecord = z.infer<typeof record>
export type UserIdentity = NonNullable<CloudTrailRecord['userIdentity']>

export function readCloudTrailRecord(value: unknown): CloudTrailRecord | null {
  const read = record.safeParse(value)
  return read.success ? read.data : null
}
