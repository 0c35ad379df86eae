/** Denials of other actions in logs whose lines a terminal broke or cut at its edge. */
import { describe, expect, it } from 'vitest'
import { otherDenialsIn } from '../../../core/denial/index.ts'
import { statementFor } from '../../../core/published-actions/index.ts'
import { publishedActions } from '../../../core/service-actions/index.ts'

const published = publishedActions()
const PLACE = { region: 'eu-west-1', accountId: '111122223333' }
const CALLER = 'arn:aws:sts::111122223333:assumed-role/github-deployer/session-1'

/** The first names of the first three are actions too where their ends are cut off. */
const CASES = [
  ['s3:DeleteObjectTagging', '"arn:aws:s3:::orders/key"'],
  ['lambda:GetFunctionConfiguration', 'arn:aws:lambda:eu-west-1:111122223333:function:orders'],
  ['s3:PutObjectAcl', '"arn:aws:s3:::orders/key"'],
  ['secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/orders/db-AbCdEf'],
  ['dynamodb:CreateTable', 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders-table'],
] as const
const sentence = (action: string, resource: string) =>
  `Error: updating thing (orders): operation error Lambda: ${action.split(':')[1]}, https response error StatusCode: 403, RequestID: 8f8a8b8c, api error AccessDenied: User: ${CALLER} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`
const lines = (text: string, width: number, frame: string): readonly string[] =>
  text.match(new RegExp(`.{1,${width - frame.length}}`, 'g'))?.map(line => frame + line) ?? []
const log = (some: readonly string[], frame: string) => `aws_x.y: Creating...\n${some.join('\n')}\n${frame}\n`
const FRAMES = ['', '│ ']
const widths = Array.from({ length: 281 }, (_, index) => index + 60)

describe('a denial that a terminal broke', () => {
  it.each(CASES)('names %s on %s at every width', (action, resource) => {
    let [whole, called] = [0, 0]
    for (const frame of FRAMES)
      for (const width of widths) {
        const [found, ...more] = otherDenialsIn(log(lines(sentence(action, resource), width, frame), frame))
        expect(more).toEqual([])
        expect(found, `${width}`).toMatchObject({ action, line: expect.any(Number) })
        expect([resource.replaceAll('"', ''), null]).toContain(found?.resource)
        expect([action.split(':')[1], null], `${width}`).toContain(found?.call?.operation ?? null)
        if (found?.resource != null) whole += 1
        if (found?.call?.operation != null) called += 1
      }
    // Measured: 556 to 562, and 528 to 561, of 562.
    const all = FRAMES.length * widths.length
    expect(whole / all).toBeGreaterThan(0.98)
    expect(called / all).toBeGreaterThan(0.93)
  })
})

describe('a denial that a terminal cut', () => {
  it.each(CASES)('names %s on %s or nothing, and has a statement for the whole ARN alone', (action, resource) => {
    const whole = resource.replaceAll('"', '')
    let [shown, named] = [0, 0]
    for (const frame of FRAMES)
      for (const width of widths) {
        const line = lines(sentence(action, resource), width, frame).slice(0, 1)
        const all = otherDenialsIn(log(line, frame))
        if (line[0]?.includes(`to perform: ${action}`)) shown += 1
        if (all.some(found => found.action === action)) named += 1
        for (const found of all) {
          expect([action, null], `${width}`).toContain(found.action)
          expect([action.split(':')[1], null], `${width}`).toContain(found.call?.operation ?? null)
          const answer = statementFor(found, PLACE, published)
          if (answer.kind === 'suggested') expect(answer.statement.suggestedResource).toBe(whole)
        }
      }
    // Measured: all of 86 to 142 where the line has the whole name, and 130 of 134 for a name that longer ones start with.
    expect(shown).toBeGreaterThan(80)
    expect(named / shown).toBeGreaterThan(0.96)
  })

  it.each([
    ['is cut in its name', 's3:DeleteObj', null],
    ['ends with a name that longer ones start with', 's3:DeleteObject', 's3:DeleteObject'],
    ['does so above a longer line', `s3:DeleteObject\n${'x'.repeat(200)}`, 's3:DeleteObject'],
    ['does so at the edge of the terminal', 's3:DeleteObject\nother lines are shorter', null],
    ['ends with a name that no other starts with', 'sqs:CreateQueue', 'sqs:CreateQueue'],
    ['has an ellipsis', 'sqs:CreateQueue…', null],
  ])('that %s', (_, end, action) => {
    const found = otherDenialsIn(`AccessDenied: User: ${CALLER} is not authorized to perform: ${end}\n`)
    expect(found.map(one => one.action)).toEqual([action])
  })
})

it('names no action of a call whose denial is only in an encoded message', () => {
  const words =
    'An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized to perform this operation.'
  const named = (text: string) => otherDenialsIn(text).map(({ action, call }) => [action, call?.operation])
  expect(named(words)).toEqual([['ec2:RunInstances', 'RunInstances']])
  expect(named(`${words} Encoded authorization failure message: ${'Qm9-'.repeat(60)}`)).toEqual([
    [null, 'RunInstances'],
  ])
})

describe('a denial that was copied with blanks inside its words', () => {
  const copied = (caller: string, action: string, resource: string, allowed = 'dynamodb:PutItem') =>
    otherDenialsIn(
      `Error: User: ${caller} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${allowed} action`,
    ).map(one => [one.action, one.principal, one.resource])
  const table = 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders'

  it.each(['dynamodb: PutItem', 'dynamodb:PutIt em'])('names its action in "%s"', action => {
    expect(copied(CALLER, action, table)).toEqual([['dynamodb:PutItem', CALLER, table]])
  })

  it('names no part of its caller or of its resource', () => {
    const caller = CALLER.replace('deployer', 'de ployer')
    expect(copied(caller, 'dynamodb:PutItem', table)).toEqual([['dynamodb:PutItem', null, table]])
    expect(copied(CALLER, 'dynamodb:PutItem', table.replace('orders', 'ord ers'))).toEqual([
      ['dynamodb:PutItem', CALLER, 'arn:aws:dynamodb:eu-west-1:111122223333:table/ord…'],
    ])
  })

  it('names an action that is newer than the packed ones', () => {
    const action = 'dynamodb:BrandNewCall'
    expect(copied(CALLER, action, table, action)).toEqual([[action, CALLER, table]])
  })
})

describe('the action of a denial', () => {
  const denied = (performed: string, allowed: string) =>
    otherDenialsIn(
      `AccessDenied: User: ${CALLER} is not authorized to perform: ${performed} on resource: * because no identity-based policy allows the ${allowed} action`,
    ).map(({ action }) => action)

  it.each([
    ['is the longer name where the other is its beginning', 'iam:PutRolePo', 'iam:PutRolePolicy', 'iam:PutRolePolicy'],
    ['is the longer one of two actions', 's3:DeleteObjectTagging', 's3:DeleteObject', 's3:DeleteObjectTagging'],
    ['is not named where two of one service disagree', 's3:PutObject', 's3:GetObject', null],
    ['is not named where the longer name is none', 's3:DeleteObject', 's3:DeleteObjectXy', null],
    // test/cases/deploy-texts/permissions.json, 123
    [
      'is what a call needs of another service',
      'ec2:CreateVpcEndpoint',
      'vpce:AllowMultiRegion',
      'vpce:AllowMultiRegion',
    ],
  ])('%s', (_, performed, allowed, action) => {
    expect(denied(performed, allowed)).toEqual([action])
  })
})

describe('the resource of a denial', () => {
  const denied = (words: string) =>
    otherDenialsIn(`Error: User: ${CALLER} is not authorized to perform: sqs:CreateQueue ${words}`)[0]

  it.each([
    'on behalf of the pipeline',
    'on the queue orders. Contact your administrator',
    'on Tuesday because no identity-based policy allows the sqs:CreateQueue action',
    'on resou',
    'on resource: ord',
    'on resource: "ord',
    'on resource: arn:aws:sqs:eu-west-1:111122223333:ord',
  ])('gives no statement where the text says "%s"', words => {
    const found = denied(words)
    expect(found?.action).toBe('sqs:CreateQueue')
    if (found !== undefined) expect(statementFor(found, PLACE, published)).toMatchObject({ kind: 'none' })
  })

  it.each([
    ['on resource: "orders"', 'arn:aws:sqs:eu-west-1:111122223333:orders'],
    ['on resource: orders because no identity-based policy allows', 'arn:aws:sqs:eu-west-1:111122223333:orders'],
    ['on arn:aws:sqs:eu-west-1:111122223333:orders (Service: Sqs)', 'arn:aws:sqs:eu-west-1:111122223333:orders'],
  ])('gives one where the text says "%s"', (words, suggestedResource) => {
    const found = denied(words)
    expect(found).toBeDefined()
    if (found !== undefined)
      expect(statementFor(found, PLACE, published)).toMatchObject({ statement: { suggestedResource } })
  })
})
