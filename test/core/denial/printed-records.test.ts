import { describe, expect, it } from 'vitest'
import { denialsInText } from '../../../core/denial/any-text/denials-in-text.ts'
import { recordsInText } from '../../../core/denial/any-text/records-in-text.ts'

const ROLE = 'arn:aws:iam::111122223333:role/app/orders'
const SENTENCE = `User: arn:aws:iam::111122223333:user/ana is not authorized to perform: iam:PassRole on resource: ${ROLE}`

const idsIn = (text: string) => recordsInText(text).records.map(({ record }) => record['eventID'])

describe('a record that a program printed', () => {
  it('is read with the texts that Python breaks at its width', () => {
    const text = `{'errorCode': 'AccessDenied',
 'errorMessage': 'User: arn:aws:iam::111122223333:user/ana is not authorized to '
                 'perform: iam:PassRole on resource: '
                 '${ROLE}',
 'eventID': 'e1',
 'eventName': 'RunTask',
 'eventSource': 'ecs.amazonaws.com',
 'readOnly': False,
 'requestParameters': None}`
    const [found] = denialsInText(text).found
    expect(found).toMatchObject({
      denial: { id: 'e1', call: { eventName: 'RunTask' }, resource: ROLE, message: SENTENCE },
    })
  })

  it('is read in what LookupEvents returned, with the time as a call and quotes that are escaped', () => {
    const record = JSON.stringify({ eventName: 'RunTask', eventSource: 'ecs.amazonaws.com', eventID: 'e1', a: "it's" })
    const text = `{'EventTime': datetime.datetime(2026, 11, 20, 10, 5, tzinfo=tzlocal()), 'CloudTrailEvent': '${record.replaceAll("'", "\\'")}'}`
    expect(idsIn(text)).toEqual(['e1'])
  })

  it.each([
    ['Python 2', "{u'eventName': u'RunTask', u'eventSource': u'ecs.amazonaws.com', u'eventID': u'e1'}"],
    [
      'JavaScript',
      "INFO { eventName: 'RunTask', eventSource: 'ecs.amazonaws.com', userIdentity: [Object], eventID: 'e1' }",
    ],
    [
      'a log around it',
      "event: {'detail': {'eventName': 'RunTask', 'eventSource': 'ecs.amazonaws.com', 'eventID': 'e1'}} done",
    ],
    ['a comma at the end', "{'eventName': 'RunTask', 'eventSource': 'ecs.amazonaws.com', 'eventID': 'e1',}"],
  ])('is read: %s', (_, text) => {
    expect(idsIn(text)).toEqual(['e1'])
  })

  it.each([
    ['an expression', "{'eventName': 'RunTask', 'eventSource': 'ecs.amazonaws.com', 'eventID': 'e1' if x else None}"],
    ['a variable', "{'eventName': 'RunTask', 'eventSource': 'ecs.amazonaws.com', 'eventID': id}"],
    ['a record that is cut', "{'eventName': 'RunTask', 'eventSource': 'ecs.amazonaws.com', 'eventID': 'e1'"],
  ])('is none with %s', (_, text) => {
    expect(idsIn(text)).toEqual([])
  })
})

const YAML = `awsRegion: eu-west-1
errorCode: AccessDenied
errorMessage: 'User: arn:aws:iam::111122223333:user/ana is not authorized to perform:
  iam:PassRole on resource: ${ROLE}'
eventID: e1
eventName: RunTask
eventSource: ecs.amazonaws.com
requestParameters:
  cluster: orders
  overrides:
  - name: "app"
    command: ['a']
resources: []
userIdentity:
  arn: arn:aws:iam::111122223333:user/ana
  type: IAMUser`

describe('a record in YAML', () => {
  it('is read whole, with its lists and folded texts', () => {
    const [found] = recordsInText(YAML).records
    expect(found?.record).toMatchObject({
      errorMessage: SENTENCE,
      requestParameters: { cluster: 'orders', overrides: [{ name: 'app', command: "['a']" }] },
      resources: null,
      userIdentity: { type: 'IAMUser' },
    })
  })

  it.each([
    ['between prose', `We saw this event:\n\n${YAML}\n\nWhat now?`, ['e1']],
    ['in a quote', YAML.replaceAll(/^/gm, '> '), ['e1']],
    ['as an item of a list', `Records:\n- ${YAML.replaceAll('\n', '\n  ')}`, ['e1']],
    ['twice in one file', `---\n${YAML}\n---\n${YAML.replace('eventID: e1', 'eventID: e2')}`, ['e1', 'e2']],
    ['below other members', `version: "0"\ndetail:\n${YAML.replaceAll(/^/gm, '  ')}\nregion: eu-west-1`, ['e1']],
  ])('is read %s', (_, text, ids) => {
    expect(idsIn(text)).toEqual(ids)
  })

  // https://github.com/SigmaHQ/sigma/issues/2141
  it('is none of a rule that looks for records', () => {
    const rule =
      'detection:\n  selection:\n    eventSource: sts.amazonaws.com\n    eventName: AssumeRole\n    errorCode: AccessDenied\n  condition: selection'
    expect(denialsInText(rule).found.filter(({ kind }) => kind === 'denial')).toEqual([])
  })
})

describe('a reason whose sentence lacks its beginning', () => {
  const REASON = `on resource: ${ROLE} because no identity-based policy allows the iam:PassRole action`

  it.each([
    `orized to perform: iam:PassRole ${REASON} (Service: AWSLambda; Status Code: 403; Error Code: AccessDeniedException)`,
    `...perform: iam:PassRole ${REASON}`,
    `ERROR: (truncated) ${REASON}`,
    `"${REASON}"`,
  ])('still names the role: %s', text => {
    expect(denialsInText(text).found).toMatchObject([
      {
        kind: 'denial',
        denial: { action: 'iam:PassRole', resource: ROLE, reason: 'no-identity-policy', principal: { arn: null } },
      },
    ])
  })

  it.each([
    `User: arn:aws:iam::111122223333:user/ana is not authorized to perform: iam:PassRole\n${REASON}`,
    `User: arn:aws:iam::111122223333:user/ana is not authorized to perform: iam:PassRole on resource:\n"${ROLE}" because no identity-based policy allows the iam:PassRole action`,
  ])('is no second denial where the sentence is whole', text => {
    expect(denialsInText(text).found).toHaveLength(1)
  })

  it('is none of another action', () => {
    const text = REASON.replace('iam:PassRole', 'iam:GetRole')
    expect(denialsInText(`...${text}`).found.filter(({ kind }) => kind === 'denial')).toEqual([])
  })
})
