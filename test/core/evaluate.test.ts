import { describe, expect, it } from 'vitest'
import type { AccessPicture, Identity, Role } from '../../functions/core/access-picture.ts'
import type { ContextFacts } from '../../functions/core/context.ts'
import { present, unknownKey } from '../../functions/core/context.ts'
import type { AccessRequest } from '../../functions/core/evaluate.ts'
import { evaluate } from '../../functions/core/evaluate.ts'
import { ABSENT, found, known, unknown, unreadable } from '../../functions/core/fact.ts'
import type { PolicyDocument, PolicyType, SourcedPolicy, Statement } from '../../functions/core/policy.ts'

const CALLER = 'arn:aws:iam::111122223333:role/ci/deploy'
const SESSION = 'arn:aws:sts::111122223333:assumed-role/deploy/build-7'
const USER = 'arn:aws:iam::111122223333:user/ann'
const TARGET = 'arn:aws:iam::111122223333:role/target'
const FOREIGN = 'arn:aws:iam::444455556666:role/target'

const document = (...statements: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement: statements })
const sourced = (type: PolicyType, ...statements: Statement[]): SourcedPolicy => ({
  type,
  name: `the-${type}`,
  arn: null,
  attachedTo: CALLER,
  document: document(...statements),
})
const allow = (more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Resource: '*',
  ...more,
})
const deny = (more: Partial<Statement> = {}): Statement => ({ ...allow(more), Effect: 'Deny' })
const trusting = (...arns: string[]): PolicyDocument =>
  document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: arns } })

function callerRole(policies: SourcedPolicy[] = [], more: Partial<Identity> = {}): Identity {
  return {
    kind: 'role',
    arn: CALLER,
    accountId: '111122223333',
    name: 'deploy',
    path: '/ci/',
    uniqueId: 'AROAEXAMPLEDEPLOY123',
    tags: {},
    policies,
    unseen: [],
    boundary: ABSENT,
    ...more,
  }
}

function callerUser(policies: SourcedPolicy[] = [], more: Partial<Identity> = {}): Identity {
  return callerRole(policies, {
    kind: 'user',
    arn: USER,
    name: 'ann',
    path: '/',
    uniqueId: 'AIDAEXAMPLEANN123456',
    ...more,
  })
}

function role(arn: string, trust: PolicyDocument, more: Partial<Role> = {}): Role {
  const accountId = arn.split(':')[4] ?? ''
  const name = arn.split('/').at(-1) ?? ''
  return {
    ...callerRole(),
    kind: 'role',
    arn,
    accountId,
    name,
    path: '/',
    uniqueId: null,
    trust: known(trust),
    ...more,
  }
}

function picture(
  caller: Identity,
  trust: PolicyDocument,
  more: Partial<AccessPicture> = {},
  arn = TARGET,
): AccessPicture {
  return {
    caller: found(caller),
    targets: [{ arn, role: found(role(arn, trust)), near: unknown('not asked') }],
    organization: unknown('not given'),
    scps: unknown('not given'),
    rcps: unknown('not given'),
    session: unknown('not shown'),
    vpce: unknown('not shown'),
    ...more,
  }
}

function request(more: Partial<AccessRequest> = {}, context: ContextFacts = {}): AccessRequest {
  return { action: 'sts:AssumeRole', resource: TARGET, principalArn: SESSION, roleArn: CALLER, context, ...more }
}
const byUser = (more: Partial<AccessRequest> = {}) => request({ principalArn: USER, roleArn: null, ...more })
const passRole = (more: Partial<AccessRequest> = {}, context: ContextFacts = {}) =>
  request({ action: 'iam:PassRole', ...more }, context)

const NOBODY = trusting('arn:aws:iam::111122223333:role/someone-else')
const ROOT = trusting('arn:aws:iam::111122223333:root')
const answer = (asked: AccessRequest, seen: AccessPicture) => evaluate(asked, seen).answer
const layer = (asked: AccessRequest, seen: AccessPicture, type: PolicyType) =>
  evaluate(asked, seen).layers.find(outcome => outcome.type === type)

describe('assuming a role of the same account', () => {
  const identity = sourced('identity', allow())
  const silent = sourced('boundary', allow({ Action: 's3:*' }))

  it('lists one layer per policy type, in the order of the documentation', () => {
    expect(evaluate(request(), picture(callerRole(), ROOT)).layers.map(({ type }) => type)).toEqual([
      'identity',
      'trust',
      'boundary',
      'scp',
      'rcp',
      'session',
      'vpce',
    ])
  })

  it('needs nothing but a trust policy that names the role', () => {
    expect(answer(request(), picture(callerRole(), trusting(CALLER)))).toBe('allowed')
  })

  it('needs nothing but a trust policy that names the session, and a boundary does not limit that', () => {
    expect(answer(request(), picture(callerRole([], { boundary: found(silent) }), trusting(SESSION)))).toBe('allowed')
  })

  it('needs nothing but a trust policy that names the user', () => {
    expect(answer(byUser(), picture(callerUser(), trusting(USER)))).toBe('allowed')
  })

  it('limits a grant to the role by what the boundary leaves out', () => {
    expect(answer(request(), picture(callerRole([], { boundary: found(silent) }), trusting(CALLER)))).toBe('denied')
  })

  it('leaves open whether the boundary limits a grant to the user', () => {
    expect(answer(byUser(), picture(callerUser([], { boundary: found(silent) }), trusting(USER)))).toBe('unknown')
    const boundary = found(sourced('boundary', allow()))
    expect(answer(byUser(), picture(callerUser([], { boundary }), trusting(USER)))).toBe('allowed')
  })

  it('limits a grant to the role by what a known session policy leaves out, and a grant to the session not', () => {
    const session = known([sourced('session', allow({ Action: 's3:*' }))])
    expect(answer(request(), picture(callerRole(), trusting(CALLER), { session }))).toBe('denied')
    expect(answer(request(), picture(callerRole(), trusting(SESSION), { session }))).toBe('allowed')
  })

  it('needs an identity allow, too, when the trust policy names the account', () => {
    expect(answer(request(), picture(callerRole(), ROOT))).toBe('denied')
    expect(answer(request(), picture(callerRole([identity]), ROOT))).toBe('allowed')
    expect(answer(request(), picture(callerRole([identity]), trusting('111122223333')))).toBe('allowed')
  })

  it('is not reached by an identity allow alone', () => {
    expect(answer(request(), picture(callerRole([identity]), NOBODY))).toBe('denied')
  })

  it('is open to the whole account under a trust policy that names everyone, and a boundary does not limit that', () => {
    expect(answer(request(), picture(callerRole([], { boundary: found(silent) }), trusting('*')))).toBe('allowed')
  })

  it('is denied by an explicit deny in the boundary even when the session is named', () => {
    const boundary = found(sourced('boundary', allow(), deny()))
    expect(answer(request(), picture(callerRole([], { boundary }), trusting(SESSION)))).toBe('denied')
  })

  it('is unknown when the caller cannot be read, as a deny may stand there', () => {
    const seen = picture(callerRole(), trusting(CALLER), { caller: unreadable('AccessDenied') })
    expect(answer(request(), seen)).toBe('unknown')
  })

  it('is denied when the caller cannot be read and the trust policy lets nobody in', () => {
    expect(answer(request(), picture(callerRole(), NOBODY, { caller: unreadable('AccessDenied') }))).toBe('denied')
  })
})

describe('a role that assumes itself', () => {
  const itself = request({ resource: CALLER })
  const caller = callerRole([sourced('identity', allow())])

  it('is denied when its trust policy names only the account, whatever its identity policies say', () => {
    expect(answer(itself, picture(caller, ROOT, {}, CALLER))).toBe('denied')
  })

  it('is allowed when its trust policy names it', () => {
    expect(answer(itself, picture(caller, trusting(CALLER), {}, CALLER))).toBe('allowed')
  })
})

describe('assuming a role of another account', () => {
  const asked = request({ resource: FOREIGN })
  const identity = sourced('identity', allow({ Resource: FOREIGN }))

  it('needs both sides', () => {
    expect(answer(asked, picture(callerRole([identity]), trusting(CALLER), {}, FOREIGN))).toBe('allowed')
    expect(answer(asked, picture(callerRole(), trusting(CALLER), {}, FOREIGN))).toBe('denied')
    expect(answer(asked, picture(callerRole([identity]), NOBODY, {}, FOREIGN))).toBe('denied')
  })

  it('takes the caller’s account in the trust policy as enough on that side', () => {
    expect(answer(asked, picture(callerRole([identity]), ROOT, {}, FOREIGN))).toBe('allowed')
  })

  it('is unknown when the trust policy cannot be read', () => {
    const targets = [{ arn: FOREIGN, role: unreadable('AccessDenied'), near: unknown('not asked') }]
    expect(answer(asked, picture(callerRole([identity]), ROOT, { targets }, FOREIGN))).toBe('unknown')
  })
})

describe('a role that is not there', () => {
  it('denies everyone when it does not exist', () => {
    const targets = [{ arn: TARGET, role: ABSENT, near: known([]) }]
    const seen = picture(callerRole([sourced('identity', allow())]), ROOT, { targets })
    expect(answer(request(), seen)).toBe('denied')
  })

  it('does not exist under an ARN with another case or path', () => {
    const targets = [
      { arn: TARGET, role: found(role('arn:aws:iam::111122223333:role/Target', trusting('*'))), near: known([]) },
    ]
    expect(answer(request(), picture(callerRole(), ROOT, { targets }))).toBe('denied')
  })
})

describe('web identities', () => {
  const provider = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'
  const asked = request(
    { action: 'sts:AssumeRoleWithWebIdentity', principalArn: provider, roleArn: null },
    { 'token.actions.githubusercontent.com:sub': present('repo:acme/shop:ref:refs/heads/main') },
  )
  const trust = (sub: string, federated = provider) =>
    document({
      Effect: 'Allow',
      Action: 'sts:AssumeRoleWithWebIdentity',
      Principal: { Federated: federated },
      Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': sub } },
    })
  const seen = (policy: PolicyDocument) => picture(callerRole(), policy, { caller: ABSENT })

  it('are let in by the trust policy alone', () => {
    expect(answer(asked, seen(trust('repo:acme/shop:*')))).toBe('allowed')
  })

  it('are kept out by a condition, and the outcome says what was presented', () => {
    const outcome = layer(asked, seen(trust('repo:acme/web:*')), 'trust')
    expect(outcome?.statements[0]?.mismatches).toEqual([
      {
        element: 'condition',
        operator: 'StringLike',
        key: 'token.actions.githubusercontent.com:sub',
        wanted: ['repo:acme/web:*'],
        got: ['repo:acme/shop:ref:refs/heads/main'],
      },
    ])
    expect(answer(asked, seen(trust('repo:acme/web:*')))).toBe('denied')
  })

  it('must come from the provider that is named', () => {
    expect(answer(asked, seen(trust('*', provider.replace('1111', '4444'))))).toBe('denied')
  })

  it('are bound by RCPs and not by SCPs', () => {
    const level = (type: PolicyType) =>
      known([{ id: 'r-root', policies: [sourced(type, deny({ Action: '*', Principal: '*' }))] }])
    const scpDeny = known([{ id: 'r-root', policies: [sourced('scp', deny({ Action: '*' }))] }])
    expect(answer(asked, { ...seen(trust('*')), rcps: level('rcp') })).toBe('denied')
    expect(answer(asked, { ...seen(trust('*')), scps: scpDeny })).toBe('allowed')
  })
})

describe('passing a role', () => {
  const identity = sourced('identity', allow({ Action: 'iam:PassRole', Resource: TARGET }))

  it('asks the identity policies and not the trust policy', () => {
    expect(answer(passRole(), picture(callerRole([identity]), NOBODY))).toBe('allowed')
    expect(answer(passRole(), picture(callerRole(), trusting('*')))).toBe('denied')
    expect(layer(passRole(), picture(callerRole(), trusting('*')), 'trust')?.answer).toBe('not-applicable')
  })

  it('is never allowed across accounts', () => {
    const anything = sourced('identity', allow({ Action: '*' }))
    const outcome = evaluate(passRole({ resource: FOREIGN }), picture(callerRole([anything]), NOBODY, {}, FOREIGN))
    expect([outcome.answer, outcome.rule]).toEqual(['denied', 'cross-account-pass-role'])
  })

  it('is never allowed for a role that AWS reserves', () => {
    const reserved =
      'arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef'
    const anything = sourced('identity', allow({ Action: '*' }))
    const outcome = evaluate(passRole({ resource: reserved }), picture(callerRole([anything]), NOBODY, {}, reserved))
    expect([outcome.answer, outcome.rule]).toEqual(['denied', 'reserved-role'])
  })

  it('depends on the service that receives the role', () => {
    const Condition = { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } }
    const seen = picture(callerRole([sourced('identity', allow({ Action: 'iam:PassRole', Condition }))]), NOBODY)
    const to = (service: string) => passRole({}, { 'iam:passedtoservice': present(service) })
    expect(answer(to('ecs-tasks.amazonaws.com'), seen)).toBe('allowed')
    expect(answer(to('ec2.amazonaws.com'), seen)).toBe('denied')
    expect(answer(passRole(), seen)).toBe('unknown')
    expect(layer(passRole(), seen, 'identity')?.deciding[0]?.unknowns).toEqual([
      { fact: 'iam:PassedToService', why: 'the event does not show iam:PassedToService' },
    ])
  })

  it('is not bound by RCPs, as IAM is not among the services they cover', () => {
    const rcps = known([{ id: 'r-root', policies: [sourced('rcp', deny({ Action: '*', Principal: '*' }))] }])
    expect(answer(passRole(), picture(callerRole([identity]), NOBODY, { rcps }))).toBe('allowed')
  })

  it('explains the nearest miss of the resource', () => {
    const near = (pattern: string) => {
      const seen = picture(
        callerRole([sourced('identity', allow({ Action: 'iam:PassRole', Resource: pattern }))]),
        NOBODY,
      )
      const [mismatch] = layer(passRole(), seen, 'identity')?.statements[0]?.mismatches ?? []
      return mismatch?.element === 'resource' ? mismatch.near : undefined
    }
    expect(near('arn:aws:iam::111122223333:role/Target')).toBe('case')
    expect(near('arn:aws:iam::111122223333:role/app/target')).toBe('path')
    expect(near('arn:aws:iam::444455556666:role/target')).toBe('account')
    expect(near('arn:aws-cn:iam::111122223333:role/target')).toBe('partition')
    expect(near('arn:aws:iam::111122223333:role/tagret')).toBe('name')
    expect(near('arn:aws:iam::111122223333:role/backup-writer')).toBeNull()
    expect(near('arn:aws:s3:::bucket/*')).toBeNull()
  })
})

describe('root', () => {
  const asked = request({ principalArn: 'arn:aws:iam::111122223333:root', roleArn: null })

  it('cannot assume roles', () => {
    const outcome = evaluate(asked, picture(callerRole(), trusting('*'), { caller: ABSENT }))
    expect([outcome.answer, outcome.rule]).toEqual(['denied', 'root-cannot-assume'])
  })

  it('needs no identity policy to pass a role', () => {
    expect(answer({ ...asked, action: 'iam:PassRole' }, picture(callerRole(), NOBODY, { caller: ABSENT }))).toBe(
      'allowed',
    )
  })
})

describe('services', () => {
  const asked = request({ principalArn: 'ecs-tasks.amazonaws.com', roleArn: null })
  const trust = document({
    Effect: 'Allow',
    Action: 'sts:AssumeRole',
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
  })

  it('are let in by the trust policy that names them', () => {
    expect(answer(asked, picture(callerRole(), trust, { caller: ABSENT }))).toBe('allowed')
    expect(
      answer({ ...asked, principalArn: 'ec2.amazonaws.com' }, picture(callerRole(), trust, { caller: ABSENT })),
    ).toBe('denied')
  })
})

describe('guardrails', () => {
  const identity = sourced('identity', allow({ Action: 'iam:PassRole' }))
  const full = { id: 'r-root', policies: [sourced('scp', allow({ Action: '*' }))] }
  const seen = (more: Partial<AccessPicture>) => picture(callerRole([identity]), NOBODY, more)

  it('do not change the answer when they could not be read, and say so', () => {
    expect(answer(passRole(), seen({}))).toBe('allowed')
    expect(layer(passRole(), seen({}), 'scp')).toMatchObject({ answer: 'unseen', unknowns: [{ why: 'not given' }] })
  })

  it('must allow at every level', () => {
    const only = { id: 'ou-1', policies: [sourced('scp', allow({ Action: 's3:*' }))] }
    expect(answer(passRole(), seen({ scps: known([full, full]) }))).toBe('allowed')
    expect(answer(passRole(), seen({ scps: known([full, only]) }))).toBe('denied')
    expect(answer(passRole(), seen({ scps: known([only, full]) }))).toBe('denied')
  })

  it('deny at one level whatever an unseen condition says at another', () => {
    const Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-abc123' } }
    const open = { id: 'r-root', policies: [sourced('scp', allow({ Action: '*', Condition }))] }
    const only = { id: 'ou-1', policies: [sourced('scp', allow({ Action: 's3:*' }))] }
    expect(answer(passRole(), seen({ scps: known([open, full]) }))).toBe('unknown')
    expect(answer(passRole(), seen({ scps: known([open, only]) }))).toBe('denied')
  })

  it('say nothing at a level that lists no policy', () => {
    expect(answer(passRole(), seen({ scps: known([full, { id: '111122223333', policies: [] }]) }))).toBe('allowed')
  })

  it('do not bind the management account', () => {
    const organization = known({ id: 'o-abc123', managementAccountId: '111122223333' })
    const scps = known([{ id: 'r-root', policies: [sourced('scp', deny({ Action: '*' }))] }])
    expect(answer(passRole(), seen({ organization, scps }))).toBe('allowed')
    expect(answer(passRole(), seen({ scps }))).toBe('denied')
  })

  it('do not bind service-linked roles', () => {
    const arn = 'arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'
    const caller = callerRole([identity], { arn, name: 'AWSServiceRoleForAutoScaling' })
    const asked = passRole({
      principalArn: 'arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling',
      roleArn: arn,
    })
    const scps = known([{ id: 'r-root', policies: [sourced('scp', deny({ Action: '*' }))] }])
    expect(answer(asked, picture(caller, NOBODY, { scps }))).toBe('allowed')
  })

  it('let through what RCPs that only deny do not deny', () => {
    const rcps = known([
      { id: 'r-root', policies: [sourced('rcp', deny({ Principal: '*', Resource: 'arn:aws:iam::*:role/vault-*' }))] },
    ])
    expect(answer(request(), picture(callerRole(), trusting(CALLER), { rcps }))).toBe('allowed')
  })
})

describe('what could not be seen', () => {
  const identity = sourced('identity', allow({ Action: 'iam:PassRole' }))

  it('makes an unread identity policy an unknown, for it may deny', () => {
    const caller = callerRole([identity], { unseen: [{ fact: 'policy extra', why: 'AccessDenied' }] })
    expect(answer(passRole(), picture(caller, NOBODY))).toBe('unknown')
  })

  it('makes an unread boundary an unknown', () => {
    expect(answer(passRole(), picture(callerRole([identity], { boundary: unreadable('AccessDenied') }), NOBODY))).toBe(
      'unknown',
    )
  })

  it('makes a deny under an unseen condition an unknown, unless another deny is certain', () => {
    const mfa = deny({ Action: '*', Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } })
    const unseen = { 'aws:multifactorauthpresent': unknownKey('not in the event') }
    const seen = (...statements: Statement[]) => picture(callerRole([sourced('identity', ...statements)]), NOBODY)
    expect(answer(passRole({}, unseen), seen(allow({ Action: '*' }), mfa))).toBe('unknown')
    expect(answer(passRole({}, unseen), seen(allow({ Action: '*' }), mfa, deny({ Action: 'iam:*' })))).toBe('denied')
    expect(answer(passRole({}, unseen), seen(mfa))).toBe('denied')
  })

  it('does not apply the caller’s policies to somebody else', () => {
    const other = passRole({ principalArn: 'arn:aws:iam::111122223333:user/bob', roleArn: null })
    expect(answer(other, picture(callerRole([identity]), NOBODY))).toBe('unknown')
  })
})

describe('policy variables in resources', () => {
  const own = 'arn:aws:iam::111122223333:role/${aws:username}-*'
  const asked = passRole({ principalArn: USER, roleArn: null, resource: 'arn:aws:iam::111122223333:role/ann-app' })
  const byStatement = (statement: Statement, Version = '2012-10-17') => {
    const policy = { ...sourced('identity'), document: { Version, Statement: [statement] } }
    return picture(callerUser([policy]), NOBODY)
  }

  it('stand for what the request holds', () => {
    const statement = allow({ Action: 'iam:PassRole', Resource: own })
    expect(answer(asked, byStatement(statement))).toBe('allowed')
    expect(answer({ ...asked, resource: TARGET }, byStatement(statement))).toBe('denied')
  })

  it('are plain text before version 2012-10-17', () => {
    expect(answer(asked, byStatement(allow({ Action: 'iam:PassRole', Resource: own }), '2008-10-17'))).toBe('denied')
  })

  it('match nothing without a value, and leave open what they do not match', () => {
    const { Resource: _, ...rest } = allow({ Action: 'iam:PassRole' })
    const pattern = 'arn:aws:iam::111122223333:role/${aws:SourceIdentity}'
    const without = { ...asked, context: { 'aws:sourceidentity': { state: 'absent' } as const } }
    expect(answer(without, byStatement({ ...rest, Resource: pattern }))).toBe('denied')
    expect(answer(without, byStatement({ ...rest, NotResource: pattern }))).toBe('unknown')
    expect(answer(without, byStatement({ ...rest, NotResource: TARGET }))).toBe('allowed')
    expect(answer(without, byStatement({ ...rest, NotResource: asked.resource }))).toBe('denied')
  })

  it('leave open what an unseen value may match, and nothing else', () => {
    const pattern = (start: string) => allow({ Action: 'iam:PassRole', Resource: `${start}\${aws:SourceIdentity}` })
    expect(answer(asked, byStatement(pattern('arn:aws:iam::111122223333:role/')))).toBe('unknown')
    expect(answer(asked, byStatement(pattern('arn:aws:iam::111122223333:role/bob-')))).toBe('denied')
  })
})

describe('a request whose role nothing names', () => {
  it('is decided by statements on every role alone', () => {
    const seen = (Resource: string) =>
      picture(callerRole([sourced('identity', allow({ Action: 'iam:PassRole', Resource }))]), NOBODY)
    expect(answer(passRole({ resource: '*' }), seen('*'))).toBe('allowed')
    expect(answer(passRole({ resource: '*' }), seen(TARGET))).toBe('unknown')
  })
})
