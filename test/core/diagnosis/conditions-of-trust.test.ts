/** Trust policies that would admit the caller except for a condition, or that name another caller. */
import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../core/denial/denial.ts'
import { trustConditionSide } from '../../../core/diagnosis/rules/trust-condition.ts'
import { mayAddClaim, sameSource } from '../../../core/diagnosis/rules/web-identity-claims.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import type { StatementOutcome } from '../../../core/iam/evaluation/evaluation.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import { diagnosisOf } from '../../fixtures/diagnosis.ts'
import { CALLER, callerRole, document, NOBODY, SESSION, snapshot, TARGET, trusting } from '../../fixtures/evaluation.ts'

const ORG = 'aws:PrincipalOrgID'
const ARN = 'aws:PrincipalArn'

/** A statement in which these conditions fail. */
const failing = (
  ...conditions: readonly (readonly [operator: string, key: string, wanted: string, got: string | null])[]
): StatementOutcome => ({
  policy: {
    ...{ type: 'trust', name: 'target', arn: null, attachedTo: TARGET },
    document: document({
      ...{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*' },
      Condition: Object.fromEntries(conditions.map(([operator, key, wanted]) => [operator, { [key]: wanted }])),
    }),
  },
  ...{ index: 0, sid: null, effect: 'Allow', matches: 'no', unknowns: [] },
  mismatches: conditions.map(([operator, key, wanted, got]) => ({
    ...{ element: 'condition', operator, key, wanted: [wanted], got: got === null ? null : [got] },
  })),
})

describe('a trust policy whose condition fails', () => {
  it('gets the one value that it lacks', () => {
    const side = trustConditionSide(TARGET, [failing(['ArnLike', ARN, `${CALLER}-2`, CALLER])])
    expect(side).toMatchObject({ cause: 'trust-condition', nextSteps: [], uncertain: [], needsMfa: false })
    expect(side.gaps).toEqual([
      {
        ...{ kind: 'trust-condition', role: TARGET, statement: 0, operator: 'ArnLike', key: ARN },
        ...{ wanted: [`${CALLER}-2`], got: CALLER },
      },
    ])
  })

  it.each<[string, StatementOutcome]>([
    ['a key that nobody may add to', failing(['StringEquals', ORG, 'o-abc123', 'o-other'])],
    ['a key that the request does not send', failing(['StringEquals', ARN, CALLER, null])],
    ['an operator that takes no value more', failing(['ArnNotLike', ARN, CALLER, CALLER])],
    ['two conditions', failing(['ArnLike', ARN, `${CALLER}-2`, CALLER], ['StringEquals', ORG, 'o-abc123', 'o-x'])],
  ])('gets nothing with %s', (_, outcome) => {
    const { gaps, nextSteps } = trustConditionSide(TARGET, [outcome])
    expect(gaps).toEqual([])
    expect(nextSteps.map(({ text }) => text)).toEqual([
      'Meet the condition in the call, or ask the owner of role target in account 111122223333.',
    ])
  })

  it('may want a secret, which no denied call shows', () => {
    const side = trustConditionSide(TARGET, [failing(['StringEquals', 'sts:ExternalId', 's3cret', 'other'])])
    expect(side.uncertain).toEqual([{ fact: 'sts:ExternalId', why: 'a denied call does not show it' }])
    expect(side.nextSteps[0]?.text).toContain('a wrong one is a possible cause')
    expect(JSON.stringify([side.finding, side.nextSteps])).not.toContain('s3cret')
  })

  it('may want MFA', () => {
    const side = trustConditionSide(TARGET, [failing(['Bool', 'aws:MultiFactorAuthPresent', 'true', 'false'])])
    expect(side).toMatchObject({ needsMfa: true, gaps: [], nextSteps: [{ owner: 'the caller' }] })
  })

  it('is taken by its nearest statement: fewest conditions, then the longest common start', () => {
    const far = failing(['ArnLike', ARN, 'arn:aws:iam::444455556666:role/x', CALLER])
    const near = failing(['ArnLike', ARN, `${CALLER}-2`, CALLER])
    const two = failing(['ArnLike', ARN, `${CALLER}-3`, CALLER], ['StringEquals', ORG, 'o-abc123', 'o-x'])
    expect(trustConditionSide(TARGET, [two, far, near]).gaps[0]).toMatchObject({ wanted: [`${CALLER}-2`] })
    expect(trustConditionSide(TARGET, [near, far]).gaps[0]).toMatchObject({ wanted: [`${CALLER}-2`] })
    for (const account of ['000000000000', '999999999999']) {
      const other = failing(['ArnLike', ARN, `arn:aws:iam::${account}:role/x`, CALLER])
      expect(trustConditionSide(TARGET, [other, near]).gaps[0]).toMatchObject({ wanted: [`${CALLER}-2`] })
    }
  })

  it('is taken by one that a value fixes, among those that are equally near', () => {
    const other = failing(['ArnNotLike', ARN, `${CALLER}-1`, CALLER])
    for (const operator of ['ArnLike', 'StringLike']) {
      const fixed = failing([operator, ARN, `${CALLER}-2`, CALLER])
      expect(trustConditionSide(TARGET, [other, fixed]).gaps[0]).toMatchObject({ operator })
      expect(trustConditionSide(TARGET, [fixed, other]).gaps[0]).toMatchObject({ operator })
    }
  })
})

describe('a source of web identities', () => {
  it('is not shared by service accounts and longer names', () => {
    const wanted = 'system:serviceaccount:orders:api'
    expect(sameSource(wanted, 'system:serviceaccount:billing:web:more')).toBe(false)
    expect(sameSource('system:serviceaccount:billing:web:more', wanted)).toBe(false)
    expect(sameSource(wanted, 'system:serviceaccount:orders:web')).toBe(true)
  })

  it('has something after its name', () => {
    expect(sameSource('project_path:acme/orders', 'project_path:acme/orders:ref_type:branch:ref:main')).toBe(false)
    expect(sameSource('project_path:acme/orders:*', 'project_path:acme/orders:ref_type:branch:ref:main')).toBe(true)
  })

  it('is added only to a subject or an audience', () => {
    const issuer = 'token.actions.githubusercontent.com'
    expect(mayAddClaim(`${issuer}:actor`, ['x'], 'sts.amazonaws.com', true)).toBe(false)
    expect(mayAddClaim(`${issuer}:aud`, ['x'], 'sts.amazonaws.com', true)).toBe(true)
    expect(mayAddClaim(`${issuer}:aud`, ['x'], 'sts.amazonaws.com', false)).toBe(false)
  })
})

describe('a trust policy within one account', () => {
  const REGION = { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }
  const trust = (more: Partial<Statement>): Statement => ({ Effect: 'Allow', Action: 'sts:AssumeRole', ...more })
  const byRole = (statement: Statement) =>
    diagnosisOf(
      {
        ...{ action: 'sts:AssumeRole', resource: TARGET, reason: 'none-given', passes: [] },
        context: { 'aws:requestedregion': present('eu-west-1') },
        principal: {
          ...{ kind: 'role', arn: SESSION, roleArn: CALLER, pathKnown: true, accountId: '111122223333' },
          ...{ name: 'deploy', sessionName: 'build-7', uniqueId: null },
        },
      },
      snapshot(callerRole(), document(statement)),
    )

  it('that names the account under a condition also needs an identity policy', () => {
    const account = trust({ Principal: { AWS: '111122223333' }, Condition: REGION })
    expect(byRole(account).cause).toBe('identity-and-trust-gap')
    const root = trust({ Principal: { AWS: ['arn:aws:iam::111122223333:root'] }, Condition: REGION })
    expect(byRole(root).cause).toBe('identity-and-trust-gap')
  })

  it('that names the role, or everybody, under a condition needs none', () => {
    expect(byRole(trust({ Principal: { AWS: CALLER }, Condition: REGION })).cause).toBe('trust-condition')
    expect(byRole(trust({ Principal: '*', Condition: REGION })).cause).toBe('trust-condition')
  })

  it('that names all but some is read too', () => {
    const others = trust({ NotPrincipal: { AWS: 'arn:aws:iam::111122223333:user/bob' }, Condition: REGION })
    expect(byRole(others).cause).toBe('trust-condition')
  })

  it('that names somebody else is a gap, and the nearest statement is shown', () => {
    const gap = diagnosisOf({ ...byCaller, action: 'sts:AssumeRole', resource: TARGET }, snapshot(callerRole(), NOBODY))
    expect(gap).toMatchObject({ cause: 'trust-gap', gaps: [{ kind: 'trust', role: TARGET }] })
    const near = diagnosisOf(
      { ...byCaller, action: 'sts:AssumeRole', resource: TARGET },
      snapshot(callerRole(), trusting('arn:aws:iam::444455556666:role/ci/deploy')),
    )
    expect(near.summary).toContain(
      '(the nearest statement names arn:aws:iam::444455556666:role/ci/deploy, which is in another account)',
    )
  })
})

const byCaller: Partial<Denial> = {
  ...{ reason: 'none-given', passes: [] },
  principal: {
    ...{ kind: 'role', arn: SESSION, roleArn: CALLER, pathKnown: true, accountId: '111122223333' },
    ...{ name: 'deploy', sessionName: 'build-7', uniqueId: null },
  },
}

describe('a provider of web identities', () => {
  const PROVIDER = 'arn:aws:iam::111122223333:oidc-provider/gitlab.com'
  const federated = (
    statement: Statement,
    provider: string | null = PROVIDER,
    kind: 'web-identity' | 'saml' = 'web-identity',
  ) =>
    diagnosisOf(
      {
        ...{ action: kind === 'saml' ? 'sts:AssumeRoleWithSAML' : 'sts:AssumeRoleWithWebIdentity', resource: TARGET },
        ...{ reason: 'none-given', passes: [], claims: { provider, subject: 'x', audience: null } },
        principal: {
          ...{ kind, arn: null, roleArn: null, pathKnown: false, accountId: null, name: null, sessionName: null },
          uniqueId: null,
        },
      },
      snapshot(callerRole(), document(statement)),
    )
  const letsIn = (name: string, more: Partial<Statement> = {}): Statement => ({
    ...{ Effect: 'Allow', Action: 'sts:TagSession', Principal: { Federated: name } },
    ...more,
  })

  it('that a statement names for other actions is told from one that none names', () => {
    expect(federated(letsIn(PROVIDER)).summary).toContain(`it allows the provider ${PROVIDER} only other actions`)
    expect(federated(letsIn(PROVIDER), 'gitlab.com').summary).toContain('it allows the provider gitlab.com only other')
    expect(federated(letsIn(`${PROVIDER}.example`)).summary).toContain(`no statement names the provider ${PROVIDER}`)
    expect(federated(letsIn(PROVIDER, { Effect: 'Deny' })).summary).toContain('no statement names the provider')
    expect(federated(letsIn(PROVIDER, { Principal: '*' })).summary).toContain('no statement names the provider')
  })

  it('is added by the owner of the role alone', () => {
    const diagnosis = federated(letsIn(`${PROVIDER}.example`))
    expect(diagnosis.gaps).toEqual([])
    expect(diagnosis.nextSteps[0]?.text).toBe(
      'Ask its owner to add the provider with exact sub and aud, if this identity should use the role.',
    )
    expect(federated(letsIn(`${PROVIDER}.example`), PROVIDER, 'saml').nextSteps[0]?.text).toBe(
      'Ask its owner to add the provider with exact SAML:sub and SAML:aud, if this identity should use the role.',
    )
    expect(federated(letsIn(PROVIDER)).nextSteps[0]?.text).toBe(
      "Ask its owner to add sts:AssumeRoleWithWebIdentity to the provider's statement, under the same conditions, if this identity should use the role.",
    )
  })
})
