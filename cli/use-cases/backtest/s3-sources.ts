/** The CloudTrail objects of a bucket, listed page by page. */

import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { fromNodeProviderChain } from '@aws-sdk/credential-providers'
import { UsageError } from '../../../core/base/index.ts'
import { LONG_TIMEOUTS } from '../../../functions/adapters/aws/clients/index.ts'
import { requireCredentials, requireProfile } from '../../live/aws-credentials.ts'
import type { UseCaseWorld } from '../world.ts'
import type { Source } from './read-source.ts'
import type { Live } from './s3-paths.ts'

/** CloudTrail writes many small objects, so this many are loaded in advance. */
const AHEAD = 8
/** A larger object is streamed when its turn comes. */
const SMALL_BYTES = 4 * 1024 * 1024

/** Throws UsageError without credentials. */
export async function s3Client({ profile, region }: Live, { env }: Pick<UseCaseWorld, 'env'>): Promise<S3Client> {
  requireProfile(profile, env)
  const credentials = fromNodeProviderChain(profile === null ? {} : { profile })
  await requireCredentials(credentials)
  return new S3Client({
    ...LONG_TIMEOUTS,
    credentials,
    followRegionRedirects: true,
    ...(region === null ? {} : { region }),
    ...(profile === null ? {} : { profile }),
  })
}

type Listed = { readonly bucket: string; readonly key: string; readonly bytes: number }

export async function* s3Sources(path: string, client: S3Client): AsyncIterable<Source> {
  const waiting: Source[] = []
  for await (const object of listed(path, client)) {
    waiting.push(sourceOf(object, client))
    const next = waiting.length > AHEAD ? waiting.shift() : undefined
    if (next !== undefined) yield next
  }
  yield* waiting
}

async function* listed(path: string, client: S3Client): AsyncIterable<Listed> {
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(path) ?? []
  if (bucket === '') throw new UsageError(`${path}: expected s3://bucket/prefix`)
  let token: string | undefined
  do {
    const asked = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })
    const page = await client.send(asked).catch(cause => {
      throw new UsageError(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
    })
    // The console creates folders as empty objects.
    for (const { Key: key, Size: bytes = 0 } of page.Contents ?? [])
      if (key !== undefined && !(bytes === 0 && key.endsWith('/'))) yield { bucket, key, bytes }
    token = page.NextContinuationToken
  } while (token !== undefined)
}

function sourceOf({ bucket, key, bytes }: Listed, client: S3Client): Source {
  const body = async () => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    if (Body === undefined) throw new Error('the object has no content')
    return Body
  }
  const name = `s3://${bucket}/${key}`
  if (bytes > SMALL_BYTES) return { name, open: async () => (await body()) as AsyncIterable<Uint8Array> }
  const whole = body().then(each => each.transformToByteArray())
  // The error is reported when its turn comes.
  whole.catch(() => {})
  return {
    name,
    async open() {
      const content = await whole
      return (async function* () {
        yield content
      })()
    },
  }
}
