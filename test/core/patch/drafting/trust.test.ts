import { describe, expect, it } from 'vitest'
import { unknown, unreadable } from '../../../../core/base/fact.ts'
import type { Denial } from '../../../../core/denial/denial.ts'
import { type ContextFacts, present } from '../../../../core/iam/conditions/context.ts'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import type { DraftContext } from '../../../../core/patch/drafting/draft-context.ts'
import { sessionGrant } from '../../../../core/patch/drafting/session-statement.ts'
import {
  deniedServiceStatement,
  readTrust,
  serviceTrustStatement,
  sourceAccountIn,
  trustStatement,
} from '../../../../core/patch/drafting/trust-statement.ts'
import { DEFAULT_CONFIG } from '../../../../functions/domain/config/config.ts'
import { diagnosis, SID } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  assumeDenial,
  DEPLOYER,
  document,
  ecsTrust,
  identity,
  NOW_MS,
  role,
  snapshot,
  TASK_ROLE,
  trusting,
} from '../../../fixtures/patches.ts'

const REPORTS = `arn:aws:iam::${ACCOUNT}:role/reports`
const context = (trust: PolicyDocument, more: Partial<Denial> = {}): DraftContext => ({
  denial: { ...assumeDenial(REPORTS), ...more },
  diagnosis,
  snapshot: snapshot(identity(DEPLOYER), [role(REPORTS, trust)]),
  config: DEFAULT_CONFIG,
  withGetRole: false,
  nowMs: NOW_MS,
  sid: SID,
  joinable: new Set(),
})
const code = (result: { ok: true } | { ok: false; error: { code: string } }) => (result.ok ? null : result.error.code)

describe('the trust policy of a role', () => {
  const of = (arn: string, target = role(arn, ecsTrust)) =>
    readTrust({ ...context(ecsTrust), snapshot: snapshot(null, [target]) }, arn)

  it('is read with its target', () => {
    expect(of(REPORTS)).toMatchObject({
      ok: true,
      value: {
        target: { kind: 'role-trust-policy', accountId: ACCOUNT, name: 'reports', policyName: null, arn: REPORTS },
        document: ecsTrust,
      },
    })
  })

  it.each([
    ['could not be read', REPORTS, { ...role(REPORTS, ecsTrust), role: unreadable('AccessDenied') }, 'trust-unseen'],
    ['is not among the roles read', REPORTS, role(TASK_ROLE, ecsTrust), 'trust-unseen'],
    ['is not of a role', `arn:aws:iam::${ACCOUNT}:user/ana`, undefined, 'trust-unseen'],
    ['is one of AWS', `arn:aws:iam::${ACCOUNT}:role/aws-reserved/x/r`, undefined, 'reserved-role'],
    [
      'is that of a service-linked role',
      `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/r`,
      undefined,
      'service-linked-role',
    ],
  ])('is refused if it %s', (_, arn, target, wanted) => {
    expect(code(of(arn, target))).toBe(wanted)
  })

  it('is refused if only that part could not be read', () => {
    const { role: read, ...rest } = role(REPORTS, ecsTrust)
    if (read.kind !== 'found') throw new Error('no role')
    const target = { ...rest, role: { ...read, value: { ...read.value, trust: unknown('AccessDenied') } } }
    expect(code(of(REPORTS, target))).toBe('trust-unseen')
  })
})

describe('trust for the denied caller', () => {
  const MFA = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }
  const EXTERNAL = { StringEquals: { 'sts:ExternalId': 'orders' } }
  const other = (id: string) => ({ AWS: `arn:aws:iam::${id}:role/x` })
  const drafted = (trust: PolicyDocument, caller = identity(DEPLOYER), more: Partial<Denial> = {}) => {
    const about = context(trust, more)
    const read = readTrust(about, REPORTS)
    if (!read.ok) throw new Error(read.error.code)
    return trustStatement(about, read.value, caller)
  }
  const condition = (trust: PolicyDocument, caller?: Parameters<typeof drafted>[1]) => {
    const made = drafted(trust, caller)
    return made.ok ? (made.value.Condition ?? null) : made.error.code
  }

  it('names it exactly, for the denied action', () => {
    expect(drafted(ecsTrust)).toEqual({
      ok: true,
      value: { Effect: 'Allow', Principal: { AWS: DEPLOYER }, Action: 'sts:AssumeRole' },
    })
  })

  it('names a role of a permission set by its account and a pattern', () => {
    const arn = (suffix: string) =>
      `arn:aws:iam::${ACCOUNT}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_${suffix}`
    expect(drafted(trusting(other(ACCOUNT), { Condition: MFA }), identity(arn('0123456789abcdef')))).toEqual({
      ok: true,
      value: {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: 'sts:AssumeRole',
        Condition: { ...MFA, ArnLike: { 'aws:PrincipalArn': arn('????????????????') } },
      },
    })
  })

  it.each([
    ['a service-linked role', `arn:aws:iam::${ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/r`],
    ['a session', `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ci`],
  ])('is refused for %s', (_, arn) => {
    expect(code(drafted(ecsTrust, identity(arn)))).toBe('no-exact-principal')
  })

  it.each<[string, PolicyDocument, unknown]>([
    ['nobody', ecsTrust, null],
    ['its account without a condition', trusting(other(ACCOUNT)), null],
    ['its account', trusting(other(ACCOUNT), { Condition: MFA }), MFA],
    ['its account by the id', trusting({ AWS: ACCOUNT }, { Condition: MFA }), MFA],
    ['another account alone', trusting(other('444455556666'), { Condition: EXTERNAL }), EXTERNAL],
    ['everybody', trusting({ AWS: '*' }, { Condition: EXTERNAL }), EXTERNAL],
    [
      'its account in a Deny',
      document({ ...trusting(other(ACCOUNT), { Condition: MFA }).Statement[0], Effect: 'Deny' }),
      null,
    ],
    [
      'its account twice in the same way',
      document(
        ...[1, 2].map(
          (): Statement => ({ Effect: 'Allow', ...trusting(other(ACCOUNT), { Condition: MFA }).Statement[0] }),
        ),
      ),
      MFA,
    ],
    [
      'its account in two ways',
      document(
        { Effect: 'Allow', ...trusting(other(ACCOUNT), { Condition: MFA }).Statement[0] },
        { Effect: 'Allow', ...trusting(other(ACCOUNT), { Condition: EXTERNAL }).Statement[0] },
      ),
      'ambiguous-conditions',
    ],
    [
      'its account, limited to some names',
      trusting(other(ACCOUNT), { Condition: { ...MFA, ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x' } } }),
      MFA,
    ],
    [
      'its account, without some names',
      trusting(other(ACCOUNT), { Condition: { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x' } } }),
      { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x' } },
    ],
    ['nobody but a service', trusting({ Service: 'ec2.amazonaws.com' }, { Condition: MFA }), MFA],
    [
      'one of two other accounts',
      document(
        ...trusting(other('444455556666'), { Condition: EXTERNAL }).Statement,
        ...trusting(other('777788889999')).Statement,
      ),
      null,
    ],
    [
      'another account, beside a service without it',
      document(...trusting(other('444455556666'), { Condition: MFA }).Statement, ...ecsTrust.Statement),
      MFA,
    ],
    [
      'two other accounts, each with an external id of its own',
      document(
        ...trusting(other('444455556666'), { Condition: EXTERNAL }).Statement,
        ...trusting(other('777788889999'), { Condition: { StringEquals: { 'sts:ExternalId': 'other' } } }).Statement,
      ),
      'ambiguous-conditions',
    ],
    [
      'another account, of which only a part is asked of everybody',
      document(
        ...trusting(other('444455556666'), { Condition: { ...MFA, ...EXTERNAL } }).Statement,
        ...trusting(other('777788889999'), { Condition: MFA }).Statement,
      ),
      MFA,
    ],
    [
      'another account, beside a grant that has ended',
      document(
        ...trusting(other('444455556666'), { Condition: MFA }).Statement,
        ...trusting(
          { AWS: 'arn:aws:iam::777788889999:role/x' },
          { Sid: SID, Condition: { DateLessThan: { 'aws:CurrentTime': '2026-11-24T11:00:00Z' } } },
        ).Statement,
      ),
      MFA,
    ],
  ])('carries the condition under which the role trusts %s', (_, trust, wanted) => {
    expect(condition(trust)).toEqual(wanted)
  })

  it('from another account carries the condition for other accounts, and that for its own first', () => {
    const foreign = identity('arn:aws:iam::444455556666:role/tools')
    const [own, third] = [other('444455556666'), other('777788889999')]
    expect(condition(trusting(third, { Condition: EXTERNAL }), foreign)).toEqual(EXTERNAL)
    expect(condition(trusting({ AWS: '*' }, { Condition: EXTERNAL }), foreign)).toEqual(EXTERNAL)
    expect(
      condition(document({ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole', Condition: EXTERNAL }), foreign),
    ).toEqual(EXTERNAL)
    expect(condition(trusting(other(ACCOUNT), { Condition: MFA }), foreign)).toEqual(MFA)
    expect(
      condition(trusting(other(ACCOUNT), { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'a' } } }), foreign),
    ).toBe(null)
    const both = document(
      { Effect: 'Allow', ...trusting(third, { Condition: EXTERNAL }).Statement[0] },
      { Effect: 'Allow', ...trusting(own, { Condition: MFA }).Statement[0] },
    )
    expect(condition(both, foreign)).toEqual(MFA)
  })

  it('does not carry the end of an earlier grant', () => {
    const ended = { DateLessThan: { 'aws:CurrentTime': '2026-11-24T11:00:00Z' } }
    expect(condition(trusting(other(ACCOUNT), { Sid: SID, Condition: { ...MFA, ...ended } }))).toEqual(MFA)
    expect(condition(trusting(other(ACCOUNT), { Sid: 'Theirs', Condition: ended }))).toEqual(ended)
  })

  it('adds the condition of the session to it', () => {
    const facts = { 'aws:tagkeys': present('team') }
    const made = drafted(trusting(other(ACCOUNT), { Condition: MFA }), identity(DEPLOYER), {
      action: 'sts:TagSession',
      context: facts,
    })
    expect(made.ok && made.value).toMatchObject({ Action: 'sts:TagSession', Condition: MFA })
    expect(made.ok && JSON.stringify(made.value.Condition)).toContain('"aws:TagKeys":["team"]')
    const refused = drafted(ecsTrust, identity(DEPLOYER), {
      action: 'sts:TagSession',
      context: { 'aws:tagkeys': present('a*') },
    })
    expect(code(refused)).toBe('unreadable-tag')
  })
})

describe('trust for a service', () => {
  const read = (trust: PolicyDocument) => {
    const result = readTrust(context(trust), REPORTS)
    if (!result.ok) throw new Error(result.error.code)
    return result.value
  }
  const denied = (trust: PolicyDocument, facts: ContextFacts = {}) =>
    deniedServiceStatement(read(trust), 'ec2.amazonaws.com', { action: 'sts:TagSession', context: facts }, NOW_MS)
  const base = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:TagSession' }
  const forAccount = (id: string) => ({ Condition: { StringEquals: { 'aws:SourceAccount': id } } })

  it('is limited to the account that it acts for, where the call says so', () => {
    expect(denied(ecsTrust)).toEqual({ ok: true, value: base })
    expect(denied(ecsTrust, { 'aws:sourceaccount': present(ACCOUNT) })).toEqual({
      ok: true,
      value: { ...base, ...forAccount(ACCOUNT) },
    })
    expect([sourceAccountIn({}), sourceAccountIn({ 'aws:sourceaccount': { state: 'absent' } })]).toEqual([null, null])
  })

  it('that the role does not trust yet carries what everybody needs', () => {
    const org = { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123' } }
    const facts = { 'aws:sourceaccount': present(ACCOUNT) }
    expect(denied(trusting({ AWS: '*' }, { Condition: org }), facts)).toEqual({
      ok: true,
      value: { ...base, Condition: org },
    })
  })

  it('carries the condition of its other actions, and not that of other services, of a Deny, or of an earlier grant', () => {
    const ec2 = (more: Partial<Statement>) => trusting({ Service: ['ec2.amazonaws.com', 'x.amazonaws.com'] }, more)
    const theirs = forAccount('444455556666')
    const facts = { 'aws:sourceaccount': present(ACCOUNT) }
    expect(denied(ec2(theirs), facts)).toEqual({ ok: true, value: { ...base, ...theirs } })
    const own = { ok: true, value: { ...base, ...forAccount(ACCOUNT) } }
    expect(denied(trusting({ Service: 'lambda.amazonaws.com' }, theirs), facts)).toEqual(own)
    expect(denied(document({ ...ec2(theirs).Statement[0], Effect: 'Deny' }), facts)).toEqual(own)
    expect(denied(ec2({ ...theirs, Sid: SID }), facts)).toEqual(own)
    expect(denied(trusting({ AWS: 'ec2.amazonaws.com' }, theirs), facts)).toEqual(own)
    const two = document(
      { Effect: 'Allow', ...ec2(theirs).Statement[0] },
      { Effect: 'Allow', ...ec2(forAccount(ACCOUNT)).Statement[0] },
    )
    expect(code(denied(two))).toBe('ambiguous-conditions')
  })

  it.each([
    ['ec2.amazonaws.com', 'sts:AssumeRole'],
    ['pods.eks.amazonaws.com', ['sts:AssumeRole', 'sts:TagSession']],
    ['rolesanywhere.amazonaws.com', ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']],
    ['toString', 'sts:AssumeRole'],
  ])('that %s can use has the actions %s', (service, actions) => {
    expect(serviceTrustStatement(service, {})).toEqual({
      Effect: 'Allow',
      Principal: { Service: service },
      Action: actions,
    })
  })
})

describe('what starts a session', () => {
  const granted = (action: Denial['action'], facts: ContextFacts = {}) =>
    sessionGrant({ denial: { ...assumeDenial(REPORTS), action, context: facts } })

  it.each<[Denial['action'], ContextFacts, unknown]>([
    ['sts:AssumeRole', { 'aws:tagkeys': present('team') }, { Action: 'sts:AssumeRole' }],
    ['sts:TagSession', {}, { Action: 'sts:TagSession' }],
    ['sts:TagSession', { 'aws:tagkeys': { state: 'absent' } }, { Action: 'sts:TagSession' }],
    ['sts:TagSession', { 'aws:tagkeys': { state: 'present', values: [] } }, { Action: 'sts:TagSession' }],
    [
      'sts:TagSession',
      { 'aws:tagkeys': { state: 'present', values: ['team', 'cost center'] } },
      {
        Action: 'sts:TagSession',
        Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost center'] } },
      },
    ],
    [
      'sts:SetSourceIdentity',
      { 'sts:sourceidentity': present('ana') },
      { Action: 'sts:SetSourceIdentity', Condition: { StringEquals: { 'sts:SourceIdentity': 'ana' } } },
    ],
  ])('is %s with %j, limited to what the denial shows', (action, facts, wanted) => {
    expect(granted(action, facts)).toEqual({ ok: true, value: wanted })
  })

  it.each<[Denial['action'], ContextFacts, string]>([
    ['sts:TagSession', { 'aws:tagkeys': { state: 'present', values: ['team', 'a*'] } }, 'unreadable-tag'],
    ['sts:TagSession', { 'aws:tagkeys': present('a#b') }, 'unreadable-tag'],
    ['sts:SetSourceIdentity', { 'sts:sourceidentity': present('ana*') }, 'unreadable-tag'],
    ['iam:PassRole', {}, 'no-such-grant'],
    ['iam:CreateServiceLinkedRole', {}, 'no-such-grant'],
    ['sts:AssumeRoleWithWebIdentity', {}, 'no-such-grant'],
    ['sts:AssumeRoot', {}, 'no-such-grant'],
  ])('is no grant for %s with %j', (action, facts, wanted) => {
    expect(code(granted(action, facts))).toBe(wanted)
  })

  it('may have a character in a source identity that a tag key cannot have', () => {
    expect(code(granted('sts:SetSourceIdentity', { 'sts:sourceidentity': present('a#b') }))).toBe(null)
  })
})
