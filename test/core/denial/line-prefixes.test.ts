import { describe, expect, it } from 'vitest'
import { findHints } from '../../../core/denial/hints/find-hints.ts'
import { denialsInLog } from '../../../core/denial/logs/denials-in-log.ts'
import { withoutMargins, withoutSharedPrefixes } from '../../../core/denial/logs/line-prefixes.ts'
import { otherDenialsIn } from '../../../core/denial/other-actions/other-denials.ts'
import { cpuMs } from '../../cpu-time.ts'

describe('what comes before each line', () => {
  it.each([
    ['app-1  | a\napp-1  | b\n', 'a\nb\n'],
    ['app-1  | a\napp-1  |\napp-1  | b', 'a\n\nb'],
    ['  9 | a\n 10 | b\n', 'a\nb\n'],
    ['02:47:59  a\r\n02:48:00  b', 'a\r\nb'],
    ['  # a\n  #   b\n', 'a\nb\n'],
    ['// a\n// b', 'a\nb'],
    [' * a\n * b', 'a\nb'],
    ['-- a\n-- b', 'a\nb'],
    ['\u001b[36mapp-1  |\u001b[0m a\n\u001b[36mapp-1  |\u001b[0m b', 'a\nb'],
  ])('goes where a line beside has the same but for its numbers: %j', (log, rest) => {
    expect(withoutSharedPrefixes(log)).toBe(rest)
  })

  it.each([
    'app-1  | a\ndb-1  | b\n',
    'name | role\n-----+-----\n',
    '[redacted] because\nno policy\n',
    '[Container] 2026/11/24 02:47:31 a\n[Container] 2026/11/24 02:47:32 b\n',
    '02:47:31  a',
    '# a\n## b\n',
    'Nov 24 02:47:59 build-1 Error: a\nNov 24 02:47:59 build-1 Error: b\n',
    // Lists of errors, in old versions of Terraform.
    '* a\n* b\n',
  ])('stays where no line beside has it, or another rule reads it: %j', log => {
    expect(withoutSharedPrefixes(log)).toBe(log)
  })

  it.each([
    '2026-11-24T02:47:59+00:00 ',
    '2026-11-24T02:47:59+00:00 orders/deploy/1a2b ',
    'Nov 24 02:47:59 build-1 terraform[812]: ',
  ])('is not the name of an error, nor AWS’s “User: ”: %j', prefix => {
    for (const rest of ['Error: creating\n', 'User: arn\n', 'AccessDeniedException: User\n'])
      expect(withoutSharedPrefixes(`${prefix}${rest}`.repeat(2))).toBe(rest.repeat(2))
  })

  it('goes with a frame, a quote and the blanks that fill a frame', () => {
    expect(withoutMargins('│ a     │\n> b\n&gt; &gt; c\n| d |')).toBe('a\nb\nc\n| d |')
  })

  it('goes with a quote in an item of a list', () => {
    expect(withoutMargins('  - a\n\n    > b\n    > c\n    d > e')).toBe('  - a\n\nb\nc\n    d > e')
    const role = 'arn:aws:iam::123456789012:role/TheSnapshotRole'
    const quoted = `    > User: arn:aws:iam::123456789012:user/MyUserAccount is not authorized to perform: iam:PassRole on resource:\n    > ${role}`
    expect(denialsInLog(quoted).denials.map(({ denial }) => denial.resource)).toEqual([role])
  })

  it('hides no hint whose words are on two lines, and no denial of another action', () => {
    const lines = (text: string) => text.split(' ').map((word, index) => `02:47:3${index % 10}  ${word}`)
    const hint = lines('Unable to locate credentials. You can configure credentials').join('\n')
    expect(findHints(hint).map(({ subject, line }) => [subject, line])).toEqual([['no-credentials', 1]])
    const other = lines(
      'An error occurred (AccessDenied): User: arn:aws:iam::111122223333:user/ci is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::orders/x',
    ).join('\n')
    expect(otherDenialsIn(other).map(({ action, principal }) => [action, principal])).toEqual([
      ['s3:PutObject', 'arn:aws:iam::111122223333:user/ci'],
    ])
  })

  it.each(['[', '<34>1 a ', '12:34:56 ', 'a ', ' ', '9', '│', ' │', '&gt;'])('takes linear time for %j', part => {
    const startMs = cpuMs()
    const line = part.repeat(30)
    for (const log of [part.repeat(150_000), `${line}\n`.repeat(7_500), `${`${line}\r`.repeat(7_500)}\n`]) {
      withoutMargins(withoutSharedPrefixes(log))
    }
    expect(cpuMs() - startMs).toBeLessThan(2_000)
  })
})

describe('a denial without a name', () => {
  it.each([
    ['Error: Roles may not be assumed by root\naccounts.', 'root-cannot-assume', 1],
    ['│ Error: api error AccessDenied: Cross-account pass role is\n│ not allowed.', 'cross-account-pass-role', 1],
    ['> Error: api error AccessDenied: Cross-account pass role\n> is not allowed.', 'cross-account-pass-role', 1],
  ])('is found where its words are on two lines: %j', (log, reason, line) => {
    expect(denialsInLog(log).denials.map(one => [one.denial.reason, one.line])).toEqual([[reason, line]])
  })
})
