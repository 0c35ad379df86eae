/** Tries whether an object may be put below a prefix, and puts none: nothing could delete it again. */
import { ListObjectVersionsCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { RolemedicError } from '../../../../core/base/index.ts'

/** The digest of another text: S3 stores nothing. https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const OTHER_DIGEST = 'AAAAAAAAAAAAAAAAAAAAAA=='
/** Each comes after the check whether the caller may put. */
const REFUSED = ['PreconditionFailed', 'BadDigest', 'ConditionalRequestConflict', 'InvalidDigest']

/** On an object that is there, under the condition that none is. Without one, there is nothing to try. */
export async function tryPut(client: S3Client, Bucket: string, prefix: string): Promise<void> {
  const { Versions = [] } = await client.send(
    new ListObjectVersionsCommand({ Bucket, Prefix: `${prefix}/`, MaxKeys: 100 }),
  )
  const Key = Versions.find(({ IsLatest }) => IsLatest === true)?.Key
  if (Key === undefined) return
  try {
    const put = { Bucket, Key, Body: 'doctor', ContentMD5: OTHER_DIGEST, IfNoneMatch: '*' }
    await client.send(new PutObjectCommand(put))
  } catch (error) {
    if (error instanceof Error && REFUSED.includes(error.name)) return
    throw error
  }
  throw new RolemedicError('trial', `${Key} was replaced`)
}
