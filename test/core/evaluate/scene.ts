/** One caller, one role, and the policies between them, for the tests of evaluation. */
import type { AccessPicture, Identity, Role } from '../../../functions/core/access/access-picture.ts'
import { type AccessRequest, evaluate } from '../../../functions/core/evaluate/evaluate.ts'
import { ABSENT, found, known, unknown } from '../../../functions/core/fact.ts'
import type { ContextFacts } from '../../../functions/core/policy/context.ts'
import type { PolicyDocument, PolicyType, SourcedPolicy, Statement } from '../../../functions/core/policy/policy.ts'

export const CALLER = 'arn:aws:iam::111122223333:role/ci/deploy'
export const SESSION = 'arn:aws:sts::111122223333:assumed-role/deploy/build-7'
export const USER = 'arn:aws:iam::111122223333:user/ann'
export const TARGET = 'arn:aws:iam::111122223333:role/target'
export const FOREIGN = 'arn:aws:iam::444455556666:role/target'

export const document = (...statements: Statement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
})
export const sourced = (type: PolicyType, ...statements: Statement[]): SourcedPolicy => ({
  type,
  name: `the-${type}`,
  arn: null,
  attachedTo: CALLER,
  document: document(...statements),
})
export const allow = (more: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Resource: '*',
  ...more,
})
export const deny = (more: Partial<Statement> = {}): Statement => ({ ...allow(more), Effect: 'Deny' })
export const trusting = (...arns: string[]): PolicyDocument =>
  document({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: arns } })

export function callerRole(policies: SourcedPolicy[] = [], more: Partial<Identity> = {}): Identity {
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

export function callerUser(policies: SourcedPolicy[] = [], more: Partial<Identity> = {}): Identity {
  return callerRole(policies, {
    kind: 'user',
    arn: USER,
    name: 'ann',
    path: '/',
    uniqueId: 'AIDAEXAMPLEANN123456',
    ...more,
  })
}

export function role(arn: string, trust: PolicyDocument, more: Partial<Role> = {}): Role {
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

export function picture(
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

export function request(more: Partial<AccessRequest> = {}, context: ContextFacts = {}): AccessRequest {
  return { action: 'sts:AssumeRole', resource: TARGET, principalArn: SESSION, roleArn: CALLER, context, ...more }
}
export const byUser = (more: Partial<AccessRequest> = {}) => request({ principalArn: USER, roleArn: null, ...more })
export const passRole = (more: Partial<AccessRequest> = {}, context: ContextFacts = {}) =>
  request({ action: 'iam:PassRole', ...more }, context)

export const NOBODY = trusting('arn:aws:iam::111122223333:role/someone-else')
export const ROOT = trusting('arn:aws:iam::111122223333:root')
export const answer = (asked: AccessRequest, seen: AccessPicture) => evaluate(asked, seen).answer
export const layer = (asked: AccessRequest, seen: AccessPicture, type: PolicyType) =>
  evaluate(asked, seen).layers.find(outcome => outcome.type === type)
