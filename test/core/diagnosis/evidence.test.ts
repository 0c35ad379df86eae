import { describe, expect, it } from 'vitest'
import type { AwsEvaluation, Denial } from '../../../core/denial/denial.ts'
import { awsContradictsItself, awsReasonOf } from '../../../core/diagnosis/aws-reason.ts'
import {
  awsReasonEvidence,
  describeCondition,
  describeMismatch,
  describeOutcome,
  nearMisses,
} from '../../../core/diagnosis/evidence.ts'
import type { StatementOutcome } from '../../../core/iam/evaluation/evaluation.ts'
import type { Mismatch, NearMiss } from '../../../core/iam/policy/mismatch.ts'
import { DENIAL } from '../../fixtures/denial.ts'
import { AWS_DENIED } from '../../fixtures/diagnosis.ts'
import { allow, sourced } from '../../fixtures/evaluation.ts'

const outcome = (more: Partial<StatementOutcome>): StatementOutcome => ({
  policy: sourced('identity', allow()),
  ...{ index: 0, sid: null, effect: 'Allow', matches: 'no', mismatches: [], unknowns: [] },
  ...more,
})
const condition = (key: string, got: readonly string[] | null): Mismatch => ({
  ...{ element: 'condition', operator: 'StringEquals', key, wanted: ['a', 'b'], got },
})

describe('the finding of a mismatch', () => {
  it.each<[NearMiss, string]>([
    ['case', 'names X, which differs by case'],
    ['path', 'names X, which has another path'],
    ['account', 'names X, which is in another account'],
    ['partition', 'names X, which is in another partition'],
    ['name', 'names X, which is a similar name'],
    ['session-for-role', 'names the session X rather than the role'],
    [null, 'names X'],
  ])('tells how near it was: %s', (near, finding) => {
    expect(describeMismatch({ element: 'resource', pattern: 'X', near })).toBe(finding)
    expect(describeMismatch({ element: 'principal', pattern: 'X', near })).toBe(finding)
  })

  it('covers actions, and values that are not shown', () => {
    expect(describeMismatch({ element: 'action' })).toBe('covers other actions')
    expect(describeMismatch({ element: 'principal', pattern: null, near: null })).toBe('names another value')
    expect(describeMismatch(condition('sts:ExternalId', ['x']))).toBe(
      'requires sts:ExternalId (value not shown), which is not met',
    )
  })

  it.each([
    ['aws:RequestedRegion', ['c'], 'got "c"'],
    ['aws:SourceIp', null, 'the request does not send it'],
    ['aws:ResourceTag/team', null, 'the role has no such tag'],
    ['iam:ResourceTag/team', null, 'the role has no such tag'],
    ['aws:PrincipalTag/team', null, 'the caller has no such tag'],
  ])('tells what %s was: %j', (key, got, text) => {
    expect(describeMismatch(condition(key, got))).toBe(`requires ${key} StringEquals "a" or "b"; ${text}`)
  })
})

describe('the finding of a statement', () => {
  it('is what it does', () => {
    expect(describeOutcome(outcome({ matches: 'yes' }))).toBe('allows this request')
    expect(describeOutcome(outcome({ matches: 'yes', effect: 'Deny' }))).toBe('denies this request')
  })

  it('is why it does not match', () => {
    const mismatches: Mismatch[] = [condition('aws:SourceIp', null), { element: 'action' }]
    expect(describeOutcome(outcome({ mismatches }))).toBe(
      'requires aws:SourceIp StringEquals "a" or "b"; the request does not send it; covers other actions',
    )
  })

  it('is what cannot be seen', () => {
    const unknowns = [{ fact: 'aws:SourceVpc', why: 'x' }]
    expect(describeOutcome(outcome({ matches: 'unknown', unknowns }))).toBe(
      'may allow this request: cannot see aws:SourceVpc',
    )
    expect(describeOutcome(outcome({ matches: 'unknown', effect: 'Deny' }))).toBe(
      'may deny this request: cannot see a condition key',
    )
  })

  it('has the condition without secret values', () => {
    expect(describeCondition(undefined)).toBeNull()
    expect(describeCondition({ StringEquals: { 'sts:ExternalId': 's3cret', 'aws:RequestedRegion': ['a', 'b'] } })).toBe(
      'sts:ExternalId StringEquals (value not shown) and aws:RequestedRegion StringEquals a, b',
    )
  })
})

describe('the nearest statements', () => {
  const near = (...statements: readonly StatementOutcome[]) => nearMisses(statements)
  const onCondition = outcome({ mismatches: [condition('aws:SourceIp', null)] })
  const onResource = outcome({ mismatches: [{ element: 'resource', pattern: 'X', near: 'case' }] })
  const onPrincipal = outcome({ mismatches: [{ element: 'principal', pattern: 'X', near: 'path' }] })
  const far = outcome({ mismatches: [{ element: 'resource', pattern: 'X', near: null }, { element: 'action' }] })

  it('fail by a condition alone, else by a similar role or principal', () => {
    expect(near(onResource, onCondition, far)).toEqual([onCondition])
    expect(near(onResource, far, onPrincipal)).toEqual([onResource, onPrincipal])
    expect(near(far)).toEqual([])
  })

  it('are allows that do not match', () => {
    expect(near({ ...onCondition, effect: 'Deny' }, { ...onResource, matches: 'unknown' })).toEqual([])
  })
})

describe('the reason that AWS gives', () => {
  const own = (more: Partial<AwsEvaluation> = {}): AwsEvaluation => ({ ...AWS_DENIED, ...more })
  const denial = (more: Partial<Denial>): Denial => ({ ...DENIAL, reason: 'none-given', ...more })

  it('is in the text', () => {
    expect(awsReasonOf(denial({ reason: 'no-resource-policy' }))).toEqual({
      ...{ effect: 'gap', layer: 'trust', policyArn: null, source: 'text' },
    })
    expect(awsReasonOf(denial({}))).toBeNull()
    expect(awsReasonOf(denial({ reason: 'root-cannot-assume' }))).toBeNull()
  })

  it('is the text with the evaluation as its source, where both agree', () => {
    const agreed = denial({ reason: 'explicit-deny-scp', awsEvaluation: own({ explicitDeny: true }) })
    expect(awsReasonOf(agreed)).toMatchObject({ effect: 'deny', layer: 'scp', source: 'decoded-message' })
    expect(awsContradictsItself(agreed)).toBe(false)
  })

  it('is the evaluation where both disagree', () => {
    const conflict = denial({ reason: 'no-identity-policy', awsEvaluation: own({ explicitDeny: true }) })
    expect(awsReasonOf(conflict)).toMatchObject({ effect: 'deny', layer: null, source: 'decoded-message' })
    expect(awsContradictsItself(conflict)).toBe(true)
  })

  it('names the policy of the statement that denied', () => {
    const matchedStatements = [
      { policy: 'arn:aws:iam::111122223333:policy/a', sid: null, effect: 'Allow' },
      { policy: 'arn:aws:iam::111122223333:policy/b', sid: null, effect: 'Deny' },
    ]
    const awsEvaluation = own({ explicitDeny: true, matchedStatements })
    expect(awsReasonOf(denial({ awsEvaluation }))?.policyArn).toBe('arn:aws:iam::111122223333:policy/b')
    expect(awsContradictsItself(denial({ awsEvaluation }))).toBe(false)
  })

  it('is no evaluation that allowed', () => {
    const allowed = denial({ awsEvaluation: own({ allowed: true }) })
    expect(awsReasonOf(allowed)).toBeNull()
    expect(awsContradictsItself(allowed)).toBe(true)
    expect(awsContradictsItself(denial({}))).toBe(false)
  })

  it('is a finding', () => {
    const finding = (effect: 'deny' | 'gap', layer: 'identity' | null, source: 'text' | 'decoded-message') =>
      awsReasonEvidence({ effect, layer, policyArn: null, source }).finding
    expect(finding('deny', 'identity', 'text')).toBe('AWS says: an explicit deny in an identity-based policy')
    expect(finding('deny', null, 'decoded-message')).toBe('AWS says: an explicit deny in a policy (decoded message)')
    expect(finding('gap', 'identity', 'text')).toBe('AWS says: no identity-based policy allows the action')
    expect(finding('gap', null, 'text')).toBe('AWS says: no policy allows the action')
  })
})
