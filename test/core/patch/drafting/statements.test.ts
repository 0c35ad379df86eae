import { describe, expect, it } from 'vitest'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import { addConditionValue } from '../../../../core/patch/drafting/condition-value.ts'
import {
  addStatements,
  currentDocument,
  editedChanges,
  mergeConditions,
  withEdit,
} from '../../../../core/patch/drafting/document-edits.ts'
import {
  exactEntity,
  exactRole,
  isExactClaim,
  isServiceName,
  isTagKey,
} from '../../../../core/patch/drafting/exact-names.ts'
import { serviceLinkedRoleStatement } from '../../../../core/patch/drafting/service-linked-role.ts'
import { change, pass, SID } from '../../../fixtures/guardrails.ts'
import { ACCOUNT, allow, DEPLOYER, document, EXECUTION_ROLE, NOW_MS, TASK_ROLE } from '../../../fixtures/patches.ts'

const { Sid: _, ...PASS } = pass()
const until = (time: string, statement = pass()): Statement => ({
  ...statement,
  Condition: { ...statement.Condition, DateLessThan: { 'aws:CurrentTime': time } },
})
const PAST = '2026-11-24T11:00:00Z'
const FUTURE = '2026-11-24T13:00:00Z'
const sids = ({ Statement }: PolicyDocument) => Statement.map(({ Sid }) => Sid)

describe('adding statements to a document', () => {
  const add = (before: PolicyDocument | null, statements: Omit<Statement, 'Sid'>[], joinable?: ReadonlySet<string>) =>
    addStatements(before, statements, SID, NOW_MS, joinable)
  const get = { Effect: 'Allow', Action: 'iam:GetRole', Resource: TASK_ROLE } as const

  it('makes one where there is none, under the Sid alone or with a letter each', () => {
    expect(add(null, [PASS])).toEqual(document(pass()))
    expect(sids(add(null, [PASS, get]))).toEqual([`${SID}a`, `${SID}b`])
  })

  it('keeps what is there, and takes a Sid that is free', () => {
    const theirs: Statement = { Sid: SID, ...allow('s3:GetObject', '*') }
    expect(add({ ...document(theirs), Id: 'theirs' }, [PASS])).toEqual({
      ...document(theirs, { ...pass(), Sid: `${SID}a` }),
      Id: 'theirs',
    })
    const taken: Statement = { Sid: `${SID}a`, ...allow('s3:GetObject', '*') }
    expect(sids(add(document(taken), [PASS, get]))).toEqual([`${SID}a`, `${SID}b`, `${SID}c`])
  })

  it('has letters for many, and two of them for more', () => {
    const many = Array.from({ length: 28 }, (_one, at) => ({ ...get, Resource: `${TASK_ROLE}-${at}` }))
    expect(sids(add(null, many)).slice(24)).toEqual([`${SID}y`, `${SID}z`, `${SID}aa`, `${SID}ab`])
  })

  it('adds nothing that is there, whatever its Sid, and adds what is only denied', () => {
    const before = document({ ...pass(), Sid: 'Theirs' })
    expect(add(before, [PASS])).toBe(before)
    expect(sids(add(before, [PASS, get]))).toEqual(['Theirs', SID])
    const denied = { ...PASS, Effect: 'Deny' as const }
    expect(add(document(denied), [PASS]).Statement).toEqual([denied, pass()])
  })

  it.each<[string, Statement, boolean]>([
    ['an expired grant of the same', until(PAST), true],
    ['an expired grant of the same with a letter', until(PAST, { ...pass(), Sid: `${SID}a` }), true],
    ['a grant of the same that has not expired', until(FUTURE), false],
    ['an expired grant of another role', until(PAST, pass(EXECUTION_ROLE)), false],
    ['an expired grant of another denial', until(PAST, { ...pass(), Sid: 'Rolemedicffffffff' }), false],
    ['an expired statement of others', until(PAST, { ...pass(), Sid: 'Theirs' }), false],
    ['an expired statement without a Sid', until(PAST, PASS), false],
  ])('replaces %s, or keeps it', (_name, old, goes) => {
    const after = add(document(old), [PASS])
    expect(after.Statement).toHaveLength(goes ? 1 : 2)
    expect(after.Statement.includes(old)).toBe(!goes)
  })

  it('joins a statement of the same change that differs in its resources alone', () => {
    const other = { ...pass(EXECUTION_ROLE), Sid: 'Rolemedicffffffff' }
    const joinable = new Set(['Rolemedicffffffff'])
    expect(add(document(other), [PASS], joinable).Statement).toEqual([
      { ...other, Resource: [EXECUTION_ROLE, TASK_ROLE] },
    ])
    expect(add(document(other), [PASS]).Statement).toEqual([other, pass()])
    expect(add(document(other), [get], joinable).Statement).toEqual([other, { Sid: SID, ...get }])
    const { Sid: _sid, ...nameless } = other
    expect(add(document(nameless), [PASS], joinable).Statement).toEqual([nameless, pass()])
  })
})

describe('adding a value to a condition', () => {
  const listed = (operator: string, values: string | string[], more: Partial<Statement> = {}) =>
    document(allow('s3:GetObject', '*'), {
      ...allow('iam:PassRole', '*'),
      Condition: { [operator]: { 'iam:PassedToService': values, other: 'x' }, Bool: { a: 'true' } },
      ...more,
    })
  const add = (before: PolicyDocument, operator: string, value = 'b', at = 1, key = 'iam:PassedToService') =>
    addConditionValue(before, at, operator, key, value)

  it.each([
    'StringEquals',
    'StringEqualsIfExists',
    'StringEqualsIgnoreCase',
    'StringLike',
    'ForAnyValue:StringLike',
    'ArnEquals',
    'ArnLike',
    'ArnLikeIfExists',
  ])('makes it a list under %s, and changes nothing else', operator => {
    expect(add(listed(operator, 'a'), operator)).toEqual(listed(operator, ['a', 'b']))
  })

  it.each([
    'StringNotEquals',
    'ForAllValues:StringEquals',
    'Bool',
    'NumericEquals',
    'DateLessThan',
    'IpAddress',
    'StringEqualsX',
  ])('has no effect under %s', operator => {
    expect(add(listed(operator, 'a'), operator)).toBe(null)
  })

  it('finds the key ignoring its case, and keeps how it is written', () => {
    expect(add(listed('StringLike', ['a']), 'StringLike', 'b', 1, 'IAM:passedtoservice')).toEqual(
      listed('StringLike', ['a', 'b']),
    )
  })

  it('is nothing for another key or operator, a Deny, a value that is there, and a statement that is not', () => {
    const before = listed('StringLike', ['a'])
    expect(add(before, 'StringLike', 'b', 1, 'aws:SourceArn')).toBe(null)
    expect(add(before, 'StringEquals')).toBe(null)
    expect(add(before, 'StringLike', 'a')).toBe(null)
    expect(add(before, 'StringLike', 'b', 0)).toBe(null)
    expect(add(before, 'StringLike', 'b', 2)).toBe(null)
    expect(add(listed('StringLike', ['a'], { Effect: 'Deny' }), 'StringLike')).toBe(null)
  })
})

describe('the edits of a patch', () => {
  const own = change('role-inline-policy', DEPLOYER, null, document(pass())).target
  const [one, two] = [document(pass()), document(pass(), allow('s3:GetObject', '*'))]
  const others = [
    change('user-inline-policy', DEPLOYER, null, one).target,
    change('role-inline-policy', TASK_ROLE, null, one).target,
    { ...own, policyName: 'deploy' },
  ]

  it('are one for a document, with what it was before all of them', () => {
    const edits = withEdit(withEdit([], own, null, one), own, one, two)
    expect(edits).toEqual([{ target: own, before: null, after: two }])
    expect(currentDocument(edits, own, null)).toBe(two)
  })

  it('are apart for another kind, entity or name', () => {
    const edits = withEdit([], own, null, one)
    for (const target of others) {
      expect(currentDocument(edits, target, two)).toBe(two)
      expect(currentDocument(edits, target, null)).toBe(null)
      expect(withEdit(edits, target, null, two)).toEqual([...edits, { target, before: null, after: two }])
    }
  })

  it('become changes where the document differs, trust policies last', () => {
    const trust = change('role-trust-policy', TASK_ROLE, one, two).target
    const edits = [
      { target: trust, before: one, after: two },
      { target: own, before: null, after: one },
      { target: { ...own, policyName: 'same' }, before: one, after: document(pass()) },
    ]
    expect(editedChanges(edits, true)).toEqual([
      { ...change('role-inline-policy', DEPLOYER, null, one) },
      { ...change('role-trust-policy', TASK_ROLE, one, two) },
    ])
    expect(editedChanges(edits, false).map(({ required }) => required)).toEqual([false, false])
  })
})

describe('names that may enter a policy', () => {
  it.each([
    [`arn:aws:iam::${ACCOUNT}:role/app`, true],
    [`arn:aws-cn:iam::${ACCOUNT}:user/team/ana`, true],
    [`arn:aws:iam::${ACCOUNT}:role/app*`, false],
    [`arn:aws:iam::${ACCOUNT}:role/a?/app`, false],
    [`arn:aws:iam::${ACCOUNT}:role/\${aws:username}/app`, false],
    [`arn:aws:iam::${ACCOUNT}:group/admins`, false],
    [`arn:aws:iam::${ACCOUNT}:root`, false],
    ['arn:aws:iam::*:role/app', false],
    [`arn:aws:sts::${ACCOUNT}:assumed-role/app/ci`, false],
    [null, false],
  ])('of an entity: %s', (text, wanted) => {
    expect(exactEntity(text) !== null).toBe(wanted)
  })

  it('of a role are not those of a user', () => {
    expect(exactRole(TASK_ROLE)?.name).toBe('orders-task')
    expect(exactRole(`arn:aws:iam::${ACCOUNT}:user/ana`)).toBe(null)
  })

  it('of services, tags and claims have no wildcard', () => {
    expect(
      ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn', '*.amazonaws.com', 'ec2', 'EC2.amazonaws.com'].map(isServiceName),
    ).toEqual([true, true, false, false, false])
    expect(['team', 'cost center', 'a*', `\${x}`, ''].map(isTagKey)).toEqual([true, true, false, false, false])
    expect(['repo:a/b:ref:x', 'a*', 'a?', `\${x}`, ''].map(isExactClaim)).toEqual([true, false, false, false, false])
  })
})

describe('the conditions of two', () => {
  it('are those of both; the first wins for a key of the same operator', () => {
    const mfa = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }
    expect(mergeConditions(null, undefined)).toBe(null)
    expect(mergeConditions(null, mfa)).toBe(mfa)
    expect(mergeConditions(mfa, undefined)).toBe(mfa)
    expect(
      mergeConditions(mfa, { Bool: { b: 'false', 'aws:MultiFactorAuthPresent': 'false' }, StringEquals: { c: 'd' } }),
    ).toEqual({
      Bool: { 'aws:MultiFactorAuthPresent': 'true', b: 'false' },
      StringEquals: { c: 'd' },
    })
  })
})

describe('the right to create a service-linked role', () => {
  const linked = `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`
  it('is for that role and its service, also under conditions', () => {
    const forEcs = { StringEquals: { 'iam:AWSServiceName': 'ecs.amazonaws.com' } }
    expect(serviceLinkedRoleStatement(linked)).toEqual({
      ok: true,
      value: { Effect: 'Allow', Action: 'iam:CreateServiceLinkedRole', Resource: linked, Condition: forEcs },
    })
    const under = { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }
    expect(serviceLinkedRoleStatement(linked, under)).toMatchObject({
      value: { Condition: { StringEquals: { ...forEcs.StringEquals, ...under.StringEquals } } },
    })
  })

  it.each([TASK_ROLE, 'arn:aws:s3:::aws-service-role', `${linked}*`])('is refused for %s', arn => {
    expect(serviceLinkedRoleStatement(arn)).toMatchObject({ ok: false, error: { code: 'unreadable-arn' } })
  })
})
