/**
 * The audit log in a versioned bucket with Object Lock: the first version of a key cannot be deleted before its retention ends.
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
import { fail, ok, type Result, RolemedicError } from '../../../../core/base/index.ts'
import { MAX_RECORD_BYTES, recordName, type StoredRecord, sequenceIn } from '../../../domain/audit/index.ts'
import { DEFAULT_TIMEOUTS } from '../clients/client-timeouts.ts'
import {
  type AuditLogOptions,
  type AuditObjects,
  auditLog,
  type CheckedAuditLog,
  type Markers,
  unread,
} from './append-to-chain.ts'

export type S3AuditLogOptions = AuditLogOptions & {
  readonly client?: S3Client
  readonly bucket: string
  /** Without a trailing slash. */
  readonly prefix: string
  readonly markers: Markers
}

export function s3AuditLog({ markers, signing, observer, ...place }: S3AuditLogOptions): CheckedAuditLog {
  const options = { ...(signing === undefined ? {} : { signing }), ...(observer === undefined ? {} : { observer }) }
  return auditLog(s3AuditObjects(place), markers, options)
}

type Place = Pick<S3AuditLogOptions, 'client' | 'bucket' | 'prefix'>
type Version = { readonly id: string; readonly bytes: number }
/** Every version and delete marker of one key. S3 lists the oldest last. */
type Versions = { readonly key: string; readonly first: Version | null; readonly count: number }

const READ_AT_ONCE = 20
const MAX_COLLISIONS = 10

/**
 * Errors of a single object: it was encrypted with another key, or is in an archive class. If no record can be read at all,
 * reading the head fails first.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
const UNREADABLE =
  /^(AccessDenied|InvalidObjectState|InvalidRequest|KMS\.(DisabledException|KMSInvalidStateException|NotFoundException))$/

export function s3AuditObjects({
  client = new S3Client(DEFAULT_TIMEOUTS),
  bucket: Bucket,
  prefix,
}: Place): AuditObjects {
  const keyOf = (sequence: number) => `${prefix}/${recordName(sequence)}`

  /** Others may store objects that are unreadable or do not fit into memory. Neither may stop the log. */
  async function textOf(Key: string, { id: VersionId, bytes }: Version): Promise<Result<string, string>> {
    const Range = bytes > MAX_RECORD_BYTES ? `bytes=0-${MAX_RECORD_BYTES - 1}` : undefined
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId, Range }))
      return ok((await Body?.transformToString('utf8')) ?? '')
    } catch (error) {
      const unreadable = error instanceof Error && UNREADABLE.test(error.name) ? error.name : null
      if (unreadable === null) throw error
      return fail(`S3 does not give its content: ${unreadable}`)
    }
  }

  async function* versions(Prefix: string): AsyncIterable<Versions> {
    let open: { key: string; first: Version | null; count: number } | null = null
    let KeyMarker: string | undefined
    let VersionIdMarker: string | undefined
    do {
      const page: ListObjectVersionsCommandOutput = await client.send(
        new ListObjectVersionsCommand({ Bucket, Prefix, KeyMarker, VersionIdMarker }),
      )
      for (const { key, id, bytes, isMarker } of inOrder(page)) {
        if (open !== null && open.key !== key) {
          yield open
          open = null
        }
        open ??= { key, first: null, count: 0 }
        open.count += 1
        if (!isMarker) open.first = { id, bytes }
      }
      KeyMarker = page.IsTruncated === true ? page.NextKeyMarker : undefined
      VersionIdMarker = page.IsTruncated === true ? page.NextVersionIdMarker : undefined
    } while (KeyMarker !== undefined)
    if (open !== null) yield open
  }

  return {
    async read(sequence, likely) {
      const key = keyOf(sequence)
      // Read meanwhile. Whatever it is, it counts only if the list names the same version.
      const guessed = likely === undefined ? null : textOf(key, { id: likely, bytes: Number.POSITIVE_INFINITY })
      guessed?.catch(() => undefined)
      try {
        // Among the keys with this prefix, the key itself comes first.
        for await (const { key: foundKey, first } of versions(key)) {
          if (foundKey !== key || first === null) return null
          const guess = first.id === likely ? await guessed?.catch(() => null) : null
          return guess?.ok === true ? guess : await textOf(key, first)
        }
        return null
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'AccessDenied') throw error
        throw unread(`S3 does not list it: ${error.message}`)
      }
    },

    async create(sequence, text) {
      const put = new PutObjectCommand({
        Bucket,
        Key: keyOf(sequence),
        Body: text,
        ContentType: 'application/json',
        // A PUT under Object Lock needs Content-MD5 or an x-amz-checksum. Some S3-compatible servers support only the former.
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
        ContentMD5: createHash('md5').update(text).digest('base64'),
        IfNoneMatch: '*',
      })
      for (let tries = 0; tries < MAX_COLLISIONS; tries += 1) {
        try {
          const { VersionId } = await client.send(put)
          return VersionId === undefined ? {} : { object: VersionId }
        } catch (error) {
          const name = error instanceof Error ? error.name : ''
          if (name === 'PreconditionFailed') return null
          // Two conditional writes collided. S3 asks for a retry.
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
    const at = { place: key, sequence: sequenceIn(key), versions: count }
    if (first === null) return { ...at, text: '' }
    const read = await textOf(key, first)
    return read.ok ? { ...at, text: read.value } : { ...at, text: '', unread: read.error }
  }
}

/** Merges versions and delete markers of a page: by key, then newest first. */
function inOrder({ Versions = [], DeleteMarkers = [] }: ListObjectVersionsCommandOutput) {
  const all = [
    ...Versions.map(one => ({ ...one, isMarker: false })),
    ...DeleteMarkers.map(one => ({ ...one, Size: 0, isMarker: true })),
  ].map(({ Key, VersionId, LastModified, Size, isMarker }) => ({
    key: Key ?? '',
    id: VersionId ?? 'null',
    bytes: Size ?? 0,
    atMs: LastModified?.getTime() ?? 0,
    isMarker,
  }))
  // The sort is stable, so versions of the same second keep S3's order.
  return all.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : b.atMs - a.atMs))
}
