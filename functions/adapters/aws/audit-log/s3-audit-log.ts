/**
 * The audit log as a versioned bucket with Object Lock: the first version of a key cannot be removed before its retention ends.
 * Later versions are reported, never read.
 */
import { createHash } from 'node:crypto'
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { recordName, type StoredRecord, sequenceIn } from '../../../domain/audit/audit-chain.ts'
import { RolemedicError } from '../../../domain/base/errors.ts'
import { DEFAULT_TIMEOUTS } from '../client-timeouts.ts'
import { type AuditObjects, auditLog, type CheckedAuditLog, type Markers } from './append-to-chain.ts'

export type S3AuditLogOptions = {
  readonly client?: S3Client
  readonly bucket: string
  /** Without a trailing slash. */
  readonly prefix: string
  readonly markers: Markers
}

export function s3AuditLog({ markers, ...place }: S3AuditLogOptions): CheckedAuditLog {
  return auditLog(s3AuditObjects(place), markers)
}

type Place = Omit<S3AuditLogOptions, 'markers'>
/** Every version and delete marker of one key, the oldest last as S3 lists them. */
type Versions = { readonly key: string; readonly first: string | null; readonly count: number }

const READ_AT_ONCE = 20
const MAX_COLLISIONS = 10

export function s3AuditObjects({
  client = new S3Client(DEFAULT_TIMEOUTS),
  bucket: Bucket,
  prefix,
}: Place): AuditObjects {
  const keyOf = (sequence: number) => `${prefix}/${recordName(sequence)}`

  async function textOf(Key: string, VersionId: string): Promise<string> {
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }))
    return (await Body?.transformToString('utf8')) ?? ''
  }

  async function* versions(Prefix: string): AsyncIterable<Versions> {
    let open: { key: string; first: string | null; count: number } | null = null
    let KeyMarker: string | undefined
    let VersionIdMarker: string | undefined
    do {
      const page: ListObjectVersionsCommandOutput = await client.send(
        new ListObjectVersionsCommand({ Bucket, Prefix, KeyMarker, VersionIdMarker }),
      )
      for (const { key, id, isMarker } of inOrder(page)) {
        if (open !== null && open.key !== key) {
          yield open
          open = null
        }
        open ??= { key, first: null, count: 0 }
        open.count += 1
        if (!isMarker) open.first = id
      }
      KeyMarker = page.IsTruncated === true ? page.NextKeyMarker : undefined
      VersionIdMarker = page.IsTruncated === true ? page.NextVersionIdMarker : undefined
    } while (KeyMarker !== undefined)
    if (open !== null) yield open
  }

  return {
    async read(sequence) {
      const key = keyOf(sequence)
      for await (const found of versions(key))
        if (found.key === key && found.first !== null) return textOf(key, found.first)
      return null
    },

    async create(sequence, text) {
      const put = new PutObjectCommand({
        Bucket,
        Key: keyOf(sequence),
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
          return true
        } catch (error) {
          const name = error instanceof Error ? error.name : ''
          if (name === 'PreconditionFailed') return false
          // Two conditional writes collided; S3 asks for a retry.
          if (name !== 'ConditionalRequestConflict') throw error
        }
      }
      throw new RolemedicError('audit-contention', `${keyOf(sequence)} is written by many at once`)
    },

    async *stored(): AsyncIterable<StoredRecord> {
      let batch: Versions[] = []
      for await (const found of versions(`${prefix}/`)) {
        batch.push(found)
        if (batch.length < READ_AT_ONCE) continue
        yield* await Promise.all(batch.map(record))
        batch = []
      }
      yield* await Promise.all(batch.map(record))
    },
  }

  async function record({ key, first, count }: Versions): Promise<StoredRecord> {
    const text = first === null ? '' : await textOf(key, first)
    return { place: key, sequence: sequenceIn(key), text, versions: count }
  }
}

/** Versions and delete markers of a page in one list: keys in order, and of one key the newest first. */
function inOrder({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput) {
  const all = [
    ...Versions.map(one => ({ ...one, isMarker: false })),
    ...DeleteMarkers.map(one => ({ ...one, isMarker: true })),
  ].map(({ Key, VersionId, LastModified, isMarker }) => ({
    key: Key ?? '',
    id: VersionId ?? 'null',
    atMs: LastModified?.getTime() ?? 0,
    isMarker,
  }))
  // The sort is stable: versions of the same second stay in S3's own order.
  return all.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : b.atMs - a.atMs))
}
