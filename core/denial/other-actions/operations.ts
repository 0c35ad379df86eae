/** The service of an operation that is named alone. */
import { onlyServiceWith } from '../../service-actions/index.ts'

/**
 * Operations that only S3 has, and after which no action of S3 is named.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
const OPERATIONS_OF_S3: readonly string[] = [
  ...['CopyObject', 'CreateMultipartUpload', 'DeleteObjects', 'HeadBucket', 'HeadObject', 'ListBuckets', 'ListObjects'],
  ...['ListObjectsV2', 'ListObjectVersions', 'UploadPart', 'UploadPartCopy'],
  ...['DeleteBucketCors', 'DeleteBucketEncryption', 'DeleteBucketLifecycle', 'DeleteBucketOwnershipControls'],
  ...['GetBucketAccelerateConfiguration', 'GetBucketCors', 'GetBucketEncryption', 'GetBucketNotificationConfiguration'],
  ...['PutBucketAccelerateConfiguration', 'PutBucketCors', 'PutBucketEncryption', 'PutBucketNotificationConfiguration'],
  ...['GetObjectLockConfiguration', 'PutObjectLockConfiguration'],
]

/** The one service with an operation of this name. Null: none, or several. */
export const serviceWithOperation = (operation: string): string | null =>
  OPERATIONS_OF_S3.includes(operation) ? 's3' : onlyServiceWith(operation)
