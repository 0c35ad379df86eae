/** Each kind of object in a bucket of logs: what is read, what is reported, and what is skipped. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { sdkStreamMixin } from '@smithy/core/serde'
import { mockClient } from 'aws-sdk-client-mock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dispatch } from '../../../cli/dispatch.ts'
import { type BacktestOutput, backtest } from '../../../cli/outputs/backtest.ts'
import { s3Sources } from '../../../cli/use-cases/backtest/s3-sources.ts'
import { memoryIo } from '../memory-io.ts'

const denial = (id: string) => ({
  eventVersion: '1.11',
  userIdentity: {
    type: 'IAMUser',
    principalId: 'AIDAEXAMPLEUSER00001',
    arn: 'arn:aws:iam::111122223333:user/ci',
    accountId: '111122223333',
    userName: 'ci',
  },
  eventTime: '2026-11-16T10:00:00Z',
  eventSource: 'lambda.amazonaws.com',
  eventName: 'CreateFunction20150331',
  awsRegion: 'eu-west-1',
  errorCode: 'AccessDenied',
  errorMessage:
    'User: arn:aws:iam::111122223333:user/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app',
  requestParameters: { role: 'arn:aws:iam::111122223333:role/app' },
  eventID: id,
  recipientAccountId: '111122223333',
})
const text = (...values: readonly unknown[]) => values.map(value => JSON.stringify(value)).join('')
const logOf = (...ids: readonly string[]) => JSON.stringify({ Records: ids.map(denial) })
const event = (id: string) => ({ 'detail-type': 'AWS API Call via CloudTrail', detail: denial(id) })
const subscription = (...messages: readonly string[]) => ({
  messageType: 'DATA_MESSAGE',
  logGroup: 'trail',
  logEvents: messages.map((message, at) => ({ id: String(at), timestamp: 1_795_000_000_000, message })),
})
const { userIdentity, ...withoutCaller } = denial('a')
const { eventTime, ...withoutTime } = denial('b')

type Kind = {
  readonly name: string
  readonly content: string | Buffer
  /** Denials in it. */
  readonly denials: number
  /** Why it is reported. Null: it is read completely, or skipped silently. */
  readonly why: RegExp | null
  readonly torn?: true
}

const KINDS: readonly Kind[] = [
  { name: 'a.json', content: logOf('a', 'b'), denials: 2, why: null },
  { name: 'query.json', content: text([text(denial('a')), text(denial('b'))]), denials: 2, why: null },
  { name: 'texts.json', content: text(['a', '{']), denials: 0, why: /holds no CloudTrail record/ },
  ...[
    { Events: [{ CloudTrailEvent: text(denial('a')) }], NextToken: 'more' },
    { NextToken: 'more', Events: [{ CloudTrailEvent: text(denial('a')) }] },
    { events: [{ message: text(denial('a')) }], nextToken: 'more' },
  ].map((answer, at) => ({
    ...{
      name: `page-${at}.json`,
      content: text(answer),
      denials: 1,
      why: /one page of the events/,
      torn: true as const,
    },
  })),
  { name: 'last.json', content: text({ ...subscription(text(denial('a'))), NextToken: null }), denials: 1, why: null },
  { name: '000000.gz', content: gzipSync(logOf('a', 'b')), denials: 2, why: null },
  { name: '000000', content: gzipSync(logOf('a')), denials: 1, why: null },
  { name: 'notgz.gz', content: logOf('a'), denials: 1, why: null },
  {
    name: 'part-0001.log',
    content: [denial('a'), denial('b')].map(one => JSON.stringify(one)).join('\n'),
    denials: 2,
    why: null,
  },
  {
    name: 'firehose-1-2026-11-16-10-00-00-0b1c',
    content: text(event('a'), event('b'), event('c')),
    denials: 3,
    why: null,
  },
  {
    name: 'firehose-gz',
    content: Buffer.concat([gzipSync(text(event('a'))), gzipSync(text(event('b')))]),
    denials: 2,
    why: null,
  },
  {
    name: 'firehose-subscription',
    content: gzipSync(
      text(
        subscription(JSON.stringify(denial('a')), JSON.stringify(denial('b'))),
        subscription(JSON.stringify(denial('c'))),
      ),
    ),
    denials: 3,
    why: null,
  },
  {
    name: 'firehose-health',
    content: text({
      messageType: 'CONTROL_MESSAGE',
      logEvents: [{ id: '', timestamp: 0, message: 'CWL CONTROL MESSAGE: Checking health of destination Firehose.' }],
    }),
    denials: 0,
    why: null,
  },
  { name: 'none.json', content: '{"Records":[]}', denials: 0, why: null },
  {
    name: 'CloudTrail-Digest/eu-west-1/d.json.gz',
    content: gzipSync('{"digestStartTime":"2026-11-16T10:00:00Z","logFiles":[]}'),
    denials: 0,
    why: null,
  },
  {
    name: 'copied-digest',
    content: '{"digestStartTime":"2026-11-16T10:00:00Z","digestS3Object":"x","logFiles":[]}',
    denials: 0,
    why: null,
  },
  { name: 'CheckBucketPermissions', content: 'check', denials: 0, why: null },
  { name: 'CheckBucketPermissions-2026', content: '', denials: 0, why: null },
  { name: 'ConfigWritabilityCheckFile', content: '', denials: 0, why: null },
  { name: 'aws-logs-write-test', content: 'Permission Check Successful', denials: 0, why: null },
  { name: 'ELBAccessLogTestFile', content: 'Enable AccessLog for ELB', denials: 0, why: null },
  // A name proves nothing.
  { name: 'write-test.json', content: logOf('a'), denials: 1, why: null },
  { name: 'README.txt', content: 'Logs of the orders account.\n', denials: 0, why: /no CloudTrail log: not JSON/ },
  {
    name: 'picture.png',
    content: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]),
    denials: 0,
    why: /no CloudTrail log/,
  },
  { name: 'archive.gz', content: gzipSync(Buffer.from([0, 1, 2, 3, 254])), denials: 0, why: /no CloudTrail log/ },
  { name: 'table.csv.gz', content: gzipSync('a,b\n1,2\n'), denials: 0, why: /no CloudTrail log/ },
  { name: 'empty', content: '', denials: 0, why: /it is empty/ },
  { name: 'empty.gz', content: gzipSync(''), denials: 0, why: /it is empty/ },
  { name: 'settings.json', content: '{"mode":"observe"}', denials: 0, why: /holds no CloudTrail record/ },
  {
    name: 'torn.gz',
    content: gzipSync(logOf('a', 'b')).subarray(0, 60),
    denials: 0,
    why: /damaged gzip/,
    torn: true,
  },
  { name: 'torn', content: gzipSync(logOf('a', 'b')).subarray(0, 60), denials: 0, why: /damaged gzip/, torn: true },
  {
    name: 'cut.log',
    content: logOf('a', 'b').slice(0, -40),
    denials: 1,
    why: /cut: it ends inside a value/,
    torn: true,
  },
  { name: 'page.json', content: '<!doctype html>', denials: 0, why: /not JSON/, torn: true },
  {
    name: 'no-caller',
    content: text(withoutCaller, denial('c')),
    denials: 1,
    why: /1 object of it has no time or no caller/,
  },
  {
    name: 'no-time',
    content: text({ Records: [withoutTime, { ...withoutTime, eventID: 'c' }] }),
    denials: 0,
    why: /2 objects of it have no time or no caller/,
  },
]

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rolemedic-every-file-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function put({ name, content }: Pick<Kind, 'name' | 'content'>): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true })
  writeFileSync(join(folder, name), content)
}

async function run(...args: readonly string[]) {
  const io = memoryIo()
  const code = await dispatch(['backtest', ...args], io)
  return { code, out: io.captured.out, err: io.captured.err.join('\n') }
}

const outputOf = (out: string): BacktestOutput => backtest.parse(JSON.parse(out))

describe('a folder with one more object', () => {
  it.each(KINDS)('$name', async kind => {
    put({ name: 'first.json', content: logOf('first') })
    put(kind)
    const { code, out, err } = await run(folder, '--json')
    const { records, unreadable, notRead, denials } = outputOf(out)
    expect({ code, records, denials, unreadable }).toEqual({
      code: 0,
      records: kind.denials + 1,
      denials: kind.denials + 1,
      unreadable: kind.torn === true ? 1 : 0,
    })
    expect(notRead).toEqual(
      kind.why === null ? [] : [{ file: join(folder, kind.name), why: expect.stringMatching(kind.why) }],
    )
    expect(err.includes(kind.name)).toBe(kind.why !== null)
  })
})

describe('the object alone', () => {
  it.each(KINDS.filter(({ denials }) => denials === 0))(
    '$name ends with 2 if it was not read, else with 3',
    async kind => {
      put(kind)
      const { code, out, err } = await run(folder)
      expect({ code, out }).toEqual({ code: kind.why === null ? 3 : 2, out: '' })
      expect(err).toContain('no CloudTrail record in 1 file')
      expect(err).not.toContain('no card would')
    },
  )
})

describe('a history without a denial', () => {
  const { errorCode, errorMessage, ...allowed } = denial('allowed')
  const quiet = { ...allowed, eventName: 'ListFunctions20150331', requestParameters: null }

  it('says that no card would have been sent', async () => {
    put({ name: 'a.json', content: text(quiet) })
    expect(await run(folder)).toMatchObject({ code: 3, err: expect.stringContaining('no card would have been sent') })
  })

  it('says so of no file that was not read, in words, numbers and on the page', async () => {
    put({ name: 'a.json', content: text(quiet) })
    put({ name: 'notes.txt', content: 'text' })
    const { code, out, err } = await run(folder)
    expect(code).toBe(3)
    expect(err).toContain('1 file was not read: how many cards would have been sent is not known')
    expect(err).not.toContain('no card would have been sent')
    expect(out).toMatch(/^1 record of 1 day, .*, 1 file not read\n/)
    expect(out).toContain('1 file not read: the real number of cards may be higher')
  })

  it('says so of no denial that AWS alone can decode', async () => {
    const message = 'You are not authorized to perform this operation. Encoded authorization failure message: Ab1-_x'
    const encoded = {
      eventSource: 'ec2.amazonaws.com',
      eventName: 'RunInstances',
      errorCode: 'Client.UnauthorizedOperation',
    }
    put({ name: 'a.json', content: text({ ...quiet, ...encoded, errorMessage: message }) })
    expect((await run(folder)).err).toContain('1 encoded denial was not decoded')
  })
})

describe('a bucket', () => {
  it('is read object by object, whatever their names, without its folders', async () => {
    const mock = mockClient(S3Client)
    const keys = ['AWSLogs/', ...KINDS.map(({ name }) => `AWSLogs/${name}`)]
    mock.on(ListObjectsV2Command).resolves({
      Contents: keys.map(Key => ({ Key, Size: Key.endsWith('/') ? 0 : 10 })),
    })
    for (const { name, content } of KINDS)
      mock
        .on(GetObjectCommand, { Bucket: 'trail', Key: `AWSLogs/${name}` })
        .resolves({ Body: sdkStreamMixin(Readable.from([Buffer.from(content)])) })
    const names: string[] = []
    for await (const { name } of s3Sources('s3://trail/AWSLogs/', new S3Client({ region: 'eu-west-1' })))
      names.push(name)
    expect(names).toEqual(KINDS.map(({ name }) => `s3://trail/AWSLogs/${name}`))
    mock.restore()
  })
})
