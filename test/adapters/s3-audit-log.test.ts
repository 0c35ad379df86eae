import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import { s3AuditObjects } from '../../functions/adapters/aws/audit-log/s3-audit-log.ts'

const client = new S3Client({ region: 'eu-west-1' })
const s3 = mockClient(client)
const objects = s3AuditObjects({ client, bucket: 'log', prefix: 'audit' })
const key = (n: number) => `audit/${String(n).padStart(12, '0')}.json`
const version = (n: number, VersionId: string, second: number) => ({
  Key: key(n),
  VersionId,
  LastModified: new Date(second * 1000),
})
const refusal = (name: string) => Object.assign(new Error(name), { name })

beforeEach(() => {
  s3.reset()
  s3.on(GetObjectCommand).callsFake(({ VersionId }) => ({
    Body: { transformToString: async () => `text of ${VersionId}` },
  }))
})

describe('the audit bucket', () => {
  it('creates a record only where there is none, whatever happened to it since', async () => {
    s3.on(PutObjectCommand).resolves({ VersionId: 'v-7' })
    expect(await objects.create(7, '{}')).toEqual({ object: 'v-7' })
    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
      Bucket: 'log',
      Key: 'audit/000000000007.json',
      IfNoneMatch: '*',
      // printf '{}' | openssl md5 -binary | base64
      ContentMD5: 'mZFLkyvTelC5g8XnyQrpOw==',
    })
    s3.on(PutObjectCommand).rejects(refusal('PreconditionFailed'))
    expect(await objects.create(7, '{}')).toBeNull()
  })

  it('tries again when two conditional writes met', async () => {
    s3.on(PutObjectCommand).rejectsOnce(refusal('ConditionalRequestConflict')).resolves({})
    expect(await objects.create(7, '{}')).toEqual({})
    s3.on(PutObjectCommand).rejects(refusal('ServiceUnavailable'))
    await expect(objects.create(7, '{}')).rejects.toThrow('ServiceUnavailable')
  })

  it('reads the first version, also behind a delete marker', async () => {
    s3.on(ListObjectVersionsCommand).resolves({
      Versions: [version(1, 'third', 30), version(1, 'first', 10)],
      DeleteMarkers: [version(1, 'marker', 20)],
    })
    expect(await objects.read(1)).toEqual({ ok: true, value: 'text of first' })
  })

  it('reads a version beside the list, and uses it only if it is the first', async () => {
    const lists = s3.on(ListObjectVersionsCommand)
    lists.resolves({ Versions: [version(1, 'third', 30), version(1, 'first', 10)] })
    expect(await objects.read(1, 'first')).toEqual({ ok: true, value: 'text of first' })
    expect(s3.commandCalls(GetObjectCommand)).toHaveLength(1)
    // A name from outside the log is not authority, whatever it leads to.
    expect(await objects.read(1, 'third')).toEqual({ ok: true, value: 'text of first' })
    const found = { Body: { transformToString: async () => 'text of first' } } as never
    s3.on(GetObjectCommand, { VersionId: 'first' }).rejectsOnce(refusal('NoSuchVersion')).resolves(found)
    expect(await objects.read(1, 'first')).toEqual({ ok: true, value: 'text of first' })
    lists.resolves({})
    expect(await objects.read(1, 'first')).toBeNull()
    // No more of it than a record can be long.
    for (const call of s3.commandCalls(GetObjectCommand, { VersionId: 'third' }))
      expect(call.args[0].input.Range).toMatch(/^bytes=0-\d+$/)
  })

  it.each(['AccessDenied', 'InvalidObjectState', 'InvalidRequest', 'KMS.NotFoundException'])(
    'says so where S3 does not give the content of one object: %s',
    async name => {
      s3.on(ListObjectVersionsCommand).resolves({ Versions: [version(1, 'first', 1)] })
      s3.on(GetObjectCommand).rejects(refusal(name))
      const why = `S3 does not give its content: ${name}`
      expect(await objects.read(1)).toEqual({ ok: false, error: why })
      const stored = []
      for await (const one of objects.stored()) stored.push(one)
      expect(stored).toEqual([{ place: key(1), sequence: 1, text: '', unread: why, versions: 1 }])
    },
  )

  it('is unread where nothing of it may be listed', async () => {
    s3.on(ListObjectVersionsCommand).rejects(refusal('AccessDenied'))
    await expect(objects.read(1)).rejects.toMatchObject({ code: 'audit-unread' })
  })

  it.each(['SlowDown', 'KMS.ThrottlingException', 'TimeoutError'])('does not take %s for an answer', async name => {
    s3.on(ListObjectVersionsCommand).resolves({ Versions: [version(1, 'first', 1)] })
    s3.on(GetObjectCommand).rejects(refusal(name))
    await expect(objects.read(1)).rejects.toThrow(name)
  })

  it('reads no more of an object than a record can be long', async () => {
    s3.on(ListObjectVersionsCommand).resolves({ Versions: [{ ...version(1, 'huge', 1), Size: 5_000_000_000_000 }] })
    await objects.read(1)
    s3.on(ListObjectVersionsCommand).resolves({ Versions: [{ ...version(1, 'ours', 1), Size: 2_000 }] })
    await objects.read(1)
    const ranges = s3.commandCalls(GetObjectCommand).map(call => call.args[0].input.Range)
    expect(ranges).toEqual(['bytes=0-999999', undefined])
  })

  it('asks for one page, however many names begin like that of a record', async () => {
    s3.on(ListObjectVersionsCommand).resolves({
      IsTruncated: true,
      NextKeyMarker: `${key(1)}.b`,
      Versions: ['a', 'b'].map(end => ({ ...version(1, end, 1), Key: `${key(1)}.${end}` })),
    })
    expect(await objects.read(1)).toBe(null)
    expect(s3.commandCalls(ListObjectVersionsCommand)).toHaveLength(1)
  })

  it('has nothing under a name that only begins like one that exists', async () => {
    s3.on(ListObjectVersionsCommand).resolves({ Versions: [{ ...version(1, 'x', 1), Key: `${key(1)}.bak` }] })
    expect(await objects.read(1)).toBe(null)
  })

  it('lists every record once over all pages, and counts what was stored again', async () => {
    s3.on(ListObjectVersionsCommand, { KeyMarker: undefined }).resolves({
      IsTruncated: true,
      NextKeyMarker: key(2),
      NextVersionIdMarker: 'b2',
      Versions: [version(1, 'a1', 1), version(2, 'b2', 9)],
    })
    s3.on(ListObjectVersionsCommand, { KeyMarker: key(2) }).resolves({
      Versions: [version(2, 'b1', 2), version(3, 'c1', 3)],
    })
    const stored = []
    for await (const one of objects.stored()) stored.push(one)
    expect(stored).toEqual([
      { place: key(1), sequence: 1, text: 'text of a1', versions: 1 },
      { place: key(2), sequence: 2, text: 'text of b1', versions: 2 },
      { place: key(3), sequence: 3, text: 'text of c1', versions: 1 },
    ])
  })
})
