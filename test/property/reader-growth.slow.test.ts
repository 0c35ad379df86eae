/** Reading time grows in proportion to the text, also for hostile text. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { denialsInText } from '../../core/denial/any-text/denials-in-text.ts'
import { denialsInLog } from '../../core/denial/logs/denials-in-log.ts'
import { parseMessage } from '../../core/denial/parse-denial.ts'
import { cpuMs } from '../cpu-time.ts'

/** One run reads a dozen megabytes several times, so a long run of the laws does at most a few hundred. */
const RUNS = { numRuns: Math.min(Number(process.env['FC_RUNS'] ?? 12), 200) }

/** Beginnings, middles and ends of everything that a reader searches for or skips. */
const PIECES = [
  ...[
    'not authorized to perform: ',
    'is not authorized to perform: iam:PassRole on resource: ',
    'not authorized perform ',
  ],
  ...[
    'User: ',
    'User: arn:aws:sts::111122223333:assumed-role/a/b ',
    'AccessDenied',
    'Access Denied: ',
    'AccessDeniedException',
  ],
  ...[
    'arn:aws:iam::',
    'arn:aws:iam::111122223333:role/',
    'arn:',
    ':role/',
    'role/',
    'arn%3Aaws%3Aiam%3A%3A',
    'arn:aws:iam::***:role/***',
  ],
  ...[
    'because no identity-based policy allows the ',
    'with an explicit deny in a ',
    ' action',
    'on resource: ',
    'on role ',
  ],
  ...[
    'An error occurred (AccessDenied) when calling the ',
    'AssumeRole operation: ',
    '(Service: ',
    'Status Code: 403; ',
    'creating ',
  ],
  ...[
    'cannot be assumed by ',
    'was unable to assume the role',
    'must allow ',
    ' is authorized to assume',
    'trust relationship',
    'is invalid',
  ],
  ...[
    'could not be used to assume ',
    'Could not assume role with OIDC: ',
    'role-to-assume: ',
    'RoleArn": "',
    'service linked role',
  ],
  ...[
    '{"DecodedMessage":"',
    '"explicitDeny":false,',
    '"principal":{"',
    '"context":{',
    '{',
    '}',
    'Encoded authorization failure message: ',
  ],
  ...[
    'ResourceStatus  ResourceType  LogicalResourceId  ResourceStatusReason\n',
    'AWS::Lambda::Function',
    '- - - ',
    '| ',
    '│ ',
    '╷',
  ],
  ...[
    '&lt;',
    '&amp;amp;',
    '&#x2F;',
    '<b>',
    '</',
    '<account>',
    '${AWS::',
    '**',
    '`',
    '\\n',
    '\\"',
    '\\u003c',
    '"',
    "'",
    ')',
    '(',
    '[',
  ],
  ...[
    ' ',
    '  ',
    '\n',
    '\r\n',
    '\t',
    '.',
    ':',
    '-',
    '=',
    'a',
    'A',
    '0',
    'x'.repeat(63),
    '\u001b[31m',
    '\u2028',
    '。',
    '***',
  ],
  ...['eventName', '{"', '{\\"', '[{', '"data":"H4sI', '"_raw":"{'],
]

const hostile = fc.record({
  head: fc.array(fc.constantFrom(...PIECES), { maxLength: 3 }).map(pieces => pieces.join('')),
  unit: fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 5 }).map(pieces => pieces.join('')),
  tail: fc.array(fc.constantFrom(...PIECES), { maxLength: 3 }).map(pieces => pieces.join('')),
})

type Hostile = { readonly head: string; readonly unit: string; readonly tail: string }

const textOf = ({ head, unit, tail }: Hostile, chars: number): string =>
  `${head}${unit.repeat(Math.ceil(chars / unit.length)).slice(0, chars)}${tail}`

/** The minimum of several measurements, because other load only adds time. */
function timeOf(read: (text: string) => unknown, text: string, tries: number): number {
  let least = Number.POSITIVE_INFINITY
  for (let index = 0; index < tries; index += 1) {
    const startedMs = cpuMs()
    read(text)
    least = Math.min(least, cpuMs() - startedMs)
  }
  return least
}

const MAX_EXPONENT = 1.2
/** Below this, the clock, the compiler and the garbage collector dominate. Quadratic time for a megabyte is far longer. */
const LEAST_MS = 150

function exponentOf(read: (text: string) => unknown, one: Hostile, small: number, large: number): number {
  let exponent = Number.POSITIVE_INFINITY
  for (let tries = 1; tries <= 8 && exponent > MAX_EXPONENT; tries += 1) {
    const ms = timeOf(read, textOf(one, large), tries)
    if (ms < LEAST_MS) return 0
    exponent = Math.min(exponent, Math.log(ms / timeOf(read, textOf(one, small), tries + 2)) / Math.log(large / small))
  }
  return exponent
}

const KILO = 1_024

describe('a hostile text', () => {
  it(
    'takes a log’s reader time that grows with its length up to a megabyte, by an exponent of at most 1.2',
    () => {
      fc.assert(
        fc.property(hostile, one => {
          expect(exponentOf(denialsInLog, one, 128 * KILO, KILO * KILO)).toBeLessThanOrEqual(MAX_EXPONENT)
        }),
        RUNS,
      )
    },
    30 * 60_000,
  )

  it(
    'takes the detector no more',
    () => {
      fc.assert(
        fc.property(hostile, one => {
          const named = { ...one, head: `eventName ${one.head}` }
          expect(exponentOf(denialsInText, named, 128 * KILO, KILO * KILO)).toBeLessThanOrEqual(MAX_EXPONENT)
        }),
        // Escaped brackets were searched again for each of the brackets before them.
        { ...RUNS, examples: [[{ head: '', unit: '{\\"', tail: 'Could not assume role with OIDC: ' }]] },
      )
    },
    30 * 60_000,
  )

  it(
    'takes the reader of an error text no more',
    () => {
      fc.assert(
        fc.property(hostile, one => {
          expect(exponentOf(parseMessage, one, 64 * KILO, 250 * KILO)).toBeLessThanOrEqual(MAX_EXPONENT)
        }),
        RUNS,
      )
    },
    30 * 60_000,
  )

  // Nine kilobytes that took a reader of this project up to fifteen seconds.
  it.each([
    [
      'one run of brackets',
      `${')'.repeat(8_900)}\u0001( is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/x`,
    ],
    [
      'eight runs of brackets',
      `${')'.repeat(1_000)}( is not authorized to perform: iam:PassRole on resource: x\n`.repeat(8),
    ],
    [
      'quotes behind a name',
      `User: a${'"'.repeat(8_900)}' is not authorized to perform: sts:AssumeRole on resource: b`,
    ],
  ])('of nine kilobytes, %s, is read in 50 ms', (_, text) => {
    denialsInLog('User: a is not authorized to perform: sts:AssumeRole on resource: b')
    expect(timeOf(denialsInLog, text, 3)).toBeLessThan(50)
  })

  // Each took more than a second per megabyte.
  it.each([
    [
      'PassRole on nothing',
      'User: arn:aws:sts::111122223333:assumed-role/a/b is not authorized to perform: iam:PassRole on resource: ',
    ],
    ['kubectl without a token', 'could not get token: AccessDenied '],
    ['root accounts', 'Roles may not be assumed by root accounts. '],
    ['services', 'The role defined for the function cannot be assumed by Lambda. '],
    ['coded blanks', 'not%20authorized%20to%20perform%3A%20iam%3APassRole '],
  ])('of a megabyte of %s is read in less', (_, sentence) => {
    expect(timeOf(denialsInLog, sentence.repeat((KILO * KILO) / sentence.length), 3)).toBeLessThan(1_000)
  })
})
