import { describe, expect, it } from 'vitest'
import type { PolicyDocument, Statement } from '../../../core/iam/policy/policy-document.ts'
import type { Target } from '../../../core/patch/patch.ts'
import { revertChange } from '../../../core/patch/revert-patch.ts'
import { restorable } from '../../../core/patch/take-away.ts'

const target: Target = {
  kind: 'role-inline-policy',
  accountId: '111122223333',
  name: 'deployer',
  policyName: 'rolemedic',
  arn: 'arn:aws:iam::111122223333:role/deployer',
}
const trust: Target = { ...target, kind: 'role-trust-policy', policyName: null }
const statement = (Sid: string, Resource = 'x'): Statement => ({
  Sid,
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource,
})
const doc = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement })
const ours = statement('Rolemedic0a1b2c3d')
const theirs = statement('Theirs')
const addedLater = statement('Later', 'y')

describe('the revert of an added statement', () => {
  it('restores the original document if nothing else has changed', () => {
    expect(revertChange({ target, before: doc(theirs), after: doc(theirs, ours) }, doc(theirs, ours))).toEqual({
      ok: true,
      value: doc(theirs),
    })
  })

  it('restores all that it replaced, also more than it added', () => {
    const change = { target, before: doc(theirs, addedLater), after: doc(ours) }
    expect(revertChange(change, doc(ours))).toEqual({ ok: true, value: doc(theirs, addedLater) })
  })

  it('deletes a policy that did not exist before', () => {
    expect(revertChange({ target, before: null, after: doc(ours) }, doc(ours))).toEqual({ ok: true, value: null })
  })

  it('keeps later additions and changes by others', () => {
    const change = { target, before: doc(theirs), after: doc(theirs, ours) }
    expect(revertChange(change, doc(addedLater, ours, statement('Theirs', 'z')))).toEqual({
      ok: true,
      value: doc(addedLater, statement('Theirs', 'z')),
    })
    expect(revertChange({ target, before: null, after: doc(ours) }, doc(ours, addedLater))).toEqual({
      ok: true,
      value: doc(addedLater),
    })
  })

  it('changes nothing if the statement or the policy no longer exists', () => {
    const change = { target, before: doc(theirs), after: doc(theirs, ours) }
    expect(revertChange(change, doc(theirs, addedLater))).toEqual({ ok: true, value: doc(theirs, addedLater) })
    const shared = { ...target, kind: 'managed-policy' as const, policyName: null }
    for (const one of [target, trust, shared])
      expect(revertChange({ ...change, target: one }, null)).toEqual({ ok: true, value: null })
    expect(revertChange({ target: shared, before: null, after: doc(ours) }, null)).toEqual({ ok: true, value: null })
  })

  it('is refused if somebody edited the added statement, and shows all three documents', () => {
    const result = revertChange({ target, before: null, after: doc(ours) }, doc({ ...ours, Resource: '*' }))
    expect(result).toMatchObject({ ok: false, error: { code: 'drift' } })
    if (!result.ok)
      for (const text of ['Before: no policy', '"Resource":"x"', '"Resource":"*"'])
        expect(result.error.message).toContain(text)
  })

  it('shows no external id in a refusal, only that one is new', () => {
    const withId = (id: string): Statement => ({
      Sid: 'Partner',
      Effect: 'Allow',
      Principal: { AWS: '999999999999' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': id } },
    })
    const change = { target: trust, before: doc(withId('s3cret-old')), after: doc(withId('s3cret-old'), ours) }
    const result = revertChange(change, doc(withId('s3cret-changed'), { ...ours, Resource: '*' }))
    if (result.ok) throw new Error('not refused')
    expect(result.error.message).not.toContain('s3cret')
    expect(result.error.message).toMatch(
      /Before: .*"\(not shown\)".*Written: .*"\(not shown\)".*Now: .*"\(not shown, new\)"/,
    )
  })

  it('is refused if it would leave a trust policy without a statement', () => {
    expect(revertChange({ target: trust, before: doc(theirs), after: doc(theirs, ours) }, doc(ours))).toMatchObject({
      ok: false,
      error: { code: 'drift' },
    })
  })
})

describe('what a revert may restore', () => {
  const listing = (...services: string[]): Statement => ({
    ...theirs,
    Condition: { StringEquals: { 'iam:PassedToService': services } },
  })
  const restored = (before: PolicyDocument | null, after: PolicyDocument | null) =>
    restorable({ target, before, after })

  it('is all of others that the change took out, and nothing of rolemedic', () => {
    expect(restored(null, doc(ours))).toBeNull()
    expect(restored(doc(theirs), null)).toEqual(doc(theirs))
    expect(restored(doc(theirs, addedLater), doc(addedLater, ours))).toEqual(doc(theirs, addedLater))
    expect(restored(doc(theirs, ours), doc(theirs))).toEqual(doc(theirs))
    expect(restored(doc(ours), doc(statement('Rolemedic99999999')))).toBeNull()
  })

  it('is without the value that the change took out of a list', () => {
    expect(restored(doc(listing('a', 'b')), doc(listing('a', 'c')))).toEqual(doc(listing('a')))
    expect(restored(doc(listing('a', 'b')), doc(addedLater, listing('a', 'b', 'c')))).toEqual(doc(listing('a', 'b')))
  })
})

/** IAM puts the id of a deleted role or user in place of its ARN. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
describe('the revert of a trust statement whose principal was deleted', () => {
  const DEPLOYER = 'arn:aws:iam::111122223333:role/deployer'
  const JANE = 'arn:aws:iam::111122223333:user/jane'
  const [ROLE_ID, USER_ID] = ['AROAEXAMPLEEXAMPLE123', 'AIDAEXAMPLEEXAMPLE123']
  const letIn = (AWS: string | string[], Sid = 'Rolemedic0a1b2c3d'): Statement => ({
    Sid,
    Effect: 'Allow',
    Principal: { AWS },
    Action: 'sts:AssumeRole',
  })
  const tasks: Statement = { Effect: 'Allow', Principal: { Service: 'x.amazonaws.com' }, Action: 'sts:AssumeRole' }
  const revert = (written: Statement, ...live: Statement[]) =>
    revertChange({ target: trust, before: doc(tasks), after: doc(tasks, written) }, doc(...live))

  it.each([
    ['a role', letIn(DEPLOYER), letIn(ROLE_ID)],
    ['a user', letIn(JANE), letIn(USER_ID)],
  ])('removes that of %s', (_, written, live) => {
    expect(revert(written, tasks, live)).toEqual({ ok: true, value: doc(tasks) })
    expect(revert(written, tasks, live, addedLater)).toEqual({ ok: true, value: doc(tasks, addedLater) })
  })

  it.each([
    ['lets in somebody else, too', letIn([ROLE_ID, JANE])],
    ['lets in somebody else', letIn(JANE)],
    ['has no id', letIn('AROAnobody')],
    ['allows something else', { ...letIn(ROLE_ID), Action: 'sts:*' }],
    ['lets in everybody', { ...letIn(ROLE_ID), Principal: '*' as const }],
    ['lets in a service', { ...letIn(ROLE_ID), Principal: { Service: 'x.amazonaws.com' } }],
  ])('is refused if the statement was edited: it %s', (_, live) => {
    expect(revert(letIn(DEPLOYER), tasks, live)).toMatchObject({ ok: false, error: { code: 'drift' } })
  })

  it('leaves a statement of somebody else with such an id', () => {
    const theirs = letIn(ROLE_ID, 'Theirs')
    expect(revert(letIn(DEPLOYER), tasks, theirs)).toEqual({ ok: true, value: doc(tasks, theirs) })
  })
})

describe('the revert of a value in a condition list', () => {
  const limited = (...services: string[]): Statement => ({
    ...theirs,
    Condition: { StringEquals: { 'iam:PassedToService': services } },
  })
  const change = { target, before: doc(limited('a'), addedLater), after: doc(limited('a', 'b'), addedLater) }

  it('restores the statement in its place', () => {
    expect(revertChange(change, doc(addedLater, limited('a', 'b')))).toEqual({
      ok: true,
      value: doc(addedLater, limited('a')),
    })
  })

  it('changes nothing if somebody already removed the value', () => {
    expect(revertChange(change, doc(limited('a'), addedLater, ours))).toEqual({
      ok: true,
      value: doc(limited('a'), addedLater, ours),
    })
  })

  it('is refused if somebody edited the same statement', () => {
    expect(revertChange(change, doc(limited('a', 'b', 'c'), addedLater))).toMatchObject({
      ok: false,
      error: { code: 'drift' },
    })
  })
})
