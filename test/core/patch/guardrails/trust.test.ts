import { describe, expect, it } from 'vitest'
import type { Denial, FederatedClaims } from '../../../../core/denial/denial.ts'
import type { ConditionBlock, Statement } from '../../../../core/iam/policy/policy-document.ts'
import { change, detail, outcome, patchOf, SID, taskRole, trustPatch } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  GITHUB_PROVIDER,
  identity,
  passDenial,
  snapshot,
  TASK_ROLE,
  webIdentityDenial,
} from '../../../fixtures/patches.ts'

describe('exact-trust-principal', () => {
  it.each([
    ['the account', { AWS: `arn:aws:iam::${ACCOUNT}:root` }],
    ['an account id', { AWS: ACCOUNT }],
    ['a session', { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ci` }],
    ['everybody', '*' as const],
    ['everybody of AWS', { AWS: '*' }],
    ['a provider', { Federated: GITHUB_PROVIDER }],
    ['two roles', { AWS: [DEPLOYER, TASK_ROLE] }],
    ['a role and a service', { AWS: DEPLOYER, Service: 'ec2.amazonaws.com' }],
    ['nobody', undefined],
  ])('refuses %s', (_, Principal) => {
    expect(outcome('exact-trust-principal', { patch: trustPatch(Principal) })).toBe('refuse')
  })

  it('passes one role', () => {
    expect(outcome('exact-trust-principal', { patch: trustPatch({ AWS: DEPLOYER }) })).toBe('pass')
  })

  it('passes the service that was denied itself, and neither another nor several', () => {
    const { principal, ...rest } = passDenial()
    const denial = { ...rest, principal: { ...principal, kind: 'service' as const, name: 'ec2.amazonaws.com' } }
    const trusting = (Principal: Statement['Principal']) =>
      outcome('exact-trust-principal', { denial, patch: trustPatch(Principal) })
    expect(trusting({ Service: 'ec2.amazonaws.com' })).toBe('pass')
    expect(trusting({ Service: 'lambda.amazonaws.com' })).toBe('refuse')
    expect(trusting({ Service: ['ec2.amazonaws.com', 'lambda.amazonaws.com'] })).toBe('refuse')
    expect(trusting({ Service: 'ec2.amazonaws.com', AWS: '*' })).toBe('refuse')
  })
})

describe('exact-trust-principal for a token', () => {
  const GITHUB = 'token.actions.githubusercontent.com'
  const subject = 'repo:octo-org/shop:ref:refs/heads/main'
  const denial = webIdentityDenial(TASK_ROLE, subject)
  const trusted: Statement = { Effect: 'Allow', Principal: { Federated: GITHUB_PROVIDER }, Action: 'sts:TagSession' }
  const pinned = { [`${GITHUB}:sub`]: subject, [`${GITHUB}:aud`]: 'sts.amazonaws.com' }
  const token = (Condition: ConditionBlock, more: Partial<Statement> = {}): Statement => ({
    Sid: SID,
    Effect: 'Allow',
    Principal: { Federated: GITHUB_PROVIDER },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition,
    ...more,
  })
  const adding = (statement: Statement, before: readonly Statement[] = [trusted], about: Denial = denial) =>
    outcome('exact-trust-principal', {
      denial: about,
      patch: patchOf(change('role-trust-policy', TASK_ROLE, document(...before), document(...before, statement))),
    })

  it('passes its one subject and audience, of a provider that the role trusts', () => {
    expect(adding(token({ StringEquals: pinned }))).toBe('pass')
    const upper = { [`${GITHUB}:SUB`]: [subject], [`${GITHUB}:AUD`]: ['sts.amazonaws.com'] }
    expect(adding(token({ StringEquals: upper }))).toBe('pass')
    const open: Statement[] = [{ Effect: 'Deny', Principal: '*', Action: 'sts:TagSession' }, trusted]
    expect(adding(token({ StringEquals: pinned }), open)).toBe('pass')
  })

  it.each<[string, ConditionBlock]>([
    ['another subject', { StringEquals: { ...pinned, [`${GITHUB}:sub`]: 'repo:octo-org/shop:pull_request' } }],
    ['two subjects', { StringEquals: { ...pinned, [`${GITHUB}:sub`]: [subject, 'repo:octo-org/*'] } }],
    ['two subjects, the denied one last', { StringEquals: { ...pinned, [`${GITHUB}:sub`]: ['repo:a/b:x', subject] } }],
    ['no subject', { StringEquals: { [`${GITHUB}:aud`]: 'sts.amazonaws.com' } }],
    ['another audience', { StringEquals: { ...pinned, [`${GITHUB}:aud`]: 'vault' } }],
    ['two audiences', { StringEquals: { ...pinned, [`${GITHUB}:aud`]: ['sts.amazonaws.com', 'vault'] } }],
    ['no audience', { StringEquals: { [`${GITHUB}:sub`]: subject } }],
    [
      'the claims of another provider',
      { StringEquals: { 'example.com:sub': subject, 'example.com:aud': 'sts.amazonaws.com' } },
    ],
    ['a pattern', { StringLike: pinned }],
    ['no condition', {}],
  ])('refuses %s', (_, condition) => {
    expect(adding(token(condition))).toBe('refuse')
  })

  it.each<[string, readonly Statement[]]>([
    ['nothing', []],
    ['the provider by a Deny only', [{ ...trusted, Effect: 'Deny' }]],
    ['another provider', [{ ...trusted, Principal: { Federated: `${GITHUB_PROVIDER}-2` } }]],
    ['a principal of another type with its name', [{ ...trusted, Principal: { AWS: GITHUB_PROVIDER } }]],
    ['everybody', [{ ...trusted, Principal: '*' }]],
  ])('refuses it for a role that trusts %s', (_, before) => {
    expect(adding(token({ StringEquals: pinned }), before)).toBe('refuse')
  })

  it('refuses it with a second principal, and for a policy that was not there', () => {
    const two = { Principal: { Federated: [GITHUB_PROVIDER, `${GITHUB_PROVIDER}-2`] } }
    expect(adding(token({ StringEquals: pinned }, two))).toBe('refuse')
    const more = { Principal: { Federated: GITHUB_PROVIDER, AWS: DEPLOYER } }
    expect(adding(token({ StringEquals: pinned }, more))).toBe('refuse')
    const patch = patchOf(change('role-trust-policy', TASK_ROLE, null, document(token({ StringEquals: pinned }))))
    expect(outcome('exact-trust-principal', { denial, patch })).toBe('refuse')
  })

  it('refuses it if the denied token did not carry both, or if no token was denied', () => {
    const without = (claims: Partial<FederatedClaims>): Denial => ({
      ...denial,
      claims: { provider: GITHUB_PROVIDER, subject, audience: 'sts.amazonaws.com', ...claims },
    })
    for (const about of [without({ subject: null }), without({ audience: null }), passDenial()])
      expect(adding(token({ StringEquals: pinned }), [trusted], about)).toBe('refuse')
  })
})

describe('exact-trust-principal for a caller that was not read', () => {
  it('refuses to add its name to a list of principals', () => {
    const named = (...arns: string[]): Statement => ({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Action: 'sts:AssumeRole',
      Condition: { ArnLike: { 'aws:PrincipalArn': [EXECUTION_ROLE, ...arns] } },
    })
    const patch = patchOf(change('role-trust-policy', TASK_ROLE, document(named()), document(named(DEPLOYER))))
    expect(outcome('exact-trust-principal', { patch })).toBe('pass')
    expect(outcome('exact-trust-principal', { patch, snapshot: snapshot(null, [taskRole]) })).toBe('refuse')
  })
})

describe('trust-account', () => {
  const other = 'arn:aws:iam::444455556666:role/tools'
  it('refuses an account that is not known to be inside the organization', () => {
    expect(outcome('trust-account', { patch: trustPatch({ AWS: other }) })).toBe('refuse')
    expect(outcome('trust-account', { patch: trustPatch({ AWS: 'AROAEXAMPLEEXAMPLE12' }) })).toBe('refuse')
  })
  it('names the company whose account it is, where the account is published', () => {
    const refusal = (account: string) =>
      detail('trust-account', { patch: trustPatch({ AWS: `arn:aws:iam::${account}:role/x` }) })
    expect(refusal('464622532012')).toMatch(/ would trust account 464622532012 of Datadog, which/)
    expect(refusal('444455556666')).toMatch(/ would trust account 444455556666, which/)
  })
  it('treats SCPs that were read as proof for the caller’s account only, and only in an organization', () => {
    const patch = trustPatch({ AWS: other })
    const scps = { known: true as const, value: [{ id: 'r-root', policies: [] }] }
    expect(outcome('trust-account', { patch, snapshot: snapshot(identity(DEPLOYER), [taskRole], { scps }) })).toBe(
      'refuse',
    )
    const organization = { known: true as const, value: { id: null, managementAccountId: null } }
    const alone = snapshot(identity(other), [taskRole], { scps, organization })
    expect(outcome('trust-account', { patch, snapshot: alone })).toBe('refuse')
  })
  it('checks principals that are added to a condition, ignoring the case of its key', () => {
    const named = (...arns: string[]): Statement => ({
      Effect: 'Allow',
      Principal: '*',
      Action: 'sts:AssumeRole',
      Condition: { ArnLike: { 'aws:PRINCIPALARN': [DEPLOYER, ...arns] } },
    })
    const patch = patchOf(change('role-trust-policy', TASK_ROLE, document(named()), document(named(other))))
    expect(outcome('trust-account', { patch })).toBe('refuse')
  })
  it('takes the account of the denial for that of a caller who was not read', () => {
    const scps = { known: true as const, value: [{ id: 'r-root', policies: [] }] }
    const of = (accountId: string) =>
      outcome('trust-account', {
        patch: trustPatch({ AWS: other }),
        denial: { ...passDenial(), accountId },
        snapshot: snapshot(null, [taskRole], { scps }),
      })
    expect(of('444455556666')).toBe('warn elevated')
    expect(of(ACCOUNT)).toBe('refuse')
  })
  it('takes an empty list of SCPs for no proof', () => {
    const unproved = snapshot(identity(other), [taskRole], { scps: { known: true, value: [] } })
    expect(outcome('trust-account', { patch: trustPatch({ AWS: other }), snapshot: unproved })).toBe('refuse')
  })
  it('leaves everybody, services and nobody to other guardrails', () => {
    for (const Principal of ['*' as const, { Service: 'ec2.amazonaws.com' }, undefined])
      expect(outcome('trust-account', { patch: trustPatch(Principal) })).toBe('pass')
  })
  it('needs two approvers for an account inside it', () => {
    const patch = trustPatch({ AWS: other })
    expect(outcome('trust-account', { patch, config: { organizationAccounts: ['444455556666'] } })).toBe(
      'warn elevated',
    )
    const scps = { known: true as const, value: [{ id: 'r-root', policies: [] }] }
    expect(outcome('trust-account', { patch, snapshot: snapshot(identity(other), [taskRole], { scps }) })).toBe(
      'warn elevated',
    )
    expect(outcome('trust-account', { patch: trustPatch({ AWS: 'arn:aws:iam::999999999999:role/x' }) })).toBe(
      'warn elevated',
    )
  })
  it('passes the role’s own account', () => {
    expect(outcome('trust-account', { patch: trustPatch({ AWS: DEPLOYER }) })).toBe('pass')
  })
})

const trusting = (added: Partial<Statement>, ...before: Statement[]) => {
  const statement: Statement = { Sid: SID, Effect: 'Allow', Action: 'sts:AssumeRole', ...added }
  return { patch: patchOf(change('role-trust-policy', TASK_ROLE, document(...before), document(...before, statement))) }
}

describe('confused-deputy', () => {
  const Principal = { Service: 'lambda.amazonaws.com' }
  const under = (Condition: ConditionBlock) => outcome('confused-deputy', trusting({ Principal, Condition }))

  it('warns about a service that anybody may send, and names it', () => {
    expect(outcome('confused-deputy', trusting({ Principal }))).toBe('warn low')
    expect(detail('confused-deputy', trusting({ Principal }))).toMatch(/^lambda\.amazonaws\.com is trusted without/)
    expect(outcome('confused-deputy', trusting({ Principal: { AWS: DEPLOYER } }))).toBe('pass')
  })

  it.each(['aws:SourceAccount', 'aws:SourceArn', 'aws:SourceOrgID', 'sts:ExternalId', 'AWS:sourceACCOUNT'])(
    'passes one that is limited by %s',
    key => {
      expect(under({ StringEquals: { 'aws:RequestedRegion': 'eu-west-1', [key]: 'x' } })).toBe('pass')
    },
  )

  it.each<[string, ConditionBlock]>([
    ['another key', { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } }],
    ['a key that may be absent', { StringEqualsIfExists: { 'aws:SourceAccount': ACCOUNT } }],
    ['an account that it is not', { StringNotEquals: { 'aws:SourceAccount': '444455556666' } }],
    ['values that may be none', { 'ForAllValues:StringEquals': { 'aws:SourceAccount': ACCOUNT } }],
    ['the key as it is', { Null: { 'aws:SourceAccount': 'false' } }],
  ])('warns about one that is limited by %s', (_, Condition) => {
    expect(under(Condition)).toBe('warn low')
  })

  it('says what does not limit it, and that the key is missing only where it is', () => {
    const why = (Condition: ConditionBlock) => detail('confused-deputy', trusting({ Principal, Condition }))
    expect(why({ StringEqualsIfExists: { 'aws:SourceAccount': ACCOUNT } })).toBe(
      'lambda.amazonaws.com is trusted with StringEqualsIfExists on aws:SourceAccount, which others meet too: whose resource it acts for is up to the service.',
    )
    expect(why({ Null: { 'aws:SourceArn': 'false' } })).toContain('is trusted with Null on aws:SourceArn')
    expect(why({ StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } })).toContain('without aws:SourceAccount')
  })
})

describe('others-conditions', () => {
  const vpn = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } }
  const entrance = (AWS: string, Condition?: ConditionBlock): Statement => ({
    Effect: 'Allow',
    Principal: { AWS },
    Action: 'sts:AssumeRole',
    ...(Condition === undefined ? {} : { Condition }),
  })

  it('says what some of the others need and the new one does not', () => {
    const before = [entrance(EXECUTION_ROLE, vpn), entrance(TASK_ROLE)]
    const added = { Principal: { AWS: DEPLOYER } }
    expect(outcome('others-conditions', trusting(added, ...before))).toBe('warn low')
    expect(detail('others-conditions', trusting(added, ...before))).toBe(
      'Others whom orders-task trusts need a source address; this does not.',
    )
    expect(outcome('others-conditions', trusting({ ...added, Condition: vpn }, ...before))).toBe('pass')
    expect(outcome('others-conditions', trusting(added, entrance(TASK_ROLE)))).toBe('pass')
  })
})
