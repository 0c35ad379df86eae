import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../core/denial/denial.ts'
import type { PolicyDocument, Statement } from '../../../core/iam/policy/policy-document.ts'
import type { PolicyChange, TargetKind } from '../../../core/patch/patch.ts'
import { allEvents, ownEvents, traceOf, type WrittenGrant } from '../../../functions/domain/grants/granted-calls.ts'
import type { DeployNeed, TemplateFindings } from '../../../functions/domain/proposal/proposal.ts'
import { type RecordedCall, recordOf } from '../../fakes/memory-history.ts'
import { DENIAL, HOUR, NOON, OUTCOME } from '../../fakes/sample-proposal.ts'

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`
const USED_MS = NOON + HOUR

const passes = (resource: string | readonly string[], changed: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 'iam:PassRole',
  Resource: resource,
  Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
  ...changed,
})
const document = (...Statement: readonly Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement })

function change(kind: TargetKind, before: PolicyDocument | null, after: PolicyDocument): PolicyChange {
  const target = { kind, accountId: '111122223333', name: 'deployer', policyName: null, arn: role('deployer') }
  return { target, before, after, digest: '', required: true }
}

function grantOf(denied: Partial<Denial>, changes: readonly PolicyChange[], template?: TemplateFindings): WrittenGrant {
  const applied = { ...OUTCOME, changes }
  return { denial: { ...DENIAL, ...denied }, applied, ...(template === undefined ? {} : { template }) }
}
/** `deployer` may pass app-task to ECS tasks. */
const PASSING = grantOf({}, [change('role-inline-policy', null, document(passes(role('app-task'))))])

const kindOf = (grant: WrittenGrant, call: Partial<RecordedCall> = {}) =>
  traceOf(recordOf({ atMs: USED_MS, ...call }), grant).kind

describe('a recorded call that passes a role', () => {
  it('uses the grant at its own time', () => {
    expect(traceOf(recordOf({ atMs: USED_MS }), PASSING)).toEqual({ kind: 'use', atMs: USED_MS })
  })

  it.each<[string, Partial<RecordedCall>, 'use' | 'none']>([
    ['at the moment of the grant', { atMs: NOON }, 'use'],
    ['a second before it', { atMs: NOON - 1000 }, 'none'],
    ['by another role', { role: 'other' }, 'none'],
    ['that failed', { errorCode: 'ClientException' }, 'none'],
    ['of a role with the same name under a path', { roleArn: 'arn:aws:iam::111122223333:role/app/app-task' }, 'none'],
    ['of the role by its name', { parameters: { executionRoleArn: 'app-task' } }, 'use'],
    ['of another role by its name', { parameters: { executionRoleArn: 'app-task-2' } }, 'none'],
    ['without any role', { parameters: { family: 'app' } }, 'none'],
    ['that passes no roles at all', { eventName: 'ListClusters' }, 'none'],
  ])('%s: counts or does not', (_, call, kind) => {
    expect(kindOf(PASSING, call)).toBe(kind)
  })

  it.each<[string, (record: ReturnType<typeof recordOf>) => unknown]>([
    ['is no record', () => 'RegisterTaskDefinition'],
    ['names no caller', ({ userIdentity: _, ...record }) => record],
    ['has no time', ({ eventTime: _, ...record }) => record],
  ])('that %s says nothing', (_, changed) => {
    expect(traceOf(changed(recordOf({ atMs: USED_MS })), PASSING)).toEqual({ kind: 'none' })
  })

  it('to which only something that holds a role was given may have used it', () => {
    const call = { eventName: 'CreateService', parameters: { cluster: 'c', taskDefinition: 'app:3' } }
    const trace = traceOf(recordOf({ atMs: USED_MS, ...call }), PASSING)
    expect(trace).toEqual({ kind: 'hidden', atMs: USED_MS, call: 'CreateService' })
  })

  it('of another service than the granted one is no use; of a grant for any service it is', () => {
    const lambda = {
      eventSource: 'lambda.amazonaws.com',
      eventName: 'CreateFunction20150331',
      parameters: { role: role('app-task') },
    }
    expect(kindOf(PASSING, lambda)).toBe('none')
    const any = document(passes(role('app-task'), { Condition: {} }))
    expect(kindOf(grantOf({}, [change('role-inline-policy', null, any)]), lambda)).toBe('use')
  })

  it.each<[TargetKind, 'use' | 'none']>([
    ['managed-policy', 'use'],
    ['permission-set-inline-policy', 'use'],
    ['role-inline-policy', 'none'],
    ['user-inline-policy', 'none'],
  ])('by somebody else uses a grant in a document of kind %s: %s', (kind, found) => {
    const grant = grantOf({}, [change(kind, null, document(passes(role('app-task'))))])
    expect(kindOf(grant, { role: 'other' })).toBe(found)
  })
})

describe('the roles of a grant', () => {
  it('are those of its pattern, and of no other', () => {
    const set = grantOf({ resource: role('orders-api') }, [
      change('role-inline-policy', null, document(passes(role('orders-*')))),
    ])
    expect(kindOf(set, { roleArn: role('orders-web') })).toBe('use')
    expect(kindOf(set, { roleArn: role('billing-web') })).toBe('none')
    expect(kindOf(set, { parameters: { taskRoleArn: 'orders-web' } })).toBe('use')
  })

  it('are not those that the statement had before, nor those of a statement that only got a value, nor all', () => {
    const sid = { Sid: 'Pass' }
    const before = document(passes(role('old'), sid))
    const grown = document(passes([role('old'), role('app-task')], sid))
    const grant = grantOf({}, [change('role-inline-policy', before, grown)])
    expect(kindOf(grant, { roleArn: role('app-task') })).toBe('use')
    expect(kindOf(grant, { roleArn: role('old') })).toBe('none')

    const wide = passes(role('wide-*'), {
      Condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com'] } },
    })
    const more = passes(role('wide-*'), {
      Condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'ecs-tasks.amazonaws.com'] } },
    })
    const added = grantOf({}, [change('role-inline-policy', document(wide), document(more))])
    expect(kindOf(added, { roleArn: role('wide-1') })).toBe('none')
    expect(kindOf(added, { roleArn: role('app-task') })).toBe('use')

    const every = grantOf({}, [change('role-inline-policy', null, document(passes('*')))])
    expect(kindOf(every, { roleArn: role('other') })).toBe('none')
  })

  it('count a new statement whole when another one, without a name, was there', () => {
    const before = document(passes(role('old')))
    const after = document(passes(role('old')), passes([role('old'), role('app-task')]))
    expect(kindOf(grantOf({}, [change('role-inline-policy', before, after)]), { roleArn: role('old') })).toBe('use')
  })

  it('are the denied one alone where only a trust policy was changed', () => {
    const trust = document({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: role('other') })
    const grant = grantOf({}, [change('role-trust-policy', null, trust)])
    expect(kindOf(grant, { roleArn: role('app-task') })).toBe('use')
    expect(kindOf(grant, { roleArn: role('other') })).toBe('none')
  })

  it('include those that the deploy needs', () => {
    const denial = {
      ...DENIAL,
      resource: role('app-execution'),
      call: { eventSource: 'ecs.amazonaws.com', eventName: 'RunTask' },
    }
    const place = { logicalId: 'Task', property: 'ExecutionRoleArn', line: 3, constructPath: null }
    const need: DeployNeed = { denial, isMade: false, operation: 'RunTask', place, summary: '' }
    const template = { place: null, isMade: false, needs: [need], alone: null, unnamed: 0, refused: [], unread: null }
    const grant = grantOf({}, PASSING.applied.changes, template)
    expect(kindOf(grant, { roleArn: role('app-execution') })).toBe('use')
    expect(kindOf(PASSING, { roleArn: role('app-execution') })).toBe('none')
    expect(ownEvents(grant)).toEqual(['RegisterTaskDefinition', 'RunTask'])
  })
})

const TRUSTED = [change('role-trust-policy', null, document({ Effect: 'Allow', Action: 'sts:AssumeRole' }))]
const ASSUMING = grantOf({ action: 'sts:AssumeRole' }, TRUSTED)
const assumes = (changed: Partial<RecordedCall> = {}): Partial<RecordedCall> => ({
  eventSource: 'sts.amazonaws.com',
  eventName: 'AssumeRole',
  parameters: { roleArn: role('app-task'), roleSessionName: 'run' },
  ...changed,
})

describe('a recorded AssumeRole', () => {
  it.each<[string, Partial<RecordedCall>, 'use' | 'hidden' | 'none']>([
    ['of the granted role', assumes(), 'use'],
    ['of another role', assumes({ parameters: { roleArn: role('other') } }), 'none'],
    ['by another caller', assumes({ role: 'other' }), 'none'],
    ['without a role in its record', assumes({ parameters: {} }), 'hidden'],
    ['of another service', assumes({ eventSource: 'sso.amazonaws.com' }), 'none'],
    ['under the name of another operation', assumes({ eventName: 'AssumeRoleWithSAML' }), 'none'],
  ])('%s: counts or does not', (_, call, kind) => {
    expect(kindOf(ASSUMING, call)).toBe(kind)
  })
})

const GITHUB = 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com'
const subjects = (...values: readonly string[]): Statement =>
  ({
    Effect: 'Allow',
    Action: 'sts:AssumeRoleWithWebIdentity',
    Principal: { Federated: GITHUB },
    Condition: { StringLike: { 'token.actions.githubusercontent.com:sub': values } },
  }) as unknown as Statement
const CLAIMS = { provider: GITHUB, subject: 'repo:acme/app:ref:refs/heads/main', audience: 'sts.amazonaws.com' }
const byToken = (...added: readonly string[]) =>
  grantOf({ action: 'sts:AssumeRoleWithWebIdentity', claims: CLAIMS }, [
    change('role-trust-policy', null, document(subjects(...added))),
  ])
const withToken = (userName: string | null) => ({
  ...recordOf({ atMs: USED_MS, ...assumes({ eventName: 'AssumeRoleWithWebIdentity' }) }),
  userIdentity: { type: 'WebIdentityUser', identityProvider: GITHUB, ...(userName === null ? {} : { userName }) },
})

describe('a recorded AssumeRoleWithWebIdentity', () => {
  it.each<[string, string | null, readonly string[], 'use' | 'none']>([
    ['by the denied subject', CLAIMS.subject, [CLAIMS.subject], 'use'],
    ['by another subject', 'repo:acme/other:ref:refs/heads/main', [CLAIMS.subject], 'none'],
    ['by a subject that the record does not show', null, [CLAIMS.subject], 'use'],
    ['by another subject of the granted pattern', 'repo:acme/app:ref:refs/heads/dev', ['repo:acme/app:*'], 'use'],
    ['by a subject outside of that pattern', 'repo:acme/other:ref:refs/heads/dev', ['repo:acme/app:*'], 'none'],
    // The pattern is for other subjects, so those that it admits do not use what this denial needed.
    ['by a subject of a pattern that leaves the denied one out', 'repo:acme/lib:x', ['repo:acme/lib:*'], 'none'],
  ])('%s: counts or does not', (_, subject, added, kind) => {
    expect(traceOf(withToken(subject), byToken(...added)).kind).toBe(kind)
  })

  it('counts for any holder where the denial names no subject', () => {
    const unnamed = {
      ...byToken('repo:acme/app:*'),
      denial: { ...byToken().denial, claims: { ...CLAIMS, subject: null } },
    }
    expect(traceOf(withToken('repo:acme/other:x'), unnamed).kind).toBe('use')
  })
})

describe('the names under which CloudTrail records a use', () => {
  it('are the denied call, and every call that passes a role to the granted service', () => {
    expect(ownEvents(PASSING)).toEqual(['RegisterTaskDefinition'])
    const all = allEvents(PASSING) ?? []
    expect(all[0]).toBe('RegisterTaskDefinition')
    expect(all).toContain('RunTask')
    expect(all).not.toContain('CreateFunction20150331')
    expect(new Set(all).size).toBe(all.length)
  })

  it('are the operations of an action that passes no role', () => {
    expect(ownEvents(ASSUMING)).toEqual(['AssumeRole'])
    expect(allEvents(ASSUMING)).toEqual(['AssumeRole'])
  })

  it('are not known where neither the denial nor the grant names a service', () => {
    const any = document(passes(role('app-task'), { Condition: {} }))
    const grant = grantOf({ call: { eventSource: null, eventName: null } }, [change('role-inline-policy', null, any)])
    expect(ownEvents(grant)).toEqual([])
    expect(allEvents(grant)).toBeNull()
  })
})
