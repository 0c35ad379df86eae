/** Every denial of another action in a log of any length, in linear time. */
import { describe, expect, it } from 'vitest'
import { MAX_OTHER_DENIALS, otherDenialsIn } from '../../../core/denial/index.ts'
import { denialsInLog } from '../../../core/denial/logs/denials-in-log.ts'
import { charactersRead } from './characters-read.ts'

const denied = (queue: string) =>
  `Error: User: arn:aws:sts::111122223333:assumed-role/d/s is not authorized to perform: sqs:CreateQueue on resource: arn:aws:sqs:eu-west-1:111122223333:${queue} because no identity-based policy allows the sqs:CreateQueue action\n`
const noise = (lines: number) => '      + authorized_ip_ranges = "10.0.0.1"\n'.repeat(lines)
const progress = (lines: number) => 'aws_sqs_queue.q: Still creating... [10s elapsed]\n'.repeat(lines)

describe('a denial is read', () => {
  it.each([
    ['among other denials', Array.from({ length: 1_400 }, (_, index) => denied(`q${index}`)).join(''), 1_400],
    ['in the middle of words like it', noise(460) + denied('q') + noise(60), 1],
    ['in the middle of a long log', progress(40_000) + denied('q') + progress(40_000), 1],
    [
      'in the middle, where it names nothing',
      `${progress(20_000)}Error: a (AccessDenied) when calling the CreateQueue operation\n${progress(20_000)}`,
      1,
    ],
    [
      'with a permission in other words',
      `${progress(20_000)}User doesn't have permission to call ssm:GetParameters\n${progress(20_000)}`,
      1,
    ],
  ])('%s', (_, log, count) => {
    expect(otherDenialsIn(log)).toHaveLength(count)
  })

  it('as one of the first or the last of too many', () => {
    const found = otherDenialsIn(Array.from({ length: 3_000 }, (_, index) => denied(`q${index}`)).join(''))
    expect(found).toHaveLength(MAX_OTHER_DENIALS)
    expect(found.at(-1)?.line).toBe(3_000)
  })
})

it.each([
  ['denials', () => denied('q')],
  ['distinct denials', (index: number) => denied(`q${index}`)],
  ['words of denials', () => 'not authorized to perform x '],
  [
    'refused calls',
    () => 'An error occurred (AccessDenied) when calling the PutBucketPolicy operation: Access Denied\n',
  ],
  [
    'calls in the words of a tool',
    (index: number) =>
      `* creating Lambda Function (f${index}): AccessDeniedException: \n\tstatus code: 403, request id: a\n`,
  ],
])('four times as many %s take about four times the work', (_, unit) => {
  const reading = (chars: number) => {
    let log = ''
    for (let index = 0; log.length < chars; index += 1) log += unit(index)
    return charactersRead(() => otherDenialsIn(log))
  }
  // Quadratic work would be sixteen times as much.
  expect(reading(1_600_000) / reading(400_000)).toBeLessThanOrEqual(5)
})

const passing = (role: string) =>
  `User: arn:aws:sts::111122223333:assumed-role/deployer/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app/${role} because no identity-based policy allows the iam:PassRole action`

it('denials of a role are found in thirty megabytes, each character read at most eighty times', () => {
  const line = '2026-11-24T02:47:31.1234567Z aws_s3_object.site["a/b"]: Still creating... [10s elapsed]\n'
  const lines = 60_000
  const block = line.repeat(lines)
  const names = ['a', 'b', 'a', 'c', 'b']
  const log = names.map(name => `${block}${passing(name)}\n`).join('') + block
  expect(log.length).toBeGreaterThan(30_000_000)
  let denials: ReturnType<typeof denialsInLog>['denials'] = []
  const read = charactersRead(() => {
    denials = denialsInLog(log).denials
  })
  expect(read / log.length).toBeLessThan(80)
  expect(denials.map(({ denial, line, again }) => [line, again, denial.resource?.split('/').at(-1)])).toEqual([
    [60_001, [180_003], 'a'],
    [120_002, [300_005], 'b'],
    [240_004, [], 'c'],
  ])
})
