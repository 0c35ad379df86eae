/** What belongs to the sentence of a denial, and what only surrounds it. */
import { describe, expect, it } from 'vitest'
import { denialsIn } from '../../../core/denial/logs/denials-in-log.ts'
import { arnAt } from '../../../core/denial/message/arn-in-text.ts'
import { decodedIn } from '../../../core/denial/message/decoded-text.ts'
import { readMessage } from '../../../core/denial/message/message-grammar.ts'
import { roleInTextAt } from '../../../core/denial/message/role-in-sentence.ts'
import { parseMessage } from '../../../core/denial/parse-denial.ts'

const ROLE = 'arn:aws:iam::111122223333:role/orders'
const DENIED = `is not authorized to perform: iam:PassRole on resource: ${ROLE}`
const USER = 'User: arn:aws:iam::111122223333:user/ci'

const read = (text: string) => {
  const parsed = parseMessage(text)
  return parsed.kind === 'denial' ? parsed.denial : parsed.kind
}
const called = (before: string, after = '') => {
  const [denial] = denialsIn(`${before}${USER} ${DENIED}${after}`)
  return denial === undefined ? null : [denial.call.eventSource, denial.call.eventName]
}
const byService = (text: string) =>
  denialsIn(text).map(({ principal, resource }) => [principal.name, resource?.split('/').at(-1) ?? null])

describe('a sentence in quotes', () => {
  it.each([`It says "${DENIED}" again.`, `It says '${DENIED}' errors`, `\`${DENIED}\` errors`])(
    'is a denial where it names a role: %s',
    text => {
      expect(read(text)).toMatchObject({ action: 'iam:PassRole', resource: ROLE, principal: { arn: null } })
    },
  )

  it.each([
    'We see "is not authorized to perform: iam:PassRole" now and then',
    'What to do about not authorized to perform: iam:PassRole errors',
  ])('is none where it names an error: %s', text => {
    expect(denialsIn(text)).toEqual([])
  })
})

describe('denials that run together', () => {
  it('takes no verb from the action before it', () => {
    const read = readMessage(`is not authorized to perform: iam:PassRole${DENIED}`)
    expect(read).toMatchObject({ kind: 'ours', sentence: { subject: null, resource: ROLE, text: DENIED.slice(3) } })
  })
})

describe('a name at the edge of a terminal', () => {
  it('goes on in the next line where both lines are as wide, also with its caller in the first', () => {
    const second = `is not authorized to perform: iam:PassRole on resource: ${ROLE.slice(0, -4)}`
    const caller = 'arn:aws:iam::111122223333:user/'
    const first = `User: ${caller}${'c'.repeat(second.length - caller.length - 6)}`
    expect(first).toHaveLength(second.length)
    expect(read(`${first}\n${second}\nders`)).toMatchObject({ resource: ROLE })
    expect(read(`${first}c\n${second}\nders`)).toMatchObject({ resource: ROLE.slice(0, -4) })
  })
})

describe('a role whose name goes on in the next line', () => {
  const PART = ROLE.slice(0, -4)
  /** Lines of this width, of which the last ends with the role. */
  const lines = (width: number, before = width) => `${'.'.repeat(before)}\n${PART.padStart(width, '.')}`
  const roleIn = (text: string, start = 0) => roleInTextAt(text, text.indexOf('arn:'), text.length, start).resource

  it('is whole where its line is as wide as the one before it', () => {
    expect(roleIn(`${lines(60)}\nders`)).toBe(ROLE)
    expect(roleIn(`${lines(120)}\nders\n`)).toBe(ROLE)
    expect(roleIn(`first line\n${lines(60)}\nders\nDone in 3 s`)).toBe(ROLE)
  })

  it.each([
    ['narrower than a terminal', `${lines(59)}\nders`, 0],
    ['wider than the one before it', `${lines(60, 59)}\nders`, 0],
    ['narrower than the one before it', `${lines(60, 61)}\nders`, 0],
    ['the first of its sentence', `${lines(60)}\nders`, 61],
    ['before an empty one', `${lines(60)}\n\nders`, 0],
    ['not at its end', `${lines(60)} \nders`, 0],
    ['before a new sentence', `${lines(60)}\nDone in 3 s`, 0],
  ])('ends with a line that is %s', (_, text, start) => {
    expect(roleIn(text, start)).toBe(PART)
  })

  it('is whole where it is no role without the rest', () => {
    expect(roleIn('arn:aws:iam::111122223333:ro\nle/orders')).toBe(ROLE)
    const linked = 'arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS'
    expect(roleIn(linked.replace('RoleForECS', '\nRoleForECS'))).toBe(linked)
    expect(roleIn(`${ROLE}-\nreader`)).toBe(`${ROLE}-reader`)
    expect(roleIn(`${ROLE}\nreader`)).toBe(ROLE)
  })

  it('is whole in a sentence that began in the line before', () => {
    const second = `is not authorized to perform: iam:PassRole on resource: ${PART}`
    const first = `User: arn:aws:iam::111122223333:user/${'c'.repeat(second.length - 37)}`
    const reading = readMessage(`${first}\n${second}\nders`)
    expect(first).toHaveLength(second.length)
    expect(reading).toMatchObject({ kind: 'ours', sentence: { resource: ROLE } })
    const quoted = readMessage(`It says "${second} and more words" today`)
    expect(quoted).toMatchObject({ kind: 'ours', sentence: { resource: PART } })
  })
})

describe('a role whose name may be cut at the edge of a terminal', () => {
  const WIDE = `${USER} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/service/orders-`
  const REASON = 'because no identity-based policy allows the iam:PassRole action'
  const kindOf = (text: string) =>
    denialsIn(text).map(({ resource, unread, reason }) => [resource, unread?.kind, reason])
  const whole = (name: string) => `arn:aws:iam::111122223333:role/service/${name}`

  it.each([
    ['ends inside the name, before the reason', `Error: creating\n${WIDE}\n${REASON}`, 'no-identity-policy'],
    ['ends inside the name, at the end', `Error: creating\n${WIDE}`, 'none-given'],
    ['ends inside the name, with a carriage return', `Error: creating\r\n${WIDE}\r\n${REASON}`, 'no-identity-policy'],
    [
      'is wrapped before, also inside a word',
      `${WIDE.slice(0, WIDE.length / 2)}\n${WIDE.slice(WIDE.length / 2)}\n${REASON}`,
      'no-identity-policy',
    ],
    [
      'ends at a width that another line has',
      `${'x'.repeat(WIDE.length - 1)}\n${WIDE.slice(0, -1)}\nDone`,
      'none-given',
    ],
    ['ends inside the name, and the rest of it is the next line', `${WIDE}s\ntask-role`, 'none-given'],
    ['ends before the name', `${WIDE.slice(0, WIDE.indexOf('le/service'))}`, 'none-given'],
    ['is followed by a line with a stamp', `${WIDE}\n2026-11-29T00:00:00Z Error: second`, 'none-given'],
  ])('is not taken where its line %s', (_, text, reason) => {
    expect(WIDE.length % 2).toBe(0)
    expect(kindOf(text)).toEqual([[null, 'cut', reason]])
  })

  it.each([
    ['the next line goes on with the name', `${WIDE}\ntask ${REASON}`, whole('orders-task')],
    ['another line is wider', `${'x'.repeat(WIDE.length + 1)}\n${WIDE}\n${REASON}`, whole('orders-')],
    ['the line is narrower than a terminal', `on resource:\n${whole('o-')}`, whole('o-')],
    [
      'the sentence goes on after the name',
      `${WIDE.slice(0, -1)}\n${REASON}\n${'x'.repeat(WIDE.length - 1)}`,
      whole('orders'),
    ],
    ['a word alone is the next line', `${WIDE.slice(0, -1)}\ndone`, whole('orders')],
    ['another line as wide ends with a role too', `${WIDE.slice(0, -1)}\n${WIDE.slice(0, -1)}`, whole('orders')],
  ])('is taken where %s', (_, text, resource) => {
    const head = text.includes('authorized') ? '' : `${USER} is not authorized to perform: iam:PassRole `
    for (const [found] of kindOf(head + text)) expect(found).toBe(resource)
    expect(kindOf(head + text)).not.toEqual([])
  })

  it('is not completed by a word of the next line', () => {
    const text = `${WIDE.slice(0, WIDE.indexOf('role/service'))}\nDone`
    expect(kindOf(text)).toEqual([[null, 'masked', 'none-given']])
  })

  it('names no caller whose ARN may be cut', () => {
    const line = `${'x'.repeat(80)} User: arn:aws:iam::111122223333:user/team-`
    const text = `${line}\nis not authorized to perform: iam:PassRole on resource: ${ROLE}\n${REASON}`
    expect(denialsIn(text).map(({ principal }) => principal.arn)).toEqual([null])
    expect(denialsIn(text.replace('team-\n', 'team ')).map(({ principal }) => principal.arn)).toEqual([
      'arn:aws:iam::111122223333:user/team',
    ])
  })
})

describe('lines that end with a carriage return alone', () => {
  it('are lines, also inside a name', () => {
    const text = `${USER} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/service/orders-\rtask because no identity-based policy allows the iam:PassRole action\r`
    expect(denialsIn(text).map(({ resource }) => resource)).toEqual([
      'arn:aws:iam::111122223333:role/service/orders-task',
    ])
  })
})

describe('two sentences without an action', () => {
  const root = 'Roles may not be assumed by root accounts.'
  const foreign = 'Cross-account pass role is not allowed.'
  it.each([
    [`${root} ${foreign}`, 'root-cannot-assume'],
    [`${foreign} ${root}`, 'cross-account-pass-role'],
  ])('are read as the first of them: %s', (text, reason) => {
    expect(read(text)).toMatchObject({ reason })
  })
})

describe('an ARN up to a known place', () => {
  it('has nothing behind it, wherever it begins', () => {
    const text = `role: ${ROLE}-and-more`
    expect(arnAt(text, 6, 6 + ROLE.length)).toEqual({ arn: ROLE, end: 6 + ROLE.length, cut: false })
    expect(arnAt(text, 6, 6 + ROLE.length + 4)).toEqual({ arn: `${ROLE}-and`, end: 6 + ROLE.length + 4, cut: false })
  })

  it.each([
    ['arn:aws:iam::<<ACCOUNT>>:role/a b', 'arn:aws:iam::<<ACCOUNT>>:role/a'],
    ['arn:aws:iam::<ACCOUNT>:role/a b', 'arn:aws:iam::<ACCOUNT>:role/a'],
    ['arn:aws:iam::<<ACCOUNT>:role/a b', 'arn:aws:iam'],
  ])('holds a placeholder that is closed as it is opened: %s', (text, arn) => {
    expect(arnAt(text, 0)?.arn).toBe(arn)
  })
})

describe('the operation that words name', () => {
  it.each([
    ['Error: creating RDS DB Instance (orders): ', ['rds.amazonaws.com', 'CreateDBInstance']],
    ['Error: modifying RDS DB Instance (orders): ', ['rds.amazonaws.com', 'ModifyDBInstance']],
    ['Error: updating Glue Job (orders): ', ['glue.amazonaws.com', 'UpdateJob']],
    ['Error: starting RDS Export Task (orders): ', ['rds.amazonaws.com', 'StartExportTask']],
    ['Error: putting Config Configuration Recorder (orders): ', ['config.amazonaws.com', 'PutConfigurationRecorder']],
    ['Error: registering ECS Task Definition (orders): ', ['ecs.amazonaws.com', 'RegisterTaskDefinition']],
  ])('is one that the verb means: %s', (words, call) => {
    expect(called(words)).toEqual(call)
  })

  it.each([
    ['UPDATE_FAILED: Worker (AWS::Nothing::Here) ', [null, null]],
    ['UPDATE_FAILED: Task (AWS::ECS::TaskDefinition) ', ['ecs.amazonaws.com', 'RegisterTaskDefinition']],
    ['UPDATE_FAILED: Worker (AWS::Lambda::Function) ', ['lambda.amazonaws.com', null]],
  ])('is left open for an update of what is created by another one: %s', (words, call) => {
    expect(called(words)).toEqual(call)
  })

  it('is no one of the next event', () => {
    const next = (end: string) => `${end}AWS::Lambda::Function`
    expect(called('{"reason":"', next('"},\n{"type": "'))).toEqual([null, null])
    expect(called('- reason: ', next('\n- type: '))).toEqual([null, null])
    expect(called('reason: ', next('\n\ntype: '))).toEqual([null, null])
    expect(called('{"reason":"', next('",\n"type": "'))).toEqual(['lambda.amazonaws.com', 'CreateFunction20150331'])
  })
})

describe('a service that may not assume a role', () => {
  it.each([
    ['The role cannot be assumed by Glue Please verify its trust.', 'glue.amazonaws.com'],
    ['The role cannot be assumed by the service principal Step Functions Please verify.', 'states.amazonaws.com'],
  ])('is named by the words that begin what follows: %s', (text, service) => {
    expect(byService(text)).toEqual([[service, null]])
  })

  it('is nobody in words about something else, whatever call is near', () => {
    const call = 'operation error Lambda: CreateFunction, '
    expect(byService(`${call}the pipeline of ours cannot assume the role ${ROLE}`)).toEqual([])
    expect(byService(`The role cannot be assumed by Nobody. ${call}`)).toEqual([])
  })

  it('has the role of its own sentence, or of the words before it in the same one', () => {
    expect(
      byService(
        `${ROLE}-2 was created. The platform team of the shop then saw in its pipeline that ECS was unable to assume the role.`,
      ),
    ).toEqual([['ecs-tasks.amazonaws.com', null]])
    expect(
      byService(
        `${ROLE}-2 was created\n\nThe platform team of the shop then saw in its pipeline that ECS was unable to assume the role.`,
      ),
    ).toEqual([['ecs-tasks.amazonaws.com', null]])
    expect(byService(`For ${ROLE}, ECS was unable to assume the role.`)).toEqual([
      ['ecs-tasks.amazonaws.com', 'orders'],
    ])
    expect(byService(`ECS was unable to assume the role '${ROLE}'.`)).toEqual([['ecs-tasks.amazonaws.com', 'orders']])
  })
})

describe('a text that is no decoded message', () => {
  it.each(['1', '"context"', '[]', 'true', 'allowed'])('says so: %s', text => {
    expect(decodedIn(text)).toBeNull()
  })
})
