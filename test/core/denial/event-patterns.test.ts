import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { matchesPattern } from '../../../cli/use-cases/match/event-ruler.ts'
import { eventWith, recordsInText } from '../../../core/denial/any-text/records-in-text.ts'
import { EVENT_PATTERNS } from '../../../core/denial/cloudtrail/event-patterns.ts'
import { parseRecord } from '../../../core/denial/parse-denial.ts'

const events = new URL('../../../events/', import.meta.url)
const files = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, events))
    .filter(name => name.endsWith('.json'))
    .map(name => `${folder}${name}`)

function read(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, events), 'utf8'))
}

function rulesFor(record: unknown): readonly string[] {
  const [event] = recordsInText(JSON.stringify(record)).records.map(eventWith)
  if (event === undefined) throw new Error('no record')
  return Object.entries(EVENT_PATTERNS)
    .filter(([, pattern]) => matchesPattern(pattern, event))
    .map(([name]) => name)
}

/** Delivered by a rule. Only the parser, or AWS's decoder, decides whether they concern rolemedic's actions. */
const UNDECIDED_BY_RULES = ['ec2-run-instances-encoded-only.json']

describe('the rules', () => {
  it('bring in every sample that is ours, each by exactly one rule', () => {
    const brought = Object.fromEntries(files('./').map(file => [file.slice(2, -5), rulesFor(read(file))]))
    expect(brought).toEqual({
      'assume-role-cross-account': ['assume-role'],
      'assume-role-identity-center': ['assume-role'],
      'assume-role-root': ['assume-role'],
      'assume-role-same-account': ['assume-role'],
      'assume-role-tag-session': ['assume-role'],
      'assume-role-young-role': ['assume-role'],
      'china-run-instances': ['by-message'],
      'cloudformation-create-change-set': ['by-message'],
      'cloudformation-create-function': ['by-message'],
      'create-service-linked-role': ['by-message'],
      'ec2-run-instances': ['by-message'],
      'ec2-run-instances-cut': ['by-message'],
      'ec2-run-instances-encoded-only': ['ec2-encoded'],
      'ecs-explicit-deny-scp': ['by-message'],
      'ecs-register-task-definition': ['by-message'],
      'glue-cross-account-role': ['by-message'],
      'lambda-create-function': ['by-message'],
      'lambda-cross-account-role': ['by-message'],
      'rds-create-db-instance': ['by-message'],
      'rds-cross-account-role': ['by-message'],
      'saml-sign-in': ['assume-role'],
      'transfer-cross-account-role': ['by-message'],
      'web-identity-github': ['assume-role'],
    })
  })

  it('agree with the parser on every sample but a listed few', () => {
    const differing = [...files('./'), ...files('look-alikes/')].filter(
      file => (parseRecord(read(file)).kind === 'denial') !== rulesFor(read(file)).length > 0,
    )
    expect(differing.map(file => file.replace('./', ''))).toEqual(UNDECIDED_BY_RULES)
  })

  it('leave every look-alike out', () => {
    const brought = files('look-alikes/').filter(file => rulesFor(read(file)).length > 0)
    expect(brought).toEqual([])
    expect(files('look-alikes/').length).toBeGreaterThan(8)
  })

  it.each([
    'AccessDenied',
    'AccessDeniedException',
    'AuthorizationError',
    'Client.UnauthorizedOperation',
    'UnauthorizedOperation',
  ])('take the error code %s from any service', errorCode => {
    const record = { ...(read('lambda-create-function.json') as object), errorCode }
    expect(rulesFor(record)).toEqual(['by-message'])
  })

  it('bring in a service that may not assume a role', () => {
    const record = {
      ...(read('lambda-create-function.json') as object),
      eventSource: 'rolesanywhere.amazonaws.com',
      eventName: 'CreateSession',
      errorMessage:
        'User: arn:aws:sts::111122223333:assumed-role/laptop is not authorized to perform: sts:AssumeRole with an explicit deny in the role trust policy',
    }
    expect(rulesFor(record)).toEqual(['assume-role-elsewhere'])
  })

  it('take no event that somebody made up, as only AWS may send events from aws.*', () => {
    const record = read('lambda-create-function.json')
    const forged = { source: 'my.app', 'detail-type': 'AWS API Call via CloudTrail', detail: record }
    expect(Object.values(EVENT_PATTERNS).filter(pattern => matchesPattern(pattern, forged))).toEqual([])
  })
})

describe('the one rule for every text', () => {
  const [name, pattern] = ['by-message', EVENT_PATTERNS['by-message']] as const
  const eventWith = (errorMessage: string, source = 'aws.ec2') => ({
    source,
    'detail-type': 'AWS API Call via CloudTrail',
    detail: { errorCode: 'AccessDenied', errorMessage },
  })
  const user = 'User: arn:aws:iam::111122223333:user/ci'

  it.each([
    [`${user} is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/app`, true],
    [
      `${user} is not authorized to perform: iam:CreateServiceLinkedRole on resource: arn:aws:iam::111122223333:role/x`,
      true,
    ],
    ['Cross-account pass role is not allowed.', true],
    ['cross-account pass role is not allowed', true],
    [`${user} is not authorized to perform: ec2:RunInstances`, false],
    [`${user} is not authorized to perform: iam:GetRole on resource: role app`, false],
    // Without the space before it, the name is part of another.
    ['Role passed by notiam:PassRole', false],
    [`${user} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/app`, false],
    ['', false],
  ])(`%s`, (message, matches) => {
    expect(matchesPattern(pattern, eventWith(message))).toBe(matches)
    expect(matchesPattern(pattern, eventWith(message, 'my.app'))).toBe(false)
  })

  it('is the only one that asks about every service and every call', () => {
    const open = Object.entries(EVENT_PATTERNS).filter(([, { detail }]) => !('eventSource' in detail))
    expect(open.map(([rule]) => rule)).toEqual([name])
  })
})

/** The checks of EventBridge when a rule is created. */
describe('each pattern', () => {
  it.each(Object.entries(EVENT_PATTERNS))('%s is one that EventBridge takes', (_, pattern) => {
    const text = JSON.stringify(pattern)
    expect(text.length).toBeLessThan(4_096)
    expect(text).not.toContain('**')
    expect(text).not.toContain('$or')
    // EventBridge refuses wildcard patterns as too complex if one text repeats parts. Here, no text has an inner wildcard and
    // none repeats another.
    const wildcards = [...text.matchAll(/"wildcard":"([^"]*)"/g)].map(([, wildcard = '']) => wildcard)
    expect(wildcards.filter(wildcard => wildcard.slice(1, -1).includes('*'))).toEqual([])
    const inner = wildcards.map(wildcard => wildcard.replaceAll('*', ''))
    expect(inner.filter(one => inner.some(other => other !== one && one.includes(other)))).toEqual([])
  })
})
