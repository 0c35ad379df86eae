import { describe, expect, it } from 'vitest'
import { ABSENT, found, unreadable } from '../../../core/base/fact.ts'
import type { Notes } from '../../../core/iam/conditions/conditions.ts'
import type { Identity } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { Caller } from '../../../core/iam/evaluation/caller.ts'
import { compilePrincipal, matchesPrincipal } from '../../../core/iam/evaluation/principal-match.ts'
import type { PrincipalBlock, Statement } from '../../../core/iam/policy/policy-document.ts'

const ROLE = 'arn:aws:iam::111122223333:role/ci/deploy'
const SESSION = 'arn:aws:sts::111122223333:assumed-role/deploy/build-7'
const USER = 'arn:aws:iam::111122223333:user/ann'

/** With its explanation. */
function matched(statement: Statement, caller: Caller) {
  const notes: Notes = { mismatches: [], unknowns: [] }
  return { ...matchesPrincipal(compilePrincipal(statement), statement.Effect, caller, notes), ...notes }
}

const identity: Identity = {
  kind: 'role',
  arn: ROLE,
  accountId: '111122223333',
  name: 'deploy',
  path: '/ci/',
  uniqueId: 'AROAEXAMPLEDEPLOY123',
  tags: {},
  policies: [],
  unseen: [],
  boundary: ABSENT,
}
const session: Caller = {
  kind: 'role',
  arn: SESSION,
  partition: 'aws',
  accountId: '111122223333',
  name: 'deploy',
  roleArn: ROLE,
  uniqueId: 'AROAEXAMPLEDEPLOY123',
  identity: found(identity),
}
const user: Caller = {
  ...session,
  kind: 'user',
  arn: USER,
  name: 'ann',
  roleArn: null,
  uniqueId: 'AIDAEXAMPLEANN123456',
}
const service: Caller = { ...session, kind: 'service', arn: 'ec2.amazonaws.com', accountId: null, identity: ABSENT }
const provider = 'arn:aws:iam::111122223333:oidc-provider/oidc.example.com'
const federated: Caller = { ...service, kind: 'federated', arn: provider }
const nobody: Caller = { ...session, kind: 'unknown', arn: '', identity: unreadable('not named') }

const trust = (Principal: PrincipalBlock): Statement => ({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal })
const denying = (NotPrincipal: PrincipalBlock): Statement => ({
  Effect: 'Deny',
  Action: 'sts:AssumeRole',
  NotPrincipal,
})

describe('Principal', () => {
  const rows: readonly (readonly [string, PrincipalBlock, Caller, string, string | null])[] = [
    ['everyone', '*', session, 'yes', 'everyone'],
    ['everyone as AWS', { AWS: '*' }, session, 'yes', 'everyone'],
    ['the account id', { AWS: '111122223333' }, session, 'yes', 'account'],
    ['another account id', { AWS: '444455556666' }, session, 'no', null],
    ['the account', { AWS: 'arn:aws:iam::111122223333:root' }, user, 'yes', 'account'],
    ['the account in another partition', { AWS: 'arn:aws-cn:iam::111122223333:root' }, user, 'no', null],
    ['the role', { AWS: ROLE }, session, 'yes', 'role'],
    ['the role without its path', { AWS: 'arn:aws:iam::111122223333:role/deploy' }, session, 'no', null],
    ['the role, whose path is not known', { AWS: ROLE }, { ...session, roleArn: null }, 'unknown', 'role'],
    ['another role, when the path is not known', { AWS: `${ROLE}-2` }, { ...session, roleArn: null }, 'no', null],
    ['the session', { AWS: SESSION }, session, 'yes', 'session'],
    ['another session', { AWS: `${SESSION}8` }, session, 'no', null],
    [
      'a session with a wildcard, which is plain text here',
      { AWS: SESSION.replace('build-7', '*') },
      session,
      'no',
      null,
    ],
    ['the user', { AWS: ['arn:aws:iam::111122223333:user/bob', USER] }, user, 'yes', 'user'],
    ['the user in another case', { AWS: 'arn:aws:iam::111122223333:user/Ann' }, user, 'no', null],
    ['the role’s unique id', { AWS: 'AROAEXAMPLEDEPLOY123' }, session, 'yes', 'role'],
    ['a deleted role’s unique id', { AWS: 'AROAEXAMPLEDELETED12' }, session, 'no', null],
    ['the user’s unique id', { AWS: 'AIDAEXAMPLEANN123456' }, user, 'yes', 'user'],
    ['the service', { Service: ['ecs.amazonaws.com', 'ec2.amazonaws.com'] }, service, 'yes', 'service'],
    ['another service', { Service: 'ecs.amazonaws.com' }, service, 'no', null],
    ['a service, asked by a role', { Service: 'ec2.amazonaws.com' }, session, 'no', null],
    ['the provider', { Federated: provider }, federated, 'yes', 'federated'],
    ['another provider', { Federated: `${provider}2` }, federated, 'no', null],
    [
      'a provider, when the event names none',
      { Federated: provider },
      { ...federated, arn: '' },
      'unknown',
      'federated',
    ],
    ['an owner of Amazon S3', { CanonicalUser: 'abc' }, session, 'no', null],
    ['a role, asked by somebody unknown', { AWS: ROLE }, nobody, 'unknown', 'role'],
    ['a service, asked by somebody unknown', { Service: 'ec2.amazonaws.com' }, nobody, 'unknown', 'service'],
    ['a service by the ARN of a session', { Service: SESSION }, session, 'no', null],
    ['a session of the role', { AWS: SESSION }, { ...session, arn: ROLE }, 'unknown', 'session'],
    [
      'a session of another role',
      { AWS: SESSION.replace('/deploy/', '/backup/') },
      { ...session, arn: ROLE },
      'no',
      null,
    ],
    [
      'a session of the role’s name in another account',
      { AWS: SESSION.replace('1111', '4444') },
      { ...session, arn: ROLE },
      'no',
      null,
    ],
  ]
  it.each(rows)('%s', (_, block, caller, truth, grant) => {
    const outcome = matched(trust(block), caller)
    expect(outcome.truth).toBe(truth)
    expect(outcome.grants.map(found => found.grant)).toEqual(grant === null ? [] : [grant])
    expect(outcome.mismatches.length > 0).toBe(truth === 'no')
    expect(outcome.unknowns.length > 0).toBe(truth === 'unknown')
  })

  const near: readonly (readonly [string, string, Caller])[] = [
    ['path', 'arn:aws:iam::111122223333:role/deploy', session],
    ['case', 'arn:aws:iam::111122223333:role/ci/Deploy', session],
    ['account', 'arn:aws:iam::444455556666:role/ci/deploy', session],
    ['partition', 'arn:aws-us-gov:iam::111122223333:role/ci/deploy', session],
    ['session-for-role', 'arn:aws:sts::111122223333:assumed-role/deploy/other', session],
    ['name', 'arn:aws:iam::111122223333:role/ci/depoly', session],
    ['case', 'arn:aws:iam::111122223333:user/Ann', user],
    ['partition', 'arn:aws-cn:iam::111122223333:root', user],
  ]
  it.each(near)('explains a miss by %s: %s', (miss, pattern, caller) => {
    expect(matched(trust({ AWS: pattern }), caller).mismatches).toEqual([{ element: 'principal', pattern, near: miss }])
  })

  it('explains no miss where nothing is near', () => {
    for (const pattern of ['AROAEXAMPLEDELETED12', '444455556666', 'arn:aws:iam::444455556666:role/backup'])
      expect(matched(trust({ AWS: pattern }), session).mismatches).toMatchObject([{ near: null }])
  })
})

describe('NotPrincipal', () => {
  const whole = { AWS: ['111122223333', ROLE, SESSION] }

  it('excepts a role only with its account and its session', () => {
    expect(matched(denying(whole), session).truth).toBe('no')
    expect(matched(denying({ AWS: [ROLE, SESSION] }), session).truth).toBe('unknown')
    expect(matched(denying({ AWS: [ROLE] }), session).truth).toBe('unknown')
    expect(matched(denying({ AWS: ['111122223333', ROLE] }), session).truth).toBe('unknown')
    expect(matched(denying({ AWS: [USER] }), session).truth).toBe('yes')
  })

  it('excepts a user only with its account', () => {
    expect(matched(denying({ AWS: ['arn:aws:iam::111122223333:root', USER] }), user).truth).toBe('no')
    expect(matched(denying({ AWS: [USER] }), user).truth).toBe('unknown')
  })

  it('excepts nobody with a permissions boundary from a Deny', () => {
    const boundary = { type: 'boundary', name: 'b', arn: null, attachedTo: ROLE, document: { Statement: [] } } as const
    const bounded = { ...session, identity: found({ ...identity, boundary: found(boundary) }) }
    const unread = { ...session, identity: found({ ...identity, boundary: unreadable('AccessDenied') }) }
    expect(matched(denying(whole), bounded).truth).toBe('yes')
    expect(matched(denying(whole), unread).truth).toBe('unknown')
    expect(matched({ ...denying(whole), Effect: 'Allow' }, bounded).truth).toBe('no')
  })

  it.each<readonly [string, PrincipalBlock, Caller, string]>([
    ['a service', { Service: 'ec2.amazonaws.com' }, service, 'no'],
    ['another service', { Service: 'ecs.amazonaws.com' }, service, 'yes'],
    ['a provider', { Federated: provider }, federated, 'no'],
    ['root by its account', { AWS: '111122223333' }, { ...session, kind: 'root', arn: 'root' }, 'no'],
    ['everyone', '*', session, 'no'],
    ['a role for somebody unknown', { AWS: ROLE }, nobody, 'unknown'],
    ['an owner of Amazon S3 for somebody unknown', { CanonicalUser: 'abc' }, nobody, 'unknown'],
    [
      'a federated user with its account',
      { AWS: ['111122223333', SESSION] },
      { ...session, kind: 'federated-user' },
      'no',
    ],
    ['a federated user without its account', { AWS: SESSION }, { ...session, kind: 'federated-user' }, 'unknown'],
  ])('knows %s', (_, block, caller, truth) => {
    expect(matched(denying(block), caller).truth).toBe(truth)
  })

  it('explains whom it excepts', () => {
    expect(matched(denying({ Service: 'ec2.amazonaws.com' }), service).mismatches).toEqual([
      { element: 'principal', pattern: 'ec2.amazonaws.com', near: null },
    ])
  })

  it('needs no policies of a caller that has no boundary', () => {
    const unread = unreadable('AccessDenied')
    expect(matched(denying({ Service: 'ec2.amazonaws.com' }), { ...service, identity: unread }).truth).toBe('no')
    expect(matched(denying({ Federated: provider }), { ...federated, identity: unread }).truth).toBe('no')
    const root: Caller = { ...session, kind: 'root', arn: 'arn:aws:iam::111122223333:root', identity: unread }
    expect(matched(denying({ AWS: '111122223333' }), root).truth).toBe('no')
    expect(matched(denying(whole), { ...session, identity: unread }).truth).toBe('unknown')
  })

  it('lets in everyone else with an Allow', () => {
    const outcome = matched({ ...denying({ AWS: [USER] }), Effect: 'Allow' }, session)
    expect(outcome).toMatchObject({ truth: 'yes', grants: [{ grant: 'others', truth: 'yes' }], unknowns: [] })
  })

  it('says what is missing where it is not certain', () => {
    expect(matched({ ...denying({ AWS: ROLE }), Effect: 'Allow' }, session)).toMatchObject({
      truth: 'unknown',
      grants: [{ grant: 'others', truth: 'unknown' }],
      unknowns: [{ fact: 'NotPrincipal', why: expect.stringContaining('lists only part') }],
    })
  })

  it('grants nothing to whom it excepts', () => {
    expect(matched(denying('*'), session)).toMatchObject({ truth: 'no', grants: [], unknowns: [] })
  })

  it('excepts root only by its account', () => {
    const root: Caller = { ...session, kind: 'root', arn: 'arn:aws:iam::111122223333:root' }
    expect(matched({ ...denying({ AWS: USER }), Effect: 'Allow' }, root).truth).toBe('yes')
    expect(matched({ ...denying({ AWS: '444455556666' }), Effect: 'Allow' }, root).truth).toBe('yes')
  })
})

describe('a statement for nobody in particular', () => {
  it('is unknown, and says why', () => {
    expect(matched({ Effect: 'Allow', Action: 'sts:AssumeRole' }, session)).toEqual({
      truth: 'unknown',
      grants: [{ grant: 'everyone', truth: 'unknown' }],
      mismatches: [],
      unknowns: [{ fact: 'Principal', why: 'the statement has neither Principal nor NotPrincipal' }],
    })
  })
})

describe('what the event does not show of a caller', () => {
  const factOf = (block: PrincipalBlock, caller: Caller) => matched(trust(block), caller).unknowns[0]?.fact

  it('is the caller itself, its provider, or the role behind its session', () => {
    expect(factOf({ AWS: ROLE }, nobody)).toBe('the caller')
    expect(factOf({ AWS: ROLE }, { ...nobody, arn: 'x' })).toBe('the caller')
    expect(factOf({ Federated: provider }, { ...federated, arn: '' })).toBe('the identity provider')
    expect(factOf({ AWS: ROLE }, { ...session, roleArn: null })).toBe(`the role behind ${SESSION}`)
    expect(factOf({ AWS: ROLE }, session)).toBeUndefined()
  })
})
