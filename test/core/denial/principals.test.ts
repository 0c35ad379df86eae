import { describe, expect, it } from 'vitest'
import { readCloudTrailRecord } from '../../../core/denial/cloudtrail/cloudtrail-record.ts'
import { deniedPrincipal, principalNamed } from '../../../core/denial/cloudtrail/denied-principal.ts'
import type { Principal } from '../../../core/denial/denial.ts'

const ROLE = 'arn:aws:iam::111122223333:role/ci/deploy'
const SESSION = 'arn:aws:sts::111122223333:assumed-role/deploy/build-7'
const nobody: Principal = {
  kind: 'unknown',
  arn: null,
  roleArn: null,
  pathKnown: false,
  accountId: null,
  name: null,
  sessionName: null,
  uniqueId: null,
}

describe('a principal that a text names', () => {
  it.each<readonly [string, Partial<Principal>]>([
    [ROLE, { kind: 'role', arn: ROLE, roleArn: ROLE, pathKnown: true, accountId: '111122223333', name: 'deploy' }],
    [
      SESSION,
      {
        kind: 'role',
        arn: SESSION,
        roleArn: 'arn:aws:iam::111122223333:role/deploy',
        accountId: '111122223333',
        name: 'deploy',
        sessionName: 'build-7',
      },
    ],
    [
      'arn:aws:sts:::assumed-role/deploy/build-7',
      { kind: 'role', arn: 'arn:aws:sts:::assumed-role/deploy/build-7', name: 'deploy', sessionName: 'build-7' },
    ],
    [
      'arn:aws:iam::111122223333:user/team/ann',
      {
        kind: 'user',
        arn: 'arn:aws:iam::111122223333:user/team/ann',
        accountId: '111122223333',
        name: 'ann',
      },
    ],
    [
      'arn:aws:iam::111122223333:root',
      { kind: 'root', arn: 'arn:aws:iam::111122223333:root', accountId: '111122223333' },
    ],
    [
      'arn:aws:sts::111122223333:federated-user/ann',
      {
        kind: 'federated-user',
        arn: 'arn:aws:sts::111122223333:federated-user/ann',
        accountId: '111122223333',
        name: 'ann',
      },
    ],
    ['arn:aws:iam::XXXX:user/ann', { kind: 'user', arn: 'arn:aws:iam::XXXX:user/ann', name: 'ann' }],
    [
      'arn:aws:iam::XXXX:user/managed/team/ann@example.com',
      { kind: 'user', arn: 'arn:aws:iam::XXXX:user/managed/team/ann@example.com', name: 'ann@example.com' },
    ],
    ['arn:aws:iam::XXXX:role/ci/deploy', { arn: 'arn:aws:iam::XXXX:role/ci/deploy', name: 'deploy' }],
    ['arn:aws:iam::XXXX:user/team/', { kind: 'user', arn: 'arn:aws:iam::XXXX:user/team/', name: 'team' }],
    [
      'arn:aws:sts::XXXX:assumed-role/AWSReservedSSO_Admin_1a/ann',
      {
        kind: 'sso-role',
        arn: 'arn:aws:sts::XXXX:assumed-role/AWSReservedSSO_Admin_1a/ann',
        name: 'AWSReservedSSO_Admin_1a',
        sessionName: 'ann',
      },
    ],
    [
      'arn:aws:iam::111122223333:toString/ann',
      { arn: 'arn:aws:iam::111122223333:toString/ann', accountId: '111122223333', name: 'ann' },
    ],
    ['ecs-tasks.amazonaws.com', { kind: 'service', name: 'ecs-tasks.amazonaws.com' }],
    ['ec2.amazonaws.com.cn', { kind: 'service', name: 'ec2.amazonaws.com.cn' }],
    ['AWS Internal', { kind: 'service', name: 'AWS Internal' }],
    ['example.com', { name: 'example.com' }],
  ])('%s', (subject, expected) => {
    expect(principalNamed(subject)).toEqual({ ...nobody, ...expected })
  })

  it.each([
    ['arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/Admin', 'sso-role'],
    ['arn:aws:iam::111122223333:role/AWSReservedSSO_Admin_1a2b', 'sso-role'],
    ['arn:aws:iam::111122223333:role/aws-service-role/ecs.amazonaws.com/Own', 'service-linked-role'],
    ['arn:aws:sts::111122223333:assumed-role/AWSServiceRoleForECS/ecs', 'service-linked-role'],
    ['arn:aws:iam::111122223333:role/team/aws-service-role/app', 'role'],
  ])('%s is a %s', (arn, kind) => {
    expect(principalNamed(arn).kind).toBe(kind)
  })
})

describe('the principal of a record', () => {
  const of = (userIdentity: object): Principal => {
    const record = readCloudTrailRecord({ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', userIdentity })
    if (record?.userIdentity == null) throw new Error('no identity')
    return deniedPrincipal(record.userIdentity)
  }
  const issuer = { type: 'Role', arn: ROLE, accountId: '111122223333', userName: 'deploy', principalId: 'AROAEXAMPLE' }

  it('has the path of its role from the issuer of the session', () => {
    expect(
      of({
        type: 'AssumedRole',
        arn: SESSION,
        principalId: 'AROAEXAMPLE:build-7',
        sessionContext: { sessionIssuer: issuer },
      }),
    ).toMatchObject({
      kind: 'role',
      roleArn: ROLE,
      pathKnown: true,
      sessionName: 'build-7',
      uniqueId: 'AROAEXAMPLE:build-7',
    })
  })

  it('has the session name of its id where the record has no ARN', () => {
    const identity = {
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLE:build-7',
      sessionContext: { sessionIssuer: issuer },
    }
    expect(of(identity)).toMatchObject({ arn: null, sessionName: 'build-7', roleArn: ROLE })
    expect(of({ ...identity, principalId: 'AROAEXAMPLE' }).sessionName).toBeNull()
  })

  it.each([
    ['an issuer of another type', { ...issuer, type: 'User' }],
    ['an issuer that is no role', { ...issuer, arn: 'arn:aws:iam::111122223333:user/ann' }],
    ['an issuer without an ARN', { ...issuer, arn: null }],
  ])('has no path from %s', (_, sessionIssuer) => {
    expect(of({ type: 'AssumedRole', arn: SESSION, sessionContext: { sessionIssuer } }).pathKnown).toBe(false)
  })

  it.each([
    ['Root', 'root'],
    ['FederatedUser', 'federated-user'],
    ['WebIdentityUser', 'web-identity'],
    ['SAMLUser', 'saml'],
    ['AWSService', 'service'],
    ['Unknown', 'unknown'],
  ])('of type %s is a %s', (type, kind) => {
    expect(of({ type, accountId: '111122223333', userName: 'ann', invokedBy: 'ecs.amazonaws.com' })).toMatchObject({
      kind,
      accountId: '111122223333',
      name: kind === 'service' ? 'ecs.amazonaws.com' : 'ann',
    })
  })

  it('has no account that is no account id', () => {
    expect(of({ type: 'IAMUser', accountId: 'anonymous', userName: 'ann' }).accountId).toBeNull()
  })
})
