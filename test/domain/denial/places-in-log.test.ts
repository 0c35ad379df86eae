import { describe, expect, it } from 'vitest'
import { denialsInLog } from '../../../functions/domain/denial/logs/denials-in-log.ts'

const CALLER = 'arn:aws:iam::111122223333:user/ci'
const denied = (name: string) =>
  `User: ${CALLER} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/${name}`
const calls = (text: string) =>
  denialsInLog(text).denials.map(({ denial, line }) => [
    line,
    denial.resource?.split('/').at(-1),
    denial.call.eventName,
  ])

describe('a denial after another one', () => {
  it('has no part of the text before the other one', () => {
    expect(calls(`$ aws glue create-job\n${denied('a')}\n${denied('b')}`)).toEqual([
      [2, 'a', 'CreateJob'],
      [3, 'b', null],
    ])
  })

  it('has the text before another keyword that denies nothing', () => {
    expect(calls(`$ aws glue create-job\nNobody is authorized here.\n${denied('a')}`)).toEqual([[3, 'a', 'CreateJob']])
  })
})

describe('a denial that a log repeats', () => {
  const lambda = `${denied('a')} (Service: AWSLambda; Status Code: 403)`
  const create = `operation error Lambda: CreateFunction, api error: ${denied('a')}`
  it.each([
    ['the service, then its operation', [lambda, create]],
    ['the operation, then only its service', [create, lambda]],
    ['nothing, the operation, and nothing', [denied('a'), create, denied('a')]],
  ])('shows the call of the line that tells most of it: %s', (_, lines) => {
    expect(calls(lines.join('\n\n'))).toEqual([[1, 'a', 'CreateFunction20150331']])
  })

  it('keeps the first of two lines that tell as much', () => {
    const [found, ...others] = denialsInLog(
      `Error: ${denied('a')}.\n\n${denied('a')} (Service: Orders; Status Code: 403)`,
    ).denials
    expect(others).toEqual([])
    expect(found?.denial.message).toBe(`${denied('a')}.`)
  })
})

describe('a denial with fixed words', () => {
  it.each([
    ['Cross-account pass role is not allowed.', 'iam:PassRole', 'cross-account-pass-role'],
    ['Roles may not be assumed by root accounts.', 'sts:AssumeRole', 'root-cannot-assume'],
  ])('is found in a log: %s', (words, action, reason) => {
    const { denials } = denialsInLog(`start\nError: ${words}\nend`)
    expect(denials).toMatchObject([{ line: 2, denial: { action, reason } }])
  })

  it.each(['This role is not allowed.', 'The bill is paid by root accounts.'])('is no other one: %s', words => {
    expect(denialsInLog(words).denials).toEqual([])
  })
})

describe('the places that are not read', () => {
  it('are counted from the first to the last of them', () => {
    // Its first line looks like the others, which follow a line that ends in the same letter.
    const lines = [
      'started',
      ...Array.from({ length: 2_101 }, () => 'could not get token: AccessDenied'),
      'end of the log',
    ]
    const { denials, unread } = denialsInLog(lines.join('\n'))
    expect(denials.map(({ line }) => line)).toEqual([2])
    // 2,100 lines that look alike, of which 2,000 may be read first and 50 at the end.
    expect(unread).toEqual({ places: 50, firstLine: 2_002, lastLine: 2_101 })
  })
})
