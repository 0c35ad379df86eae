/** The ledger in a versioned bucket with Object Lock: neither a later version nor a delete marker removes the first one. */
import { createHash } from 'node:crypto'
import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { RolemedicError } from '../../../../core/base/fault.ts'
import type { ObjectLedger, ObjectVersion } from '../../../ports/writing/object-ledger.ts'

const MAX_COLLISIONS = 10
/** Errors of one object, as in `s3-audit-log.ts`. */
const UNREADABLE = /^(AccessDenied|Invalid(ObjectState|Request)|KMS\.(Disabled|KMSInvalidState|NotFound)Exception)$/

type Entry = ObjectVersion & { readonly key: string }

export function s3Ledger(client: S3Client, Bucket: string): ObjectLedger {
  /** Keys in order, and of one key the newest first, as S3 lists them. */
  async function* entries(Prefix: string, after?: string): AsyncIterable<Entry> {
    let KeyMarker = after
    let VersionIdMarker: string | undefined
    do {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix, KeyMarker, VersionIdMarker }))
      const found = [
        ...(page.Versions ?? []).map(one => ({ ...one, isDeleteMarker: false })),
        ...(page.DeleteMarkers ?? []).map(one => ({ ...one, isDeleteMarker: true })),
      ].map(({ Key = '', VersionId = 'null', LastModified, isDeleteMarker }) => {
        return { key: Key, id: VersionId, isDeleteMarker, atMs: LastModified?.getTime() ?? 0 }
      })
      // The sort is stable: versions of the same second stay in S3's own order.
      yield* found.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : b.atMs - a.atMs))
      KeyMarker = page.IsTruncated === true ? page.NextKeyMarker : undefined
      VersionIdMarker = page.NextVersionIdMarker
    } while (KeyMarker !== undefined)
  }

  return {
    async create(Key, text) {
      const put = new PutObjectCommand({
        Bucket,
        Key,
        Body: text,
        ContentType: 'application/json',
        // A PUT that falls under Object Lock needs Content-MD5 or an x-amz-checksum; some S3 servers know only the former.
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
        ContentMD5: createHash('md5').update(text).digest('base64'),
        IfNoneMatch: '*',
      })
      for (let tries = 0; tries < MAX_COLLISIONS; tries += 1) {
        try {
          await client.send(put)
          return 'created'
        } catch (error) {
          const name = error instanceof Error ? error.name : ''
          if (name === 'PreconditionFailed') return 'taken'
          // Two conditional writes collided; S3 asks for a retry.
          if (name !== 'ConditionalRequestConflict') throw error
        }
      }
      throw new RolemedicError('ledger-contention', `${Key} is written by many at once`)
    },
    async versions(key) {
      const found: ObjectVersion[] = []
      for await (const { key: at, id, isDeleteMarker } of entries(key)) {
        if (at !== key) break
        found.unshift({ id, isDeleteMarker })
      }
      return found
    },
    async read(Key, VersionId) {
      const get = new GetObjectCommand({ Bucket, Key, VersionId, Range: `bytes=0-${MAX_BYTES}` })
      const { Body } = await client.send(get).catch((error: unknown) => {
        const name = error instanceof Error ? error.name : ''
        // Of an object without a byte, S3 refuses every range.
        if (name === 'InvalidRange') return { Body: undefined }
        if (UNREADABLE.test(name)) throw new RolemedicError('ledger-unreadable', `${Key}: ${name}`, { cause: error })
        throw error
      })
      return (await Body?.transformToString('utf8')) ?? ''
    },
    async *keys(prefix, after) {
      let last = ''
      for await (const { key } of entries(prefix, after)) {
        if (key !== last) yield key
        last = key
      }
    },
  }
}

/** What others store there is larger only by mistake or malice. */
const MAX_BYTES = 4_000_000
