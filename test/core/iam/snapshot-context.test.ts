import { describe, expect, it } from 'vitest'
import { authorizationOf } from '../../../core/actions/actions.ts'
import { ABSENT, found, known, unknown, unreadable } from '../../../core/base/fact.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import type { AccessSnapshot, Identity, Role } from '../../../core/iam/evaluation/access-snapshot.ts'
import { resolveCaller } from '../../../core/iam/evaluation/caller.ts'
import type { AccessRequest } from '../../../core/iam/evaluation/evaluation.ts'
import { factsOf } from '../../../core/iam/evaluation/snapshot-context.ts'

const USER = 'arn:aws:iam::111122223333:user/ann'
const ROLE = 'arn:aws:iam::111122223333:role/ci/deploy'
const SESSION = 'arn:aws:sts::111122223333:assumed-role/deploy/build-7'
const TARGET = 'arn:aws:iam::444455556666:role/app'

const user: Identity = {
  kind: 'user',
  arn: USER,
  accountId: '111122223333',
  name: 'ann',
  path: '/',
  uniqueId: null,
  tags: { Team: 'shop' },
  policies: [],
  unseen: [],
  boundary: ABSENT,
}
const role: Identity = { ...user, kind: 'role', arn: ROLE, name: 'deploy', path: '/ci/' }
const target: Role = {
  ...role,
  kind: 'role',
  arn: TARGET,
  accountId: '444455556666',
  name: 'app',
  tags: { env: 'prod' },
  trust: unknown('x'),
}
const snapshot: AccessSnapshot = {
  caller: found(user),
  targets: [{ arn: TARGET, role: found(target), near: unknown('not asked') }],
  organization: known({ id: 'o-abc123', managementAccountId: '999999999999' }),
  scps: unknown('not read'),
  rcps: unknown('not read'),
  session: unknown('not shown'),
  vpce: unknown('not shown'),
}
const byUser: AccessRequest = {
  action: 'sts:AssumeRole',
  resource: TARGET,
  principalArn: USER,
  roleArn: null,
  context: {},
}
const byRole: AccessRequest = { ...byUser, principalArn: SESSION, roleArn: null }

function fact(key: string, request: AccessRequest = byUser, more: Partial<AccessSnapshot> = {}) {
  const seen = { ...snapshot, ...more }
  const authorization = authorizationOf(request.action, request.resource)
  return factsOf(authorization, request, seen, resolveCaller(authorization, request, seen))(key)
}

describe('facts derived from the snapshot', () => {
  it('never replace the request’s own context', () => {
    const context = { 'aws:username': present('other') }
    expect(fact('aws:UserName', { ...byUser, context })).toEqual(present('other'))
  })

  it('name a user, and a role with the path that only its own ARN has', () => {
    expect(fact('aws:PrincipalArn')).toEqual(present(USER))
    const root = 'arn:aws:iam::111122223333:root'
    expect(fact('aws:PrincipalArn', { ...byUser, principalArn: root })).toEqual(present(root))
    expect(fact('aws:PrincipalArn', { ...byUser, principalArn: 'ec2.amazonaws.com' }).state).toBe('absent')
    expect(fact('aws:PrincipalArn', byRole, { caller: found(role) })).toEqual(present(ROLE))
    expect(fact('aws:PrincipalArn', byRole, { caller: unreadable('AccessDenied') }).state).toBe('unknown')
  })

  it('give only users a user name', () => {
    expect(fact('aws:username')).toEqual(present('ann'))
    expect(fact('aws:username', byRole, { caller: found(role) }).state).toBe('absent')
    expect(fact('aws:username', { ...byUser, principalArn: 'ec2.amazonaws.com' }).state).toBe('absent')
    expect(fact('aws:username', { ...byUser, principalArn: 'gitlab.com' }).state).toBe('unknown')
  })

  it('know both accounts', () => {
    expect(fact('aws:PrincipalAccount')).toEqual(present('111122223333'))
    expect(fact('aws:ResourceAccount')).toEqual(present('444455556666'))
    expect(fact('aws:ResourceAccount', { ...byUser, resource: '*' }).state).toBe('unknown')
    const web = { ...byUser, action: 'sts:AssumeRoleWithWebIdentity', principalArn: 'accounts.google.com' }
    expect(fact('aws:PrincipalAccount', web).state).toBe('unknown')
    const service = fact('aws:PrincipalAccount', { ...byUser, principalArn: 'ec2.amazonaws.com' })
    expect(service).toMatchObject({ state: 'unknown', never: ['444455556666'] })
  })

  it('know a user’s tags, ignoring the case of the key', () => {
    expect(fact('aws:PrincipalTag/team')).toEqual(present('shop'))
    expect(fact('aws:PrincipalTag/cost').state).toBe('absent')
  })

  it('do not know a session’s tags, as session tags replace the role’s', () => {
    expect(fact('aws:PrincipalTag/team', byRole, { caller: found(role) }).state).toBe('unknown')
  })

  it('know the tags of the role that is assumed, and not of one that is passed', () => {
    expect(fact('aws:ResourceTag/env')).toEqual(present('prod'))
    expect(fact('iam:ResourceTag/env')).toEqual(present('prod'))
    expect(fact('aws:ResourceTag/team').state).toBe('absent')
    expect(fact('aws:RequestTag/env').state).toBe('unknown')
    expect(fact('iam:ResourceTag/env', { ...byUser, action: 'iam:PassRole' }).state).toBe('unknown')
  })

  it('do not know the tags of a role that was not read, or whose tags were not', () => {
    const targets = (read: AccessSnapshot['targets'][number]['role']) => ({
      targets: [{ arn: TARGET, role: read, near: unknown('not asked') }],
    })
    expect(fact('aws:ResourceTag/env', byUser, targets(unreadable('AccessDenied')))).toMatchObject({
      state: 'unknown',
      why: 'the event does not show aws:ResourceTag/env',
    })
    expect(fact('aws:ResourceTag/env', byUser, targets(found({ ...target, tagsUnread: true })))).toMatchObject({
      state: 'unknown',
      why: 'the role’s tags were not read',
    })
  })

  it('know the organization of an account only where its policies were found there', () => {
    const level = [{ id: 'r-root', policies: [] }]
    expect(fact('aws:PrincipalOrgID').state).toBe('unknown')
    expect(fact('aws:PrincipalOrgID', byUser, { scps: known([]) }).state).toBe('unknown')
    expect(fact('aws:ResourceOrgID', byUser, { rcps: known([]) }).state).toBe('unknown')
    const own = { ...byUser, resource: TARGET.replace('444455556666', '111122223333') }
    expect(fact('aws:ResourceOrgID', own, { scps: known(level) })).toEqual(present('o-abc123'))
    expect(fact('aws:ResourceOrgID', own, { scps: known([]) }).state).toBe('unknown')
    const management = known({ id: 'o-abc123', managementAccountId: '111122223333' })
    expect(fact('aws:PrincipalOrgID', byUser, { organization: management })).toEqual(present('o-abc123'))
    expect(fact('aws:PrincipalOrgID', byUser, { scps: known(level) })).toEqual(present('o-abc123'))
    expect(fact('aws:ResourceOrgID', byUser, { scps: known(level) }).state).toBe('unknown')
    expect(fact('aws:ResourceOrgID', byUser, { rcps: known(level) })).toEqual(present('o-abc123'))
    expect(fact('aws:PrincipalOrgID', byUser, { scps: known(level), organization: unknown('x') }).state).toBe('unknown')
  })

  it('know the path of the caller’s account from its organization to the unit that it is in', () => {
    const path = (...ids: string[]) => known(ids.map(id => ({ id, policies: [] })))
    expect(fact('aws:PrincipalOrgPaths', byUser, { scps: path('r-ab12', 'ou-ab12-1', '111122223333') })).toEqual(
      present('o-abc123/r-ab12/ou-ab12-1/'),
    )
    expect(fact('aws:PrincipalOrgPaths', byUser, { scps: path('r-ab12', 'ou-ab12-1') }).state).toBe('unknown')
    expect(fact('aws:PrincipalOrgPaths', byUser, { scps: path('ou-ab12-1', '111122223333') }).state).toBe('unknown')
    expect(fact('aws:PrincipalOrgPaths', byUser, { scps: path() }).state).toBe('unknown')
    const nameless = {
      organization: known({ id: null, managementAccountId: null }),
      scps: path('r-ab12', '111122223333'),
    }
    expect(fact('aws:PrincipalOrgPaths', byUser, nameless).state).toBe('unknown')
    expect(fact('aws:PrincipalOrgPaths').state).toBe('unknown')
  })

  it('say of any other key that the event does not show it', () => {
    expect(fact('sts:ExternalId')).toEqual({ state: 'unknown', why: 'the event does not show sts:ExternalId' })
    expect(fact('constructor').state).toBe('unknown')
  })
})
