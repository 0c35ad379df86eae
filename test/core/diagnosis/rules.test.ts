/** Rules and verdicts for one denial, with explicit policies. */
import { describe, expect, it } from 'vitest'
import { ABSENT, found, known, unknown, unreadable } from '../../../core/base/fact.ts'
import type { Denial } from '../../../core/denial/denial.ts'
import {
  evaluateNow,
  hasNoIdentityPolicies,
  isAllowedFor,
  lacks,
  wasRead,
} from '../../../core/diagnosis/diagnosis-context.ts'
import {
  besidesPolicies,
  followUpSteps,
  rolesLacking,
  serviceTrustGaps,
  serviceTrustSteps,
} from '../../../core/diagnosis/follow-up-steps.ts'
import { disagreement, unseenGuardrails } from '../../../core/diagnosis/verdict.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import type { AccessSnapshot, GuardrailLevel } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { LayerOutcome } from '../../../core/iam/evaluation/evaluation.ts'
import type { Statement } from '../../../core/iam/policy/policy-document.ts'
import {
  ANN,
  AWS_DENIED,
  assuming,
  by,
  CI,
  contextOf,
  diagnosisOf,
  ECS,
  ecsTrust,
  pass,
  passing,
  policy,
} from '../../fixtures/diagnosis.ts'
import {
  allow,
  CALLER,
  callerRole,
  callerUser,
  deny,
  document,
  FOREIGN,
  NOBODY,
  ROOT,
  role,
  snapshot,
  sourced,
  TARGET,
  trusting,
  USER,
} from '../../fixtures/evaluation.ts'
import { sent } from '../../fixtures/passed-service.ts'

const levels = (...policies: readonly Statement[][]): GuardrailLevel[] =>
  policies.map((statements, index) => ({
    id: index === 0 ? 'r-root' : '111122223333',
    policies: [{ ...sourced('scp', ...statements), attachedTo: index === 0 ? 'r-root' : '111122223333' }],
  }))
const answered = diagnosisOf

describe('a denial of AWS that the policies do not explain', () => {
  it('is likely at most, and says to repeat the call', () => {
    const seen = snapshot(policy(pass()), ecsTrust)
    const diagnosis = answered(passing({ reason: 'no-identity-policy' }), seen)
    expect(diagnosis).toMatchObject({ cause: 'already-allowed', verdict: 'likely' })
    expect(diagnosis.evidence.at(-1)?.finding).toBe(
      'AWS says: no identity-based policy allows the action, but the identity-based policy read now allows it',
    )
    expect(diagnosis.nextSteps.at(-1)?.text).toBe(
      'Repeat the call: AWS’s reason and the policies that were read disagree, and the policies may have changed since.',
    )
  })

  it('names the owner of the deny that was not found', () => {
    const seen = snapshot(policy(), ecsTrust)
    const diagnosis = answered(passing({ reason: 'explicit-deny-identity' }), seen)
    expect(diagnosis.nextSteps.at(-1)).toEqual({
      text: 'Read the policies again, or ask the owner of the identity-based policy: AWS names a deny that is not in the policies that were read.',
      command: null,
      owner: 'the owner of the identity-based policy',
    })
  })

  const conflictOf = (reason: Denial['reason'], ...statements: Statement[]) =>
    disagreement(contextOf(passing({ reason }), snapshot(policy(...statements), ecsTrust)))?.finding

  it('is no disagreement where a deny depends on a key that was not seen', () => {
    const byVpc = { StringEquals: { 'aws:SourceVpc': 'vpc-1' } }
    expect(conflictOf('explicit-deny-identity', deny({ Action: 'iam:PassRole', Condition: byVpc }))).toBeUndefined()
    // An allow under such a key denies nothing, and neither does a deny of something else.
    expect(conflictOf('explicit-deny-identity', pass({ Condition: byVpc }))).toContain('no such statement was found')
    expect(conflictOf('explicit-deny-identity', deny({ Action: 's3:*' }))).toContain('no such statement was found')
  })

  it('is one where AWS names a gap, and a policy denies', () => {
    expect(conflictOf('no-identity-policy', deny({ Action: 'iam:PassRole' }))).toBe(
      'AWS says: no identity-based policy allows the action, but the identity-based policy read now denies it',
    )
    expect(conflictOf('no-identity-policy')).toBeUndefined()
    expect(conflictOf('no-boundary')).toBe(
      'AWS says: no permissions boundary allows the action, but no permissions boundary applies',
    )
  })

  it('is one where AWS names a deny in no policy, and all that were read have none', () => {
    const everything = { scps: known([]), rcps: known([]), session: known([]), vpce: known([]) }
    const seen = (...statements: Statement[]) => snapshot(policy(...statements), ecsTrust, everything)
    const conflict = (more: AccessSnapshot) =>
      disagreement(contextOf(passing({ reason: 'explicit-deny' }), more))?.finding
    expect(conflict(seen())).toBe(
      'AWS says: an explicit deny in a policy, but no such statement was found in what was read',
    )
    expect(conflict(seen(deny({ Action: 'iam:PassRole' })))).toBeUndefined()
    expect(conflict(snapshot(policy(), ecsTrust))).toBeUndefined()
    expect(answered(passing({ reason: 'explicit-deny' }), seen())).toMatchObject({ verdict: 'likely' })
  })

  it('is one where AWS’s text and its evaluation differ', () => {
    const denial = passing({ reason: 'no-identity-policy', awsEvaluation: { ...AWS_DENIED, explicitDeny: true } })
    expect(disagreement(contextOf(denial, snapshot(policy(), ecsTrust)))?.finding).toBe(
      'AWS’s own evaluation and its error text disagree with each other',
    )
  })
})

describe('a layer', () => {
  const layer = (more: Partial<LayerOutcome>): LayerOutcome => ({
    ...{ type: 'identity', answer: 'implicit-deny', about: [], statements: [], deciding: [], unknowns: [] },
    ...more,
  })

  it('lacks an allow where none of its policies may allow', () => {
    expect(lacks(layer({}))).toBe(true)
    expect(lacks(layer({ answer: 'unknown' }))).toBe(true)
    expect(lacks(layer({ answer: 'unknown', type: 'rcp' }))).toBe(false)
    expect(lacks(layer({ answer: 'allows' }))).toBe(false)
    expect(lacks(null)).toBe(false)
  })

  it('was read where nothing of it is missing', () => {
    const context = contextOf(assuming(), snapshot(policy(), ROOT))
    expect(wasRead(context, layer({}))).toBe(true)
    expect(wasRead(context, layer({ answer: 'unseen' }))).toBe(false)
    expect(wasRead(context, layer({ unknowns: [{ fact: 'x', why: 'y' }] }))).toBe(false)
    expect(wasRead(context, null)).toBe(false)
    // It is unknown whether an unread caller has a boundary.
    const boundary = layer({ type: 'boundary', answer: 'not-applicable' })
    expect(wasRead(context, boundary)).toBe(true)
    expect(wasRead(contextOf(assuming()), boundary)).toBe(false)
  })

  it('that was not read is listed, and a VPC endpoint policy only where the call may have used one', () => {
    const factsOf = (denial: Partial<Denial>) =>
      unseenGuardrails(contextOf(denial, snapshot(policy(), ROOT))).map(({ fact }) => fact)
    expect(factsOf(assuming())).toEqual(['service control policies', 'resource control policies', 'session policy'])
    expect(factsOf(assuming({ context: { 'aws:sourcevpce': present('vpce-1') } }))).toContain('VPC endpoint policy')
    expect(factsOf(assuming({ source: 'message' }))).toContain('VPC endpoint policy')
  })
})

describe('a denial without a role', () => {
  const seen = snapshot(policy(pass()), ecsTrust)

  it('has no target, whatever was read, and nothing is evaluated', () => {
    const context = contextOf(passing({ resource: null, passes: [] }), seen)
    expect(context).toMatchObject({ resource: null, target: null, evaluation: null, passedService: null })
    expect(context).toMatchObject({ roleAccount: null, crossAccount: null })
    expect(isAllowedFor(context, ECS)).toBe(false)
    expect(rolesLacking(context)).toEqual([])
  })

  it('has none either where the text in its place is no ARN', () => {
    const context = contextOf(passing({ resource: '*', passes: [] }), { ...seen, targets: [] })
    expect(context).toMatchObject({ resource: null, evaluation: null, roleAccount: null })
  })

  it('takes the first target for an instance profile', () => {
    const profile = 'arn:aws:iam::111122223333:instance-profile/web'
    expect(contextOf(passing({ resource: profile }), seen)).toMatchObject({
      resource: TARGET,
      roleAccount: '111122223333',
    })
  })

  it('is allowed now only where every role of the call is', () => {
    const both = {
      ...seen,
      targets: [...seen.targets, { arn: FOREIGN, role: found(role(FOREIGN, ecsTrust)), near: unknown('x') }],
    }
    const now = (more: AccessSnapshot) => evaluateNow(contextOf(passing(), more).denial, more)
    expect(now(seen)).toBe('allowed')
    expect(now(both)).toBe('denied')
    expect(now({ ...seen, targets: [] })).toBe('unknown')
  })
})

describe('callers without policies of their own', () => {
  it.each([
    ['web-identity', true],
    ['saml', true],
    ['service', true],
    ['user', false],
    ['role', false],
    ['root', false],
    ['federated-user', false],
    ['unknown', false],
  ] as const)('%s: %s', (kind, expected) => {
    expect(hasNoIdentityPolicies(contextOf(by({ kind })).denial)).toBe(expected)
  })
})

describe('what follows a grant', () => {
  it('is nothing for a role of one account', () => {
    expect(besidesPolicies(contextOf(passing()))).toEqual([])
    expect(followUpSteps(contextOf(passing(), snapshot(policy(), ecsTrust)))).toEqual([])
  })

  it('is centralized root access for root in a member account', () => {
    expect(besidesPolicies(contextOf({ action: 'sts:AssumeRoot' }))[0]?.text).toContain('centralized root access')
  })

  it('is the permission set, and another role of the call that does not exist', () => {
    const seen = snapshot(policy(), ecsTrust)
    const gone = { arn: FOREIGN, role: ABSENT, near: unknown('x') } as const
    const steps = followUpSteps(
      contextOf(passing(by({ ...CI, kind: 'sso-role' })), { ...seen, targets: [...seen.targets, gone] }),
    )
    expect(steps.map(({ text }) => text)).toEqual([
      'Change the permission set: Identity Center manages the role itself.',
      `The same call names ${FOREIGN}, which does not exist: correct it or create it.`,
    ])
  })

  it('is no permission set of a role that only has such a name', () => {
    const called = (path: string) => {
      const name = 'AWSReservedSSO_Admin_0123456789abcdef'
      const roleArn = `arn:aws:iam::111122223333:role${path}${name}`
      return followUpSteps(contextOf(passing(by({ ...CI, kind: 'sso-role', name, roleArn, pathKnown: true })))).length
    }
    expect(called('/')).toBe(0)
    expect(called('/aws-reserved/sso.amazonaws.com/eu-west-1/')).toBe(1)
  })

  const next = (service: ReturnType<typeof sent>, trust = NOBODY, more: Partial<Denial> = {}) => {
    const passes = [{ arn: TARGET, parameter: null, service }]
    const context = contextOf(passing({ passes, ...more }), snapshot(policy(), trust))
    return {
      gaps: serviceTrustGaps(context, [TARGET]),
      steps: serviceTrustSteps(context, [TARGET]).map(({ text }) => text),
    }
  }
  const NOTHING = { gaps: [], steps: [] }

  it('is the trust of the service that assumes the role', () => {
    const gap = { kind: 'service-trust', role: TARGET, service: ECS }
    expect(next(sent(ECS))).toEqual({ gaps: [gap], steps: [] })
    expect(next(sent(ECS), ecsTrust)).toEqual(NOTHING)
    // AWS's own evaluation shows what was sent.
    expect(next(sent(ECS), NOBODY, { context: { 'iam:passedtoservice': present(ECS) } })).toEqual({
      gaps: [gap],
      steps: [],
    })
  })

  it('is nothing where the role trusts the service by its name in this Region, or in an unknown one', () => {
    const states = 'states.amazonaws.com'
    const ofService = (Service: string) =>
      document({ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' })
    const gap = { kind: 'service-trust', role: TARGET, service: states }
    const inRegion = (Region: string, region: string | null) =>
      next(sent(states), ofService(`states.${Region}.amazonaws.com`), { region })
    expect(inRegion('eu-west-1', 'eu-west-1')).toEqual(NOTHING)
    expect(inRegion('eu-west-1', null)).toEqual(NOTHING)
    expect(inRegion('us-east-1', 'eu-west-1')).toEqual({ gaps: [gap], steps: [] })
    expect(next(sent(states), ofService('states.amazonaws.com.cn'), { region: 'cn-north-1' })).toEqual(NOTHING)
  })

  it('is the trust of the service that assumes this role of the call, whichever assumes the others', () => {
    const passes = [
      { arn: FOREIGN, parameter: null, service: sent(ECS) },
      { arn: TARGET, parameter: null, service: sent('lambda.amazonaws.com') },
    ]
    expect(next(sent(ECS), ecsTrust, { passes }).gaps).toEqual([
      { kind: 'service-trust', role: TARGET, service: 'lambda.amazonaws.com' },
    ])
  })

  it('is another role of the call that is missing, and none that a policy denies', () => {
    const OTHER = 'arn:aws:iam::111122223333:role/other'
    const targets = [TARGET, OTHER].map(arn => ({ arn, role: found(role(arn, ecsTrust)), near: unknown('x') }))
    const passes = [TARGET, OTHER].map(arn => ({ arn, parameter: null, service: sent(ECS) }))
    const lacking = (more: Partial<AccessSnapshot> = {}) =>
      rolesLacking(contextOf(passing({ passes }), { ...snapshot(policy(), ecsTrust), targets, ...more }))
    expect(lacking()).toEqual([TARGET, OTHER])
    const scps = known(
      levels([allow({ Action: '*', Resource: '*' }), deny({ Action: 'iam:PassRole', Resource: OTHER })]),
    )
    expect(lacking({ scps })).toEqual([TARGET])
  })

  it('is nothing where the service is a guess, or nobody assumes the role', () => {
    expect(next(sent(ECS, 'guess'))).toEqual(NOTHING)
    const byPolicy = { ...sent(ECS), values: [{ service: ECS, evidence: 'managed-policy', source: 'P' } as const] }
    expect(next(byPolicy)).toEqual(NOTHING)
    expect(next({ ...sent(ECS), assumedBy: [] })).toEqual(NOTHING)
  })

  it('is advice where several services may assume the role', () => {
    const lambda = document({
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'lambda.amazonaws.com' },
    })
    expect(next({ ...sent(ECS), assumedBy: [ECS, 'ec2.amazonaws.com'] }, lambda)).toEqual({
      gaps: [],
      steps: [
        `Next failure: ${ECS} or ec2.amazonaws.com assumes target, whose trust policy allows only lambda.amazonaws.com.`,
      ],
    })
  })

  it('is nothing where the role was not read', () => {
    const seen = {
      ...snapshot(policy(), NOBODY),
      targets: [{ arn: TARGET, role: unreadable('x'), near: unknown('x') }],
    }
    expect(serviceTrustGaps(contextOf(passing(), seen), [TARGET])).toEqual([])
    const unread = snapshot(policy(), NOBODY, {
      targets: [{ arn: TARGET, role: found(role(TARGET, NOBODY, { trust: unknown('x') })), near: unknown('x') }],
    })
    expect(serviceTrustGaps(contextOf(passing(), unread), [TARGET])).toEqual([])
    expect(serviceTrustGaps(contextOf(passing(), snapshot(policy(), NOBODY)), [FOREIGN])).toEqual([])
    expect(serviceTrustGaps(contextOf(assuming(), snapshot(policy(), NOBODY)), [TARGET])).toEqual([])
  })
})

describe('a role that assumes itself', () => {
  const itself = (trust: typeof ROOT, more: Partial<Denial> = {}) =>
    answered(assuming({ resource: CALLER, ...more }), snapshot(policy(allow()), trust, {}, CALLER))

  it('has to name itself in its trust policy', () => {
    expect(itself(ROOT)).toMatchObject({ cause: 'self-assume', gaps: [{ kind: 'trust', role: CALLER }] })
    expect(itself(NOBODY).evidence[0]?.finding).toBe('no statement names the role itself')
  })

  it('is denied by something else where it names itself', () => {
    const under = { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }
    const named = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: CALLER }, Condition: under })
    expect(itself(named).cause).not.toBe('self-assume')
    const everybody = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: '*', Condition: under })
    expect(itself(everybody).cause).not.toBe('self-assume')
    const listed = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: ['*'] }, Condition: under })
    expect(itself(listed).cause).not.toBe('self-assume')
  })

  it('does not name itself in a statement for another action, or in a deny of somebody else', () => {
    const other = document({ Effect: 'Allow', Action: 'sts:TagSession', Principal: { AWS: CALLER } })
    expect(itself(other).cause).toBe('self-assume')
    const under = { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }
    const denied = document({ Effect: 'Deny', Action: 'sts:AssumeRole', Principal: { AWS: CALLER }, Condition: under })
    expect(itself(denied, { context: { 'aws:requestedregion': present('eu-west-1') } }).cause).toBe('self-assume')
  })
})

describe('a guardrail', () => {
  const scps = (...policies: readonly Statement[][]) => known(levels(...policies))
  const FULL = [allow({ Action: '*' })]

  it('is named with the level that allows nothing', () => {
    const seen = snapshot(policy(pass()), ecsTrust, { scps: scps(FULL, [allow({ Action: 's3:*' })]) })
    const diagnosis = answered(passing(), seen)
    expect(diagnosis).toMatchObject({ cause: 'scp-gap', verdict: 'not-ours', gaps: [] })
    expect(diagnosis.summary).toBe(
      'A service control policy (the-scp) at 111122223333 stops role deploy: it does not allow iam:PassRole on target, so a grant elsewhere would change nothing.',
    )
    expect(diagnosis.evidence[0]).toMatchObject({
      ...{ policyType: 'scp', policy: 'the-scp', attachedTo: '111122223333', statement: null },
      finding: 'no statement at 111122223333 allows iam:PassRole on target',
    })
  })

  it('shows the statement that nearly allows', () => {
    const under = { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } }
    const seen = snapshot(policy(pass()), ecsTrust, { scps: scps(FULL, [pass({ Condition: under })]) })
    expect(
      answered(passing({ context: { 'aws:requestedregion': present('eu-west-1') } }), seen).evidence[0],
    ).toMatchObject({
      statement: 0,
      finding: 'requires aws:RequestedRegion StringEquals "us-east-1"; got "eu-west-1"',
    })
  })

  it('has no level where it is a boundary', () => {
    const boundary = found(sourced('boundary', allow({ Action: 's3:*' })))
    const seen = snapshot(callerRole([sourced('identity', pass())], { boundary }), ecsTrust)
    expect(answered(passing(), seen).summary).toBe(
      'A permissions boundary (the-boundary) stops role deploy: it does not allow iam:PassRole on target, so a grant elsewhere would change nothing.',
    )
  })

  it('is not named where the trust policy names a user, whom it may not cap', () => {
    const boundary = found(sourced('boundary', allow({ Action: 's3:*' })))
    const user = (trust: typeof ROOT) => answered(assuming(by(ANN)), snapshot(callerUser([], { boundary }), trust))
    expect(user(trusting(USER))).toMatchObject({
      verdict: 'not-enough-evidence',
      cause: 'unknown',
      unknowns: [{ fact: 'whether the permissions boundary applies' }],
    })
    expect(user(ROOT)).toMatchObject({ cause: 'boundary-gap' })
    expect(user(NOBODY)).toMatchObject({ cause: 'boundary-gap' })
  })

  it('is believed of AWS where it was not read', () => {
    const seen = snapshot(policy(pass()), ecsTrust)
    expect(answered(passing({ reason: 'no-scp' }), seen)).toMatchObject({ cause: 'scp-gap', verdict: 'not-ours' })
    const undecided = snapshot(policy(pass()), ecsTrust, {
      scps: scps(FULL, [pass({ Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } })]),
    })
    expect(answered(passing({ reason: 'no-scp' }), undecided)).toMatchObject({ cause: 'scp-gap' })
    const read = snapshot(policy(pass()), ecsTrust, { scps: scps(FULL, FULL) })
    expect(answered(passing({ reason: 'no-scp' }), read).cause).not.toBe('scp-gap')
  })
})

describe('a grant that needs both sides', () => {
  const MFA = { Bool: { 'aws:MultiFactorAuthPresent': 'true' } }
  const noMfa = { context: { 'aws:multifactorauthpresent': present('false') } }
  const cross = (identity: Statement[], trust: Statement) =>
    answered(assuming({ resource: FOREIGN, ...noMfa }), snapshot(policy(...identity), document(trust), {}, FOREIGN))
  const trust = (more: Partial<Statement> = {}): Statement => ({
    ...{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '444455556666' } },
    ...more,
  })

  it('changes nothing where one of them wants MFA', () => {
    const conditional = trust({ Principal: { AWS: CALLER }, Condition: MFA })
    expect(cross([], conditional)).toMatchObject({ cause: 'identity-and-trust-gap', verdict: 'not-ours', gaps: [] })
    expect(cross([allow({ Condition: MFA })], trust())).toMatchObject({
      ...{ cause: 'identity-and-trust-gap', verdict: 'not-ours', gaps: [] },
    })
  })

  it('changes both where both lack it', () => {
    expect(cross([], trust())).toMatchObject({
      cause: 'identity-and-trust-gap',
      verdict: 'proved',
      gaps: [{ kind: 'identity' }, { kind: 'trust' }],
    })
  })

  it('proves nothing where an external id decides, which no denied call shows', () => {
    const guarded = document(
      trust({ Principal: { AWS: CALLER }, Condition: { StringEquals: { 'sts:ExternalId': 'x' } } }),
    )
    const context = { 'sts:externalid': present('y') }
    const denied = assuming({ resource: FOREIGN, context })
    expect(answered(denied, snapshot(policy(), guarded, {}, FOREIGN))).toMatchObject({
      ...{ cause: 'identity-and-trust-gap', verdict: 'likely', gaps: [] },
    })
  })

  it('says what the caller lacks where the trust policy of the same account could not be read', () => {
    const withoutTrust = found(role(TARGET, NOBODY, { trust: unknown('AccessDenied') }))
    for (const read of [unreadable('AccessDenied'), withoutTrust]) {
      const targets = [{ arn: TARGET, role: read, near: unknown('x') }]
      expect(answered(assuming(), { ...snapshot(policy(), ROOT), targets })).toMatchObject({
        ...{ cause: 'identity-gap', verdict: 'likely' },
      })
    }
  })

  it('says to read a trust policy that could not be read, where the caller may', () => {
    const targets = [{ arn: FOREIGN, role: unreadable('another account'), near: unknown('x') }]
    const diagnosis = answered(assuming({ resource: FOREIGN }), { ...snapshot(policy(allow()), ROOT), targets })
    expect(diagnosis).toMatchObject({ cause: 'trust-gap', verdict: 'likely', gaps: [] })
    expect(diagnosis.nextSteps[0]).toMatchObject({
      text: 'Read the trust policy in account 444455556666; the role may also not exist.',
      owner: 'the owner of account 444455556666',
    })
    const unread = [
      { arn: FOREIGN, role: found(role(FOREIGN, ROOT, { trust: unknown('too long') })), near: unknown('x') },
    ]
    expect(
      answered(assuming({ resource: FOREIGN }), { ...snapshot(policy(allow()), ROOT), targets: unread }),
    ).toMatchObject({
      cause: 'trust-gap',
    })
  })
})

describe('a deny that may decide', () => {
  it('is named where nothing else is in doubt', () => {
    const byVpc = deny({ Action: 'iam:PassRole', Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } })
    const diagnosis = answered(passing(), snapshot(policy(pass(), byVpc), ecsTrust))
    expect(diagnosis).toMatchObject({ cause: 'explicit-deny', verdict: 'likely', gaps: [] })
    expect(diagnosis.summary).toContain('may explicitly deny iam:PassRole to role deploy; no allow can overrule it.')
    expect(diagnosis.evidence[0]?.finding).toBe(
      'may deny this request when aws:SourceVpc StringEquals vpc-1: cannot see aws:SourceVpc',
    )
  })

  it('in a policy that was not read comes from AWS’s copy of the same type', () => {
    const captured = (type: 'scp' | 'rcp' | null) => ({
      ...{ uri: 'arn:aws:organizations::999999999999:policy/p', type, attachedTo: null, denies: ['Guard'] },
      document: document({ ...deny({ Action: 'iam:PassRole' }), Sid: 'Guard' }),
    })
    const summaryOf = (reason: Denial['reason'], type: 'scp' | 'rcp' | null) =>
      answered(
        passing({
          reason,
          awsEvaluation: { ...AWS_DENIED, explicitDeny: true, action: 'iam:PassRole', policies: [captured(type)] },
        }),
        snapshot(policy(pass()), ecsTrust),
      ).summary
    const statement = '(arn:aws:organizations::999999999999:policy/p), statement 1 (Guard),'
    expect(summaryOf('explicit-deny-scp', 'scp')).toContain(
      `in a service control policy ${statement} stops role deploy`,
    )
    expect(summaryOf('explicit-deny-scp', null)).toContain(statement)
    expect(summaryOf('explicit-deny-scp', 'rcp')).toBe(
      'AWS says that an explicit deny in a service control policy stops role deploy from iam:PassRole; no allow can overrule it.',
    )
    expect(summaryOf('explicit-deny', 'rcp')).toContain(`in a resource control policy ${statement}`)
  })
})

describe('the name of a role that differs', () => {
  const named = (asked: string, real: string) => {
    const seen = snapshot(policy(), NOBODY)
    const targets = [{ arn: asked, role: found(role(real, NOBODY)), near: unknown('x') }]
    return answered(assuming({ resource: asked }), { ...seen, targets }).summary
  }

  it('differs by path, by case, or by partition', () => {
    const home = 'arn:aws:iam::111122223333:role'
    expect(named(`${home}/target`, `${home}/app/target`)).toContain(': the path is /app/ instead of /, and ARNs')
    expect(named(`${home}/Target`, `${home}/target`)).toContain(
      ': the name is written target instead of Target, and ARNs',
    )
    expect(named(`${home}/app/Target`, `${home}/target`)).toContain(
      ': the path is / instead of /app/ and the name is written target instead of Target, and ARNs',
    )
  })

  it('says what to do where nothing is near', () => {
    const seen = snapshot(policy(), NOBODY)
    const missing = (near: readonly string[]) =>
      answered(assuming(), { ...seen, targets: [{ arn: TARGET, role: ABSENT, near: known(near) }] }).nextSteps.map(
        ({ text }) => text,
      )
    expect(missing([])).toEqual(['Check the role ARN in the configuration of the caller, or create the role.'])
    const other = 'arn:aws:iam::111122223333:role/targets'
    expect(missing([other])).toEqual([`Use a role that exists. Similar names: ${other}.`])
  })
})

describe('a role that cannot be passed', () => {
  it('says in which account the call is made', () => {
    const stepOf = (more: Partial<Denial>) =>
      answered(
        passing({ resource: FOREIGN, reason: 'cross-account-pass-role', ...more }),
        snapshot(policy(), NOBODY, {}, FOREIGN),
      ).nextSteps[0]?.text
    expect(stepOf({ accountId: '999999999999' })).toContain('where the call is made (111122223333) and')
    expect(stepOf({ accountId: '999999999999', ...by({ ...CI, accountId: null }) })).toContain('(999999999999) and')
    expect(stepOf({ accountId: null, ...by({ ...CI, accountId: null }) })).toContain('where the call is made and')
  })
})

describe('a condition on the service', () => {
  const only = (service: string, more: Partial<Statement> = {}) =>
    pass({ Resource: TARGET, Condition: { StringEquals: { 'iam:PassedToService': service } }, ...more })
  const EC2 = 'ec2.amazonaws.com'

  it('gets the value of the call where the statement is for this role alone', () => {
    expect(answered(passing(), snapshot(policy(only(EC2)), ecsTrust)).gaps).toEqual([
      {
        ...{ kind: 'identity-condition', policy: 'the-identity', policyArn: null, attachedTo: CALLER, statement: 0 },
        ...{ operator: 'StringEquals', key: 'iam:PassedToService', wanted: [EC2], got: ECS },
      },
    ])
  })

  it.each<[string, Statement]>([
    ['other roles', only(EC2, { Resource: '*' })],
    ['other actions', only(EC2, { Action: ['iam:PassRole', 's3:GetObject'] })],
  ])('stays as it is where the statement is for %s: a statement beside it is added', (_, statement) => {
    expect(answered(passing(), snapshot(policy(statement), ecsTrust)).gaps).toEqual([
      { kind: 'identity', roles: [TARGET] },
    ])
  })

  it('stays as it is where it is not certain what the call sends', () => {
    const maySend = (service: ReturnType<typeof sent>) =>
      answered(
        passing({ passes: [{ arn: TARGET, parameter: null, service }] }),
        snapshot(policy(only(EC2)), NOBODY),
      ).gaps.map(({ kind }) => kind)
    expect(maySend(sent(ECS))).toEqual(['identity-condition', 'service-trust'])
    expect(maySend(sent(ECS, 'optional'))).toEqual(['identity', 'service-trust'])
    expect(maySend(sent([ECS, 'lambda.amazonaws.com']))).toEqual(['identity'])
    expect(maySend({ ...sent(ECS, 'guess'), mayBeAbsent: false })).toEqual(['identity'])
  })

  it('leaves its other conditions to the statement beside it', () => {
    const region = { 'aws:RequestedRegion': 'eu-west-1' }
    const statement = only(EC2, {
      Resource: '*',
      Condition: { StringEquals: { 'iam:PassedToService': EC2, ...region } },
    })
    const seen = snapshot(policy(statement), ecsTrust)
    expect(answered(passing({ context: { 'aws:requestedregion': present('eu-west-1') } }), seen).gaps).toEqual([
      { kind: 'identity', roles: [TARGET], under: { StringEquals: region } },
    ])
  })

  it('is named with its policy', () => {
    expect(answered(passing(), snapshot(policy(only(EC2)), ecsTrust)).summary).toBe(
      `Policy the-identity of role deploy allows iam:PassRole on target under a condition that is not met: it requires iam:PassedToService StringEquals "${EC2}"; got "${ECS}".`,
    )
  })

  it('may be met by a call that sends no service', () => {
    const optional = passing({ passes: [{ arn: TARGET, parameter: null, service: sent(ECS, 'optional') }] })
    const diagnosis = answered(optional, snapshot(policy(only(ECS)), ecsTrust))
    expect(diagnosis).toMatchObject({ cause: 'identity-condition', verdict: 'likely' })
    expect(diagnosis).not.toHaveProperty('serviceGuessed')
    expect(diagnosis.gaps).toEqual([{ kind: 'identity', roles: [TARGET] }])
  })
})

describe('a denial that nothing explains', () => {
  it('without a role says how to find it', () => {
    const diagnosis = answered(passing({ resource: null, passes: [] }), {
      ...snapshot(policy(), ecsTrust),
      targets: [],
    })
    expect(diagnosis).toMatchObject({ verdict: 'not-enough-evidence', cause: 'unknown' })
    expect(diagnosis.summary).toBe(
      'Role deploy was denied iam:PassRole, and what decides it could not be seen: the role.',
    )
  })

  it('with a caller that was not read asks for its policies, also where a message can be decoded', () => {
    const unread = { ...snapshot(policy(), ecsTrust), caller: unreadable('not given') }
    const encodedMessage = { blob: 'abc', cut: false }
    const texts = (seen: AccessSnapshot) =>
      diagnosisOf(passing({ encodedMessage }), seen, { filesOf: [] }).nextSteps.map(({ text }) => text)
    expect(texts(unread)).toEqual([
      'Decode the message.',
      'Pass the policies of the account with --account, or read them with --live, to be sure.',
    ])
  })

  it('names the role that the caller was in, where it no longer exists', () => {
    const gone = { ...snapshot(policy(), ecsTrust), caller: ABSENT }
    const diagnosis = answered(passing(), gone)
    expect(diagnosis).toMatchObject({ cause: 'identity-gap', verdict: 'likely' })
    expect(diagnosis.evidence[0]).toMatchObject({ policyType: 'identity', attachedTo: CALLER })
    expect(diagnosis.summary).toContain('role deploy, which no longer exists, allows iam:PassRole')
  })

  it('of a user names the boundary only where the trust policy certainly lets it in', () => {
    const boundary = found(sourced('boundary', allow({ Action: 's3:*' })))
    const under = { Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } }
    const trust = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: USER }, ...under })
    const diagnosis = answered(assuming(by(ANN)), snapshot(callerUser([], { boundary }), trust))
    expect(diagnosis.unknowns.map(({ fact }) => fact)).not.toContain('whether the permissions boundary applies')
  })

  it('stopped by a resource control policy names its level', () => {
    const rcps = known([
      {
        id: 'r-root',
        policies: [{ ...sourced('rcp', allow({ Action: 's3:*', Principal: '*' })), attachedTo: 'r-root' }],
      },
    ])
    const diagnosis = answered(assuming(), snapshot(policy(allow()), trusting(CALLER), { rcps }))
    expect(diagnosis).toMatchObject({ cause: 'rcp-gap', verdict: 'not-ours' })
    expect(diagnosis.summary).toContain('A resource control policy (the-rcp) at r-root stops role deploy')
  })
})
