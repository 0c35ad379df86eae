/**
 * The Region in which CloudTrail records IAM and Organizations, by partition: where their requests are signed for.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
 * https://docs.aws.amazon.com/general/latest/gr/iam-service.html
 */
const REGIONS: { readonly [partition: string]: string } = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
}

/** Null: not known for this partition, so that nothing is proved. */
export const iamRegion = (partition: string): string | null =>
  Object.hasOwn(REGIONS, partition) ? (REGIONS[partition] ?? null) : null
