import { describe, expect, it } from 'vitest'
import { denialsInLog } from '../../../core/denial/logs/denials-in-log.ts'

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

  it('shows the service that only a later line names', () => {
    const { denials } = denialsInLog(`${denied('a')}.\n\n${lambda}`)
    expect(denials.map(({ line, again }) => [line, again])).toEqual([[1, [3]]])
    expect(denials[0]?.denial.passes[0]?.service.values.map(({ service }) => service)).toEqual(['lambda.amazonaws.com'])
  })

  it('names ten further lines', () => {
    const { denials } = denialsInLog(`${denied('a')}\n`.repeat(14))
    expect(denials.map(({ line, again }) => [line, again])).toEqual([[1, [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]]])
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

describe('a denial whose names hold the words of another one', () => {
  it('is read whole where a role is called like what is denied', () => {
    const words = 'states.amazonaws.com is unable to assume role arn:aws:iam::111122223333:role/may-assume-billing.'
    expect(denialsInLog(words).denials).toMatchObject([
      {
        denial: {
          resource: 'arn:aws:iam::111122223333:role/may-assume-billing',
          principal: { name: 'states.amazonaws.com' },
        },
      },
    ])
  })

  it('is read whole in a decoded message, whose caller has assumed a role', () => {
    const decoded = (name: string) =>
      JSON.stringify({
        ...{ allowed: false, explicitDeny: true, matchedStatements: { items: [] } },
        context: {
          principal: { id: 'A:ci', arn: 'arn:aws:sts::111122223333:assumed-role/deployer/ci' },
          ...{ action: 'iam:PassRole', resource: `arn:aws:iam::111122223333:role/${name}`, conditions: { items: [] } },
        },
      })
    const { denials } = denialsInLog([decoded('a'), 'and then', decoded('b')].join('\n'))
    expect(denials.map(({ line, denial }) => [line, denial.action, denial.resource, denial.reason])).toEqual([
      [1, 'iam:PassRole', 'arn:aws:iam::111122223333:role/a', 'explicit-deny'],
      [3, 'iam:PassRole', 'arn:aws:iam::111122223333:role/b', 'explicit-deny'],
    ])
  })
})

describe('a URL in a log', () => {
  it.each([
    ['Cross-account%20pass%20role%20is%20not%20allowed.', 'iam:PassRole', 'cross-account-pass-role'],
    ['Roles%2520may%2520not%2520be%2520assumed%2520by%2520root%2520accounts.', 'sts:AssumeRole', 'root-cannot-assume'],
  ])('holds a denial with fixed words: %s', (words, action, reason) => {
    const log = ['start', `GET https://x.example/cb?error=${words}&state=1`, 'next', 'end'].join('\n')
    expect(denialsInLog(log).denials).toMatchObject([{ line: 2, again: [], denial: { action, reason } }])
    expect(denialsInLog(`${log}\n${log}`).denials).toMatchObject([{ line: 2, again: [6] }])
  })

  it('holds a sentence of a service', () => {
    const words = encodeURIComponent('states.amazonaws.com is unable to perform: sts:AssumeRole on resource: ')
    const { denials } = denialsInLog(`error="${words}arn:aws:iam::111122223333:role/a"`)
    expect(denials).toMatchObject([{ denial: { principal: { name: 'states.amazonaws.com' } } }])
  })
})

describe('the lines that only a decoder can read', () => {
  const encoded = 'You are not authorized to perform this operation. Encoded authorization failure message: aBc_1-2'
  it('are named up to the tenth', () => {
    expect(denialsInLog(`${encoded}\n\n`.repeat(12)).encodedOnly).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19])
  })

  it('are named once, whatever other words of a denial follow', () => {
    const log = `x\n${encoded}\nThe value of the role is invalid, so that it could not assume anything.`
    expect(denialsInLog(log)).toEqual({ denials: [], encodedOnly: [2], unread: null })
  })

  it('are not those of another sentence, before or after it', () => {
    const other = 'User: ci is not authorized to perform this step.'
    expect(denialsInLog(`${encoded}\n${other}`).encodedOnly).toEqual([1])
    const between = 'Nothing else happens here. '.repeat(16)
    expect(denialsInLog(`${other}\n${between}\nEncoded authorization failure message: aBc_1-2`).encodedOnly).toEqual([])
  })
})

describe('words of a denial that are about no role', () => {
  it.each([
    'These permissions cannot be assumed by Lambda.',
    'A handler that cannot be assumed by Timestream to exist',
  ])('deny nothing: %s', words => {
    expect(denialsInLog(`start\n${words}\nend`)).toEqual({ denials: [], encodedOnly: [], unread: null })
  })

  it('deny it where they name one', () => {
    expect(denialsInLog('The role cannot be assumed by Lambda.').denials).toMatchObject([
      { denial: { action: 'sts:AssumeRole', principal: { name: 'lambda.amazonaws.com' } } },
    ])
  })
})

describe('the places that are not read', () => {
  const many = <T>(count: number, item: (index: number) => T) =>
    Array.from({ length: count }, (_, index) => item(index))
  const name = (index: number) => `q${index}`

  it('are none of the denials of other actions, however many there are', () => {
    const other = (index: number) =>
      `User: ${CALLER} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::orders/${index}`
    expect(denialsInLog(many(1_100, other).join('\n'))).toEqual({ denials: [], encodedOnly: [], unread: null })
  })

  it('are between the first thousand of one form and the last fifty, in the order of their lines', () => {
    const unable = (index: number) =>
      `states.amazonaws.com is unable to assume role arn:aws:iam::111122223333:role/${name(index)}`
    const { denials, unread } = denialsInLog(['start', ...many(1_075, index => unable(index + 2))].join('\n'))
    expect(unread).toEqual({ places: 25, firstLine: 1_002, lastLine: 1_076 })
    expect(denials.slice(990).map(({ line }) => line)).toEqual([
      ...many(10, index => 992 + index),
      ...many(50, index => 1_027 + index),
    ])
    expect(denials.slice(1_000).map(({ denial }) => denial.resource?.split('/').at(-1))).toEqual(
      many(50, index => name(1_027 + index)),
    )
  })

  it('leave another form its place', () => {
    const part = (index: number) => `not authorized to perform: iam:PassRole on resource: arn:aws:iam::q${index} `
    const other = `User: ${CALLER} is not authorized to perform: sts:AssumeRole on role: arn:aws:iam::111122223333:role/* `
    const log = [...many(1_010, part), other, ...many(60, part)].join('\n')
    expect(denialsInLog(log).denials.map(({ line, denial }) => [line, denial.action])).toContainEqual([
      1_011,
      'sts:AssumeRole',
    ])
  })

  it('leave another reason its place', () => {
    const log = [
      ...many(1_010, index => denied(name(index))),
      `${denied('z')} with an explicit deny`,
      ...many(60, index => denied(name(index + 2_000))),
    ]
    expect(denialsInLog(log.join('\n')).denials.map(({ line }) => line)).toContain(1_011)
  })

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
