import { describe, expect, it } from 'vitest'
import { eventWith, recordsInText } from '../../../core/denial/any-text/records-in-text.ts'
import { recordsIn, recordsOf } from '../../../core/denial/cloudtrail/cloudtrail-record.ts'

const A = { eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', eventID: 'a', awsRegion: 'eu-west-1' }
const B = { eventSource: 'ecs.amazonaws.com', eventName: 'RunTask', eventID: 'b' }
const json = (value: unknown): string => JSON.stringify(value)
const event = { source: 'aws.sts', 'detail-type': 'AWS API Call via CloudTrail', detail: A }

describe('the records in a text', () => {
  it.each<[string, string, readonly unknown[]]>([
    ['one record', json(A), [A]],
    ['a pretty-printed record with a byte order mark', `\ufeff${JSON.stringify(A, null, 2)}\n`, [A]],
    ['an EventBridge event', json(event), [A]],
    ['a log file', json({ Records: [A, B] }), [A, B]],
    ['the output of lookup-events', json({ Events: [{ EventId: 'a', CloudTrailEvent: json(A) }] }), [A]],
    ['an array of records', json([A, B]), [A, B]],
    ['the detail of an event', json({ detail: { Records: [A, B] } }), [A, B]],
    [
      'JSON Lines of records, events and log files',
      `${json(A)}\r\n\n${json(event)}\n${json({ Records: [B] })}\n`,
      [A, A, B],
    ],
    [
      'an SQS event with events in its bodies',
      json({ Records: [{ messageId: '1', body: json(event) }, { body: json(B) }] }),
      [A, B],
    ],
    ['the output of sqs receive-message', json({ Messages: [], Body: json(event) }), [A]],
    [
      'an SNS message in an SQS event',
      json({ Records: [{ body: json({ Type: 'Notification', Message: json(event) }) }] }),
      [A],
    ],
  ])('are found in %s', (_, text, expected) => {
    expect(recordsIn(text)).toEqual({ ok: true, value: expected })
  })

  it.each([
    ['', 'the input is empty'],
    ['{"Records":[]}', 'the input holds no CloudTrail record'],
    ['[1,2,"three",null]', 'the input holds no CloudTrail record'],
    ['{"hello":"world"}', 'the input holds no CloudTrail record'],
  ])('are missed with a reason in %j', (text, error) => {
    expect(recordsIn(text)).toEqual({ ok: false, error })
  })

  it('say which line is broken', () => {
    expect(recordsIn(`${json(A)}\n{"eventName":`)).toMatchObject({
      ok: false,
      error: expect.stringMatching(/^line 2: not JSON/),
    })
    expect(recordsIn('{"eventName":')).toMatchObject({ ok: false, error: expect.stringMatching(/^not JSON/) })
  })

  it('say what to do about one bad line among others', () => {
    const others = '; fix or remove that line (2 more contain records)'
    for (const [text, line] of [
      [`${json(A)}\n{"eventName":\n${json(A)}\n`, 2],
      [`START RequestId: 1\n${json(A)}\n${json(A)}`, 1],
      [`{"eventName":\n[${json(A)}]\n  ${json(A)}\n17\n`, 1],
    ] as const) {
      const read = recordsIn(text)
      expect(read.ok ? '' : read.error).toMatch(
        new RegExp(`^line ${line}: not JSON: .*[^)]${others.replace(/[()]/g, '\\$&')}$`),
      )
    }
  })

  it('are no fewer beside a quoted line', () => {
    const curly = json({ ...B, errorMessage: 'no role “orders”' })
    expect(recordsInText(`> "see"\n${json(A)}\n${curly}`).records.map(({ record }) => record)).toEqual([
      A,
      { ...B, errorMessage: 'no role “orders”' },
    ])
  })

  // https://repost.aws/knowledge-center/eks-troubleshoot-sdk-workload
  describe('that somebody shortened to a few of their members', () => {
    const shortened = {
      eventName: 'AssumeRoleWithWebIdentity',
      errorCode: 'AccessDenied',
      errorMessage: 'An unknown error occurred',
      requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/orders', roleSessionName: 'orders' },
    }
    const read = (value: unknown) => recordsInText(json(value)).records.map(({ record }) => record)

    it.each(['AssumeRole', 'AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML'])('are of STS: %s', eventName => {
      const record = { ...shortened, eventName }
      expect(read(record)).toEqual([{ ...record, eventSource: 'sts.amazonaws.com' }])
      expect(
        read({ Records: [{ ...record, requestParameters: { roleArn: 'arn:aws-cn:iam::111122223333:role/orders' } }] }),
      ).toHaveLength(1)
    })

    it.each([
      ['a call that other services may have', { ...shortened, eventName: 'RunTask' }],
      [
        'a role of another cloud',
        { ...shortened, requestParameters: { roleArn: 'acs:ram::1111222233334444:role/orders' } },
      ],
      ['no role', { ...shortened, requestParameters: null }],
      ['no error', { ...shortened, errorCode: undefined }],
    ])('are none with %s', (_, value) => {
      expect(read(value)).toEqual([])
    })

    it('are none in what AWS sends to the bot', () => {
      expect(recordsIn(json(shortened)).ok).toBe(false)
    })
  })

  it('do not overflow the stack, however deep it nests', () => {
    const depth = 100_000
    expect(recordsIn(`${'{"detail":'.repeat(depth)}{}${'}'.repeat(depth)}`).ok).toBe(false)
    expect(recordsIn(`${'{"Records":['.repeat(depth)}${']}'.repeat(depth)}`).ok).toBe(false)
    expect(recordsIn(`${'['.repeat(depth)}${']'.repeat(depth)}`).ok).toBe(false)
    expect(recordsIn('['.repeat(depth)).ok).toBe(false)
  })

  it('are found in a value that is parsed already', () => {
    expect(recordsOf(event)).toEqual({ ok: true, value: [A] })
    expect(recordsOf(undefined).ok).toBe(false)
  })
})

describe('the events in a text', () => {
  const eventsIn = (text: string) => recordsInText(text).records.map(eventWith)

  it('keep the envelope that they came in', () => {
    expect(eventsIn(json(event))).toEqual([event])
  })

  it('get an envelope without the members that the record lacks', () => {
    expect(eventsIn(json(B))).toEqual([
      {
        version: '0',
        'detail-type': 'AWS API Call via CloudTrail',
        source: 'aws.ecs',
        account: null,
        time: null,
        region: null,
        resources: [],
        detail: B,
      },
    ])
  })

  it('are service events where a service acted by itself', () => {
    const record = {
      ...A,
      eventType: 'AwsServiceEvent',
      eventSource: 'sts.amazonaws.com.cn',
      recipientAccountId: '111122223333',
      eventTime: '2026-11-24T02:47:31Z',
    }
    expect(eventsIn(json(record))).toMatchObject([
      {
        'detail-type': 'AWS Service Event via CloudTrail',
        source: 'aws.sts',
        account: '111122223333',
        time: '2026-11-24T02:47:31Z',
      },
    ])
  })

  it('get the envelope that EventBridge would give', () => {
    expect(eventsIn(json(A))).toMatchObject([
      { source: 'aws.sts', 'detail-type': 'AWS API Call via CloudTrail', region: 'eu-west-1', detail: A },
    ])
  })
})
