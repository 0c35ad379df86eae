import { gzipSync } from 'node:zlib'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deniedRegistration } from '../../bench/engine/generated-account.ts'
import { dispatch } from '../../cli/dispatch.ts'
import { memoryIo } from '../cli/memory-io.ts'
import { type Moto, startMoto } from './moto.ts'

const BUCKET = 'trail-bucket'
/** More than one page of a listing, which has a thousand keys. */
const OBJECTS = 1_050

let moto: Moto

beforeAll(async () => {
  moto = await startMoto()
  for (const [name, value] of Object.entries(moto.env)) process.env[name] = value
  const client = new S3Client({ ...moto.client, forcePathStyle: true })
  await client.send(
    new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  )
  const put = (Key: string, Body: Buffer) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body }))
  const record = (at: number) =>
    deniedRegistration({ id: `e-${at}`, time: '2026-11-16T10:00:00Z', caller: `deployer-${at % 3}` })
  for (let at = 0; at < OBJECTS; at += 50)
    await Promise.all(
      Array.from({ length: 50 }, (_, beside) => {
        const text = JSON.stringify({ Records: [record(at + beside)] })
        return put(`AWSLogs/CloudTrail/${String(at + beside).padStart(5, '0')}.json.gz`, gzipSync(text))
      }),
    )
  // Larger than what is read ahead.
  const many = Array.from({ length: 6_000 }, (_, at) => record(10_000 + at))
  await put('AWSLogs/CloudTrail/large.json', Buffer.from(JSON.stringify({ Records: many })))
  await put('AWSLogs/CloudTrail/cut.json.gz', gzipSync(JSON.stringify({ Records: many })).subarray(0, 1_000))
  await put('AWSLogs/CloudTrail-Digest/digest.json.gz', Buffer.from('no gzip'))
  await put('other/z.json', Buffer.from(JSON.stringify({ Records: [record(99_999)] })))
})
afterAll(() => moto?.stop())

async function run(...args: readonly string[]) {
  const io = memoryIo()
  const code = await dispatch(['backtest', ...args, '--json'], io)
  return { code, out: io.captured.out, err: io.captured.err.join('\n') }
}

describe('a back-test of a bucket', () => {
  it('reads every page below the prefix, streams the large object, and names the damaged one', async () => {
    const { code, out, err } = await run(`s3://${BUCKET}/AWSLogs/`, '--live')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ denials: OBJECTS + 6_000, distinct: 3, unreadable: 1 })
    expect(err).toContain(`s3://${BUCKET}/AWSLogs/CloudTrail/cut.json.gz: damaged gzip: it is cut`)
  })

  it('says what AWS says about a bucket that does not exist', async () => {
    const { code, err } = await run('s3://no-such-bucket-here/x', '--live')
    expect(code).toBe(2)
    expect(err).toContain('s3://no-such-bucket-here/x')
  })
})
