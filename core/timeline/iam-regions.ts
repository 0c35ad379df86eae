/**
 * The Region in which CloudTrail records a service of all Regions, by partition: where its requests are signed for.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
 * https://docs.aws.amazon.com/general/latest/gr/iam-service.html
 */
const IAM: { readonly [partition: string]: string } = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
}

/** https://docs.aws.amazon.com/organizations/latest/APIReference/Welcome.html */
const ORGANIZATIONS: { readonly [partition: string]: string } = {
  aws: 'us-east-1',
  'aws-cn': 'cn-northwest-1',
  'aws-us-gov': 'us-gov-west-1',
}

/** Null: not known for this partition, so that nothing is proved. */
export const iamRegion = (partition: string): string | null =>
  Object.hasOwn(IAM, partition) ? (IAM[partition] ?? null) : null

/** Null: not known for this partition. */
export const organizationsRegion = (partition: string): string | null =>
  Object.hasOwn(ORGANIZATIONS, partition) ? (ORGANIZATIONS[partition] ?? null) : null
