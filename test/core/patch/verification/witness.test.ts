import { describe, expect, it } from 'vitest'
import { unknown } from '../../../../core/base/fact.ts'
import type { Denial } from '../../../../core/denial/denial.ts'
import { type ContextFact, present } from '../../../../core/iam/conditions/context.ts'
import type { PolicyDocument, Statement } from '../../../../core/iam/policy/policy-document.ts'
import type { PolicyChange } from '../../../../core/patch/patch.ts'
import { change, pass, SID } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
  assumeDenial,
  DEPLOYER,
  document,
  ecsTrust,
  GITHUB_PROVIDER,
  githubTrust,
  identity,
  inline,
  managed,
  role,
  snapshot,
  TASK_ROLE,
  trusting,
  webIdentityDenial,
} from '../../../fixtures/patches.ts'
import { type Given, proved } from '../../../fixtures/proofs.ts'

const ROLE = `arn:aws:iam::${ACCOUNT}:role`
const USER = `arn:aws:iam::${ACCOUNT}:user`
const REPORTS = `${ROLE}/reports`
const SOMEBODY = `${ROLE}/somebody`
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/deployer/ci`
const POLICY = `arn:aws:iam::${ACCOUNT}:policy/p`

const found = (changes: readonly PolicyChange[], given: Given = {}) => proved(changes, { gaps: [], ...given })
const witness = (changes: readonly PolicyChange[], given: Given = {}) => {
  const { counterexample } = found(changes, given)
  if (counterexample === null) return null
  const { action, resource, principalArn } = counterexample
  return [action, resource, principalArn]
}
const sent = (changes: readonly PolicyChange[], key: string, given: Given = {}): ContextFact | undefined =>
  found(changes, given).counterexample?.context[key]
const own = (...statements: Statement[]) => [change('role-inline-policy', DEPLOYER, null, document(...statements))]

describe('a request that shows what a grant opens', () => {
  const open: Statement = { Sid: SID, ...allow('iam:PassRole', TASK_ROLE) }

  it('passes the role to a service with a similar name, to one more service, or to none', () => {
    const key = 'iam:passedtoservice'
    expect(witness(own(open))).toEqual(['iam:PassRole', TASK_ROLE, SESSION])
    expect(sent(own(open), key)).toEqual(present('ecs-tasks.amazonaws.com.cn'))
    const under = (operator: string, value: string | string[]) =>
      own(pass(TASK_ROLE, { Condition: { [operator]: { 'iam:PassedToService': value } } }))
    expect(sent(under('StringLike', 'ecs-tasks.*'), key)).toEqual(present('ecs-tasks.amazonaws.com.cn'))
    expect(sent(under('StringLike', '*-tasks.amazonaws.com'), key)).toEqual(present('x-ecs-tasks.amazonaws.com'))
    expect(sent(under('StringEquals', ['ecs-tasks.amazonaws.com', 'events.amazonaws.com']), key)).toEqual(
      present('events.amazonaws.com'),
    )
    expect(sent(under('StringEquals', 'glue.amazonaws.com'), key)).toEqual(present('glue.amazonaws.com'))
    expect(sent(under('StringEqualsIfExists', 'ecs-tasks.amazonaws.com'), key)).toEqual({ state: 'absent' })
    expect(sent(under('StringNotEquals', 'x.amazonaws.com'), key)).toEqual(present('ecs-tasks.amazonaws.com.cn'))
  })

  it('is about a role with a similar name, or one that the statement names', () => {
    expect(witness(own(pass(`${TASK_ROLE}*`)))).toEqual(['iam:PassRole', `${TASK_ROLE}-admin`, SESSION])
    expect(witness(own(pass(`${TASK_ROLE}?`)))).toEqual(['iam:PassRole', `${TASK_ROLE}2`, SESSION])
    expect(witness(own(pass(`${ROLE}/orders-ta?`)))).toEqual(['iam:PassRole', `${ROLE}/orders-tas`, SESSION])
    expect(witness(own(pass(`${ROLE}/ORDERS-*`)))).toEqual(['iam:PassRole', `${ROLE}/ORDERS-TASK`, SESSION])
    expect(witness(own(pass(`${ROLE}/Admin*`)))).toEqual(['iam:PassRole', `${ROLE}/Administrator`, SESSION])
    expect(witness(own(pass(`${ROLE}/o*/orders-task`)))).toEqual(['iam:PassRole', `${ROLE}/other/orders-task`, SESSION])
    expect(witness(own(pass(SOMEBODY)))).toEqual(['iam:PassRole', SOMEBODY, SESSION])
    expect(witness(own(pass(`${ROLE}/app-*`)))).toEqual(['iam:PassRole', `${ROLE}/app-rolemedic-control`, SESSION])
  })

  it('asks for what other statements of the document leave out', () => {
    const services = ['ecs-tasks.amazonaws.com', 'lambda.amazonaws.com', 'batch.amazonaws.com']
    const but = (...left: string[]) =>
      document(allow('iam:PassRole', '*', { Condition: { StringNotEquals: { 'iam:PassedToService': left } } }))
    const opening = (before: PolicyDocument) => [
      change('role-inline-policy', DEPLOYER, before, document(...before.Statement, open)),
    ]
    const key = 'iam:passedtoservice'
    const seen = (before: PolicyDocument) =>
      snapshot(identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', ...before.Statement)]), [role(TASK_ROLE, ecsTrust)])
    const three = but(...services)
    expect(sent(opening(three), key, { seen: seen(three) })).toEqual(present('lambda.amazonaws.com'))
    const two = but('ecs-tasks.amazonaws.com', 'batch.amazonaws.com')
    expect(sent(opening(two), key, { seen: seen(two) })).toEqual(present('batch.amazonaws.com'))
  })

  it("asks for it also where the denied call has no such key, about a role of the caller's account", () => {
    const account = '555566667777'
    const caller = `arn:aws:iam::${account}:role/deployer`
    const denial = assumeDenial(REPORTS)
    const principal = { ...denial.principal, accountId: account, arn: caller, roleArn: caller, sessionName: null }
    const standing = allow('iam:*', '*', {
      Condition: { StringNotEquals: { 'iam:PassedToService': 'batch.amazonaws.com' } },
    })
    const seen = snapshot(identity(caller, [inline(caller, 'rolemedic', standing)]), [role(REPORTS, ecsTrust)])
    const opening = [change('role-inline-policy', caller, document(standing), document(standing, allow('iam:*', '*')))]
    const given = { denial: { ...denial, principal }, seen }
    expect(witness(opening, given)?.slice(0, 2)).toEqual([
      'iam:PassRole',
      `arn:aws:iam::${account}:role/rolemedic-control`,
    ])
    expect(sent(opening, 'iam:passedtoservice', given)).toEqual(present('batch.amazonaws.com'))
  })

  it('is another action on another role without the key that the denied call sends', () => {
    const reading = allow('iam:GetRole', `${ROLE}/orders-*`, {
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    })
    const seen = snapshot(identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', reading)]), [role(TASK_ROLE, ecsTrust)])
    const all = allow('iam:GetRole', `${ROLE}/orders-r*`)
    const opening = [change('role-inline-policy', DEPLOYER, document(reading), document(reading, all))]
    expect(witness(opening, { seen })).toEqual(['iam:GetRole', `${ROLE}/orders-rrolemedic-control`, SESSION])
    expect(sent(opening, 'iam:passedtoservice', { seen })).not.toEqual(present('ecs-tasks.amazonaws.com'))
  })

  it('is about the document alone, whatever other policies of the caller allow or deny', () => {
    const everything = inline(DEPLOYER, 'other', allow('iam:*', '*'))
    const nothing = inline(DEPLOYER, 'other', { Effect: 'Deny', Action: 'iam:*', Resource: '*' })
    for (const other of [everything, nothing]) {
      const seen = snapshot(identity(DEPLOYER, [other]), [role(TASK_ROLE, ecsTrust)])
      expect(witness(own(pass(SOMEBODY)), { seen })).toEqual(['iam:PassRole', SOMEBODY, SESSION])
    }
  })

  it('is not one that IAM refuses whatever a policy allows', () => {
    expect(found(own(pass([TASK_ROLE, 'arn:aws:iam::444455556666:role/x'])))).toMatchObject({
      proof: { outcome: 'more' },
      counterexample: null,
    })
  })

  it('is another action that the statement allows', () => {
    expect(witness(own(pass(TASK_ROLE, { Action: ['iam:PassRole', 'iam:PutRolePolicy'] })))).toEqual([
      'iam:PutRolePolicy',
      TASK_ROLE,
      SESSION,
    ])
    const { Action: _, ...rest } = pass()
    expect(witness(own({ ...rest, NotAction: 's3:*' }))).toEqual(['sts:AssumeRole', TASK_ROLE, SESSION])
    expect(witness(own(pass(TASK_ROLE, { Action: 'iam:Attach*' })))).toEqual([
      'iam:AttachRolePolicy',
      TASK_ROLE,
      SESSION,
    ])
    expect(witness(own(pass(TASK_ROLE, { Action: 's3:Get?bject' })))).toEqual(['s3:Getxbject', TASK_ROLE, SESSION])
  })

  it('carries what the other conditions of the statement ask for', () => {
    const Condition = {
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
      IpAddress: { 'aws:SourceIp': '10.0.0.0/8' },
      Null: { 'aws:TokenIssueTime': 'false', 'aws:CalledViaFirst': 'true' },
      StringNotEquals: { 'aws:PrincipalTag/team': 'x' },
      StringLike: { 'aws:UserAgent': 'a*?' },
    }
    const facts = found(own(pass(TASK_ROLE, { Condition }))).counterexample?.context
    expect(facts).toMatchObject({
      'aws:multifactorauthpresent': present('true'),
      'aws:sourceip': present('10.0.0.0'),
      'aws:tokenissuetime': present('rolemedic-control'),
      'aws:calledviafirst': { state: 'absent' },
      'aws:principaltag/team': present('rolemedic-control'),
      'aws:useragent': present('arolemedic-controlx'),
    })
  })

  it('comes from the principal whose policy is changed', () => {
    const [grant] = own(pass())
    if (grant === undefined) throw new Error('one change')
    const other = change('role-inline-policy', SOMEBODY, null, document(pass()))
    expect(witness([other])).toEqual(['iam:PassRole', TASK_ROLE, SOMEBODY])
    const user = change('user-inline-policy', `${USER}/ana`, null, document(pass()))
    expect(witness([user])).toEqual(['iam:PassRole', TASK_ROLE, `${USER}/ana`])
    const shared = change('managed-policy', POLICY, null, document(pass()))
    expect(witness([shared])).toEqual(['iam:PassRole', TASK_ROLE, `${ROLE}/rolemedic-control`])
    const seen = snapshot(identity(DEPLOYER, [managed(DEPLOYER, 'p', 1)]), [role(TASK_ROLE, ecsTrust)])
    expect(witness([change('managed-policy', POLICY, document(), document(open))], { seen })).toEqual([
      'iam:PassRole',
      TASK_ROLE,
      SESSION,
    ])
  })

  it('is hidden by no boundary', () => {
    const nothing = { type: 'boundary', name: 'b', arn: POLICY, attachedTo: DEPLOYER, document: document() } as const
    const bounded = identity(DEPLOYER, [], {
      boundary: { kind: 'found', value: nothing },
      unseen: [{ fact: 'a policy', why: 'AccessDenied' }],
    })
    expect(witness(own(open), { seen: snapshot(bounded, [role(TASK_ROLE, ecsTrust)]) })).not.toBe(null)
  })

  it('is one that a Deny kept out, or that a new one keeps out', () => {
    const deny: Statement = { Effect: 'Deny', Action: 's3:*', Resource: '*' }
    const seen = snapshot(identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', deny)]), [role(TASK_ROLE, ecsTrust)])
    const gone = [change('role-inline-policy', DEPLOYER, document(deny), document(pass()))]
    expect(witness(gone, { seen })).toEqual(['s3:Control', TASK_ROLE, SESSION])
    expect(witness(own(pass(), deny))).toEqual(['s3:Control', TASK_ROLE, SESSION])
  })

  it('is one that another version of the document reads otherwise', () => {
    const owned: Statement = { Sid: 'A', ...allow('iam:GetRole', `${ROLE}/\${aws:username}`) }
    const before: PolicyDocument = { Version: '2012-10-17', Statement: [owned] }
    const seen = snapshot(identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', owned)]), [role(TASK_ROLE, ecsTrust)])
    const older = [change('role-inline-policy', DEPLOYER, before, { ...before, Version: '2008-10-17' })]
    expect(witness(older, { seen })).toEqual(['iam:GetRole', `${ROLE}/\${aws:username}`, SESSION])
  })

  it('is looked for among two thousand, and no more', () => {
    const many = Array.from({ length: 300 }, (_, at) => `arn:aws:iam::444455556666:role/r${at}`)
    const { counterexample, evaluated } = found(own(pass([TASK_ROLE, ...many])))
    expect(counterexample).toBe(null)
    expect(evaluated).toBe(2_000)
  })

  it('is looked for among ten thousand where many statements open more', () => {
    const far = (count: number) => Array.from({ length: count }, (_, at) => `arn:aws:iam::444455556666:role/r${at}`)
    const { counterexample, evaluated } = found(own(...far(20).map((_, at) => pass([TASK_ROLE, ...far(300 + at)]))))
    expect(counterexample).toBe(null)
    expect(evaluated).toBe(10_000)
  })
})

describe('a request that shows whom a trust policy lets in', () => {
  const trust = trusting({ AWS: SOMEBODY })
  const letting = (statement: Partial<Statement>, before = trust): PolicyChange[] => [
    change(
      'role-trust-policy',
      REPORTS,
      before,
      document(...before.Statement, { Sid: SID, Effect: 'Allow', Action: 'sts:AssumeRole', ...statement }),
    ),
  ]
  const about = (before = trust, denial: Denial = assumeDenial(REPORTS)): Given => ({
    denial,
    seen: snapshot(identity(DEPLOYER), [role(REPORTS, before)]),
  })
  const by = (statement: Partial<Statement>) => witness(letting(statement), about())?.[2]

  it('comes from a role or user near the caller, or from one that the statement names', () => {
    expect(by({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } })).toBe(`${ROLE}/deployer-admin`)
    expect(by({ Principal: '*' })).toBe(`${ROLE}/deployer-admin`)
    expect(by({ Principal: { AWS: `${ROLE}/other` } })).toBe(`${ROLE}/other`)
    expect(by({ Principal: { AWS: `${USER}/ana` } })).toBe(`${USER}/ana`)
    expect(by({ Principal: { AWS: '444455556666' } })).toBe('arn:aws:iam::444455556666:role/rolemedic-control')
    expect(by({ Principal: { AWS: 'arn:aws:iam::444455556666:root' } })).toBe(
      'arn:aws:iam::444455556666:role/rolemedic-control',
    )
    expect(by({ Principal: { Service: 'codebuild.amazonaws.com' } })).toBe('codebuild.amazonaws.com')
    expect(by({ Principal: { Service: 'ec2.amazonaws.com' } })).toBe('ec2.amazonaws.com')
    expect(by({ NotPrincipal: { AWS: `arn:aws:iam::444455556666:root` } })).toBe(`${ROLE}/deployer-admin`)
    const pattern = { ArnLike: { 'aws:PrincipalArn': `${ROLE}/app-??` } }
    expect(by({ Principal: { AWS: '*' }, Condition: pattern })).toBe(`${ROLE}/app-00`)
    const federated = { Federated: GITHUB_PROVIDER }
    expect(witness(letting({ Principal: federated, Action: 'sts:AssumeRoleWithWebIdentity' }), about())).toEqual([
      'sts:AssumeRoleWithWebIdentity',
      REPORTS,
      GITHUB_PROVIDER,
    ])
  })

  it.each(['aws', 'aws-cn', 'aws-us-gov', 'aws-eusc'])('is of the partition of the role: %s', partition => {
    const moved = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('arn:aws:', `arn:${partition}:`))
    const inPartition = (AWS: string, Condition: Statement['Condition'] = {}) => {
      const service = { kind: 'service' as const, arn: null, roleArn: null, name: 'ecs-tasks.amazonaws.com' }
      const denial = assumeDenial(REPORTS)
      const given = about(trust, { ...denial, principal: { ...denial.principal, ...service } } as Denial)
      const seen = { ...given.seen, principal: unknown('a service') } as NonNullable<Given['seen']>
      return witness(moved(letting({ Principal: { AWS }, Condition })), moved({ ...given, seen }))?.[2]
    }
    const somebody = (account: string) => `arn:${partition}:iam::${account}:role/rolemedic-control`
    expect(inPartition(`arn:aws:iam::${ACCOUNT}:root`)).toBe(somebody(ACCOUNT))
    expect(inPartition('arn:aws:iam::444455556666:root')).toBe(somebody('444455556666'))
    expect(inPartition('444455556666')).toBe(somebody('444455556666'))
    const shared = moved([change('managed-policy', POLICY, null, document(pass()))])
    expect(witness(shared, moved({ seen: snapshot(identity(DEPLOYER), [role(TASK_ROLE, ecsTrust)]) }))?.[2]).toBe(
      somebody(ACCOUNT),
    )
  })

  it('comes from the caller, with another action or another value of a condition', () => {
    expect(
      witness(letting({ Principal: { AWS: DEPLOYER }, Action: ['sts:AssumeRole', 'sts:TagSession'] }), about()),
    ).toEqual(['sts:TagSession', REPORTS, DEPLOYER])
    const guarded = trusting({ AWS: SOMEBODY }, { Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } })
    const dropped = letting({ Principal: { AWS: DEPLOYER } }, guarded)
    expect(witness(dropped, about(guarded))).toEqual(['sts:AssumeRole', REPORTS, DEPLOYER])
    expect(sent(dropped, 'sts:externalid', about(guarded))).toEqual(present('secretx'))
  })

  it('comes from whom the statement names already, without a key that it asked of them', () => {
    const named = (operator: string, callers: readonly string[]): Statement => ({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
      Action: 'sts:AssumeRole',
      Condition: {
        StringEquals: { 'aws:PrincipalArn': [...callers] },
        [operator]: { 'aws:SourceIp': '203.0.113.0/24' },
      },
    })
    const before = document(named('IpAddress', [SOMEBODY]))
    const after = document(named('IpAddressIfExists', [SOMEBODY, DEPLOYER]))
    const widened = [change('role-trust-policy', REPORTS, before, after)]
    const context = { 'aws:sourceip': present('203.0.113.7') }
    const given = about(before, { ...assumeDenial(REPORTS), context })
    expect(witness(widened, given)).toEqual(['sts:AssumeRole', REPORTS, SOMEBODY])
    expect(sent(widened, 'aws:sourceip', given)).toEqual({ state: 'absent' })
  })

  it('comes from a token that a rewritten statement keeps out', () => {
    const subject = 'repo:acme/shop:ref:refs/heads/main'
    const before = githubTrust([subject], 'StringEquals')
    const after = document({ Sid: SID, Effect: 'Allow', Principal: { AWS: SOMEBODY }, Action: 'iam:GetRole' })
    const given: Given = {
      denial: webIdentityDenial(REPORTS, 'repo:acme/shop:ref:refs/heads/fix', 'acme'),
      seen: snapshot(null, [role(REPORTS, before)]),
    }
    const lost = [change('role-trust-policy', REPORTS, before, after)]
    expect(witness(lost, given)).toEqual(['sts:AssumeRoleWithWebIdentity', REPORTS, GITHUB_PROVIDER])
    expect(sent(lost, 'token.actions.githubusercontent.com:sub', given)).toEqual(present(subject))
  })

  it('comes from a token with another claim, or of another provider', () => {
    const issuer = 'token.actions.githubusercontent.com'
    const subject = 'repo:acme/shop:ref:refs/heads/main'
    const before = githubTrust([subject], 'StringEquals')
    const given: Given = {
      denial: webIdentityDenial(REPORTS, subject, 'acme'),
      seen: snapshot(null, [role(REPORTS, before)]),
    }
    const beside = (claims: { readonly [key: string]: string }, provider = GITHUB_PROVIDER) =>
      letting(
        {
          Principal: { Federated: provider },
          Action: 'sts:AssumeRoleWithWebIdentity',
          Condition: { StringEquals: claims },
        },
        before,
      )
    const pinned = { [`${issuer}:sub`]: subject, [`${issuer}:aud`]: 'acme' }
    expect(sent(beside({ [`${issuer}:sub`]: subject }), `${issuer}:aud`, given)).toEqual(present('acmex'))
    expect(sent(beside({ [`${issuer}:aud`]: 'acme' }), `${issuer}:sub`, given)).toEqual(present(`${subject}x`))
    const gitlab = `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com`
    expect(witness(beside(pinned, gitlab), given)).toEqual(['sts:AssumeRoleWithWebIdentity', REPORTS, gitlab])
    expect(witness(letting({ Principal: { AWS: SOMEBODY } }, before), given)).toEqual([
      'sts:AssumeRole',
      REPORTS,
      SOMEBODY,
    ])
  })

  it('is one that a Deny of the role kept out', () => {
    const deny: Statement = { Effect: 'Deny', Principal: { AWS: SOMEBODY }, Action: 'sts:AssumeRole' }
    const before = document(...trust.Statement, deny)
    const gone = [change('role-trust-policy', REPORTS, before, trust)]
    expect(witness(gone, about(before))).toEqual(['sts:AssumeRole', REPORTS, SOMEBODY])
  })

  describe('is one that no test of the new statement keeps out, in every form of a test', () => {
    const issuer = 'token.actions.githubusercontent.com'
    const subject = 'repo:acme/shop:ref:refs/heads/Main'
    const before = githubTrust(['repo:acme/shop:ref:refs/heads/other'], 'StringEquals')
    const given: Given = {
      denial: webIdentityDenial(REPORTS, subject, 'Acme'),
      seen: snapshot(null, [role(REPORTS, before)]),
    }
    const values: { readonly [claim: string]: string } = { sub: subject, aud: 'Acme' }
    const about = (tests: { readonly [claim: string]: string }) => {
      const Condition: { [operator: string]: { [key: string]: string } } = {}
      for (const [claim, operator] of Object.entries(tests))
        Condition[operator] = { ...Condition[operator], [`${issuer}:${claim}`]: values[claim] ?? '' }
      const Principal = { Federated: GITHUB_PROVIDER }
      return found(letting({ Principal, Action: 'sts:AssumeRoleWithWebIdentity', Condition }, before), given)
    }
    const base = ['StringEquals', 'StringLike', 'StringEqualsIgnoreCase']
    const plain = base.flatMap(one => [one, one.replace(/(Equals|Like)/, 'Not$1')])
    const forms = plain.flatMap(one => [one, `${one}IfExists`, `ForAnyValue:${one}`, `ForAllValues:${one}`])
    /** These admit only the denied token. */
    const exact = ['StringEquals', 'StringLike', 'ForAnyValue:StringEquals', 'ForAnyValue:StringLike']
    const pairs = forms.flatMap(sub => [{ sub }, { aud: sub }, ...forms.map(aud => ({ sub, aud }))])

    it.each(forms)('%s', form => {
      for (const tests of pairs.filter(one => Object.values(one).includes(form))) {
        const isExact = Object.keys(tests).length === 2 && Object.values(tests).every(one => exact.includes(one))
        const { proof, counterexample } = about(tests)
        expect({ tests, more: proof.outcome === 'more' }).toEqual({ tests, more: !isExact })
        expect({ tests, shown: counterexample !== null }).toEqual({ tests, shown: !isExact })
        const claims = ['sub', 'aud'].map(claim => counterexample?.context[`${issuer}:${claim}`])
        expect({ tests, claims }).not.toEqual({ tests, claims: [present(subject), present('Acme')] })
      }
    })
  })
})

describe('an answer that is not known', () => {
  it('is no counterexample: the request is no proof', () => {
    const odd = pass(TASK_ROLE, { Condition: { StringResembles: { 'iam:PassedToService': 'glue.amazonaws.com' } } })
    expect(found(own(odd))).toMatchObject({
      proof: { outcome: 'more' },
      counterexample: null,
      unclear: { action: 'iam:PassRole', resource: TASK_ROLE },
    })
  })
})
