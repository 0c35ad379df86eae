/** What is wrong with a template after an edit, for results that an edit must never produce. */
import { describe, expect, it } from 'vitest'
import { inexact } from '../../../../iac/edit/cloudformation/inexact.ts'
import { owningResource } from '../../../../iac/edit/cloudformation/owners.ts'
import { readTemplates } from '../../../../iac/edit/cloudformation/template-text.ts'
import { NO_ENTITY_HINTS } from '../../../../iac/edit/code-change.ts'
import { ACCOUNT, changesOf } from '../code-case.ts'

const DEPLOY = { accountId: ACCOUNT, partition: 'aws', stackName: null }
const OLD = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }
const NEW = { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' }
const TRUST = { Effect: 'Allow', Principal: { Service: 'ecs.amazonaws.com' }, Action: 'sts:AssumeRole' }
const MORE = { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }

type Change = { readonly on?: string; readonly before?: readonly object[]; readonly after: readonly object[] }

/** Templates as data: before and after an edit. */
function wrong(before: object, after: object | string, { on = 'role orders', ...change }: Change): string | null {
  const [only] = changesOf({
    ...{ name: '', about: '', source: '', files: {} },
    changes: [
      {
        on,
        policy: 'own',
        before: change.before?.map(one => ({ ...one })),
        after: change.after.map(one => ({ ...one })),
      },
    ],
  })
  if (only === undefined) throw new Error('no change')
  const read = (value: object | string) => {
    const text = typeof value === 'string' ? value : JSON.stringify({ Resources: value })
    return readTemplates([{ path: 't.json', text }], DEPLOY).templates
  }
  const hints = { ...NO_ENTITY_HINTS, logicalId: 'TaskRole' }
  const owner = owningResource(read(before), only.target, hints)
  if (owner?.ok !== true) throw new Error('nothing makes it')
  return inexact(only, read(before), read(after), owner.value)
}

const document = (...Statement: readonly object[]) => ({ Version: '2012-10-17', Statement })
const inline = (name: string, ...statements: readonly object[]) => ({
  PolicyName: name,
  PolicyDocument: document(...statements),
})
const role = (policies: readonly object[], more: object = {}, name = 'orders') => ({
  Type: 'AWS::IAM::Role',
  Properties: { RoleName: name, AssumeRolePolicyDocument: document(TRUST), Policies: policies, ...more },
})
const other = role([inline('kept', OLD)], {}, 'other')
const both = (task: object, second: object = other) => ({ Task: task, Other: second })
const BEFORE = both(role([inline('own', OLD)]))
const ADDS = { before: [OLD], after: [OLD, NEW] }
const OTHER_PARTS = 'the edit would change other parts of the template'
const NOT_EDITED = 'the edited policy is not what was approved'
const NOT_NEW = 'the new policy is not what was approved'

describe('an edited policy', () => {
  it('is right where it has the approved change, and nothing else differs', () => {
    expect(wrong(BEFORE, both(role([inline('own', OLD, NEW)])), ADDS)).toBeNull()
    const apart = (...statements: readonly object[]) => ({
      ...both(role([])),
      Own: { Type: 'AWS::IAM::Policy', Properties: { Roles: [{ Ref: 'Task' }], ...inline('own', ...statements) } },
    })
    expect(wrong(apart(OLD), apart(OLD, NEW), ADDS)).toBeNull()
  })

  it.each<[string, object | string, string]>([
    ['a template that nothing can read', '{', 'the edited template can no longer be read'],
    ['the same', BEFORE, OTHER_PARTS],
    ['no other role', { Task: role([inline('own', OLD, NEW)]) }, 'the edit would take something away'],
    [
      'no policy of another role',
      both(role([inline('own', OLD, NEW)]), role([], {}, 'other')),
      'the edit would take something away',
    ],
    ['another value', both(role([inline('own', OLD, NEW)], { Path: '/app/' })), OTHER_PARTS],
    [
      'another value in a list',
      both(role([inline('own', OLD, NEW)], { Tags: [{ Key: 'a', Value: 'b' }] })),
      OTHER_PARTS,
    ],
    [
      'two policies with it',
      both(role([inline('own', OLD, NEW)]), role([inline('kept', OLD, NEW)], {}, 'other')),
      OTHER_PARTS,
    ],
    [
      'it in the policy of another role',
      both(role([inline('own', OLD)]), role([inline('kept', OLD, NEW)], {}, 'other')),
      'the edit would change another policy',
    ],
    ['a value instead', both(role([inline('own', OLD)], { Path: '/app/' })), 'the edit would change another policy'],
    ['another statement', both(role([inline('own', OLD, OLD)])), NOT_EDITED],
    ['no statement before it', both(role([inline('own', NEW)])), NOT_EDITED],
    [
      'it in its trust policy',
      both(role([inline('own', OLD)], { AssumeRolePolicyDocument: document(TRUST, NEW) })),
      NOT_EDITED,
    ],
  ])('is wrong with %s', (_, after, reason) => {
    expect(wrong(BEFORE, after, ADDS)).toBe(reason)
  })

  it('is wrong in a trust policy of the same statements, and where nothing could be read before', () => {
    const trusting = (more: object) => both(role([inline('own', TRUST)], more))
    expect(
      wrong(trusting({}), trusting({ AssumeRolePolicyDocument: document(TRUST, MORE) }), {
        before: [TRUST],
        after: [TRUST, MORE],
      }),
    ).toBe(NOT_EDITED)
    expect(
      wrong(trusting({}), trusting({ AssumeRolePolicyDocument: document(TRUST, MORE) }), {
        ...{ on: 'trust orders', before: [TRUST] },
        after: [TRUST, MORE],
      }),
    ).toBeNull()
    const open = both(role([{ PolicyName: 'own', PolicyDocument: { Version: '2012-10-17' } }]))
    expect(wrong(open, both(role([inline('own', NEW)])), { before: [], after: [NEW] })).toBe(NOT_EDITED)
  })

  it('is wrong where what a function chooses became something else', () => {
    const chosen = (more: string) => both(role([inline('own', OLD), { 'Fn::If': ['Prod', more, 'x'] }]))
    const edited = (more: string) => both(role([inline('own', OLD, NEW), { 'Fn::If': ['Prod', more, 'x'] }]))
    expect(wrong(chosen('a'), edited('a'), ADDS)).toBeNull()
    expect(wrong(chosen('a'), edited('b'), ADDS)).toBe(OTHER_PARTS)
    const whole = (own: object, more: string) => ({
      ...both(role([], { Policies: { 'Fn::If': ['Prod', more, 'x'] } })),
      Own: own,
    })
    const apart = (...statements: readonly object[]) => ({
      Type: 'AWS::IAM::RolePolicy',
      Properties: { RoleName: 'orders', ...inline('own', ...statements) },
    })
    expect(wrong(whole(apart(OLD), 'a'), whole(apart(OLD, NEW), 'a'), ADDS)).toBeNull()
    expect(wrong(whole(apart(OLD), 'a'), whole(apart(OLD, NEW), 'b'), ADDS)).toBe(OTHER_PARTS)
  })
})

describe('a new policy', () => {
  const before = both(role([inline('first', OLD)]))
  const added = (policy: object, more: object = {}) => ({ ...both(role([inline('first', OLD), policy])), ...more })
  const CREATES = { after: [NEW] }

  it('is right where it has the approved statements under the approved name', () => {
    expect(wrong(before, added(inline('own', NEW)), CREATES)).toBeNull()
    expect(wrong(before, added(inline('own', OLD)), CREATES)).toBe(NOT_NEW)
    expect(wrong(before, added(inline('own', NEW, OLD)), CREATES)).toBe(NOT_NEW)
    expect(wrong(before, added(inline('other', NEW)), CREATES)).toBe(NOT_NEW)
    const older = { PolicyName: 'own', PolicyDocument: { Version: '2008-10-17', Statement: [NEW] } }
    expect(wrong(before, added(older), CREATES)).toBe(NOT_NEW)
    expect(wrong(before, added({ PolicyName: 'own' }), CREATES)).toBe(NOT_NEW)
  })

  it('is not right because another role has the same one', () => {
    const second = role([inline('own', NEW)], {}, 'other')
    expect(wrong(both(role([]), second), both(role([inline('other', NEW)]), second), CREATES)).toBe(NOT_NEW)
  })

  it('is right for a user too, and for a function that SAM makes a role for', () => {
    const user = (...policies: readonly object[]) => ({
      Ci: { Type: 'AWS::IAM::User', Properties: { UserName: 'ci', Policies: policies } },
    })
    expect(wrong(user(), user(inline('own', NEW)), { on: 'user ci', ...CREATES })).toBeNull()
    expect(wrong(user(), user(inline('own', OLD)), { on: 'user ci', ...CREATES })).toBe(NOT_NEW)
    const sam = (...policies: readonly unknown[]) => ({
      Task: { Type: 'AWS::Serverless::Function', Properties: { Handler: 'a.b', Policies: policies } },
    })
    expect(wrong(sam('ReadOnly'), sam('ReadOnly', document(NEW)), CREATES)).toBeNull()
    expect(wrong(sam('ReadOnly'), sam('WriteAll', document(NEW)), CREATES)).toBe(OTHER_PARTS)
    expect(wrong(sam(document(OLD)), sam(document(NEW)), CREATES)).toBe(NOT_EDITED)
  })
})
