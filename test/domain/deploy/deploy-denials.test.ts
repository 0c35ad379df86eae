import { describe, expect, it } from 'vitest'
import type { FailedDeploy, FailureReason } from '../../../functions/domain/deploy/deploy.ts'
import { type Actors, isRole, mayEnter, reportedDenials } from '../../../functions/domain/deploy/deploy-denials.ts'
import { DENIAL, MINUTE, NOON } from '../../fakes/sample-proposal.ts'

const PIPELINE: FailedDeploy = {
  ...{ kind: 'codepipeline', accountId: '111122223333', region: 'eu-west-1', target: 'orders', name: 'orders' },
  ...{ attempt: 'e-1', status: 'FAILED', failedAtMs: NOON, reasons: [], log: null },
}
const STACK: FailedDeploy = { ...PIPELINE, kind: 'cloudformation', name: 'orders' }
const text = (role: string, by = 'deployer') =>
  `User: arn:aws:sts::111122223333:assumed-role/${by}/ci is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/${role} because no identity-based policy allows the iam:PassRole action`
const reason = (words: string, changed: Partial<FailureReason> = {}): FailureReason => ({
  ...{ text: words, resource: 'Fn', resourceType: 'AWS::Lambda::Function', atMs: NOON },
  ...changed,
})
const denials = (deploy: FailedDeploy, ...reasons: readonly FailureReason[]) =>
  reportedDenials(deploy, reasons).map(({ denial }) => denial)

describe('the denials in the texts of a deploy', () => {
  it('have the time, the place and the call that the deploy adds', () => {
    const [ofStack] = denials(STACK, reason(text('x')))
    expect(ofStack).toMatchObject({
      timeMs: NOON,
      accountId: '111122223333',
      region: 'eu-west-1',
      stack: 'orders',
      via: 'cloudformation.amazonaws.com',
      resource: 'arn:aws:iam::111122223333:role/x',
      call: { eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' },
    })
    expect(ofStack?.passes.map(({ service }) => service.values.map(value => value.service))).toEqual([
      ['lambda.amazonaws.com'],
    ])
    const [ofPipeline] = denials(PIPELINE, reason(text('x'), { resourceType: null }))
    expect(ofPipeline).toMatchObject({ via: null, call: { eventName: null } })
    expect(Object.keys(ofPipeline ?? {})).not.toContain('stack')
  })

  it('count once, and each other one counts', () => {
    const both = [reason(text('x')), reason(`again: ${text('x')}`), reason(text('y')), reason(text('x', 'other'))]
    expect(
      reportedDenials(STACK, both).map(found => [found.denial.resource, found.denial.principal.name, found.reason]),
    ).toEqual([
      ['arn:aws:iam::111122223333:role/x', 'deployer', both[0]],
      ['arn:aws:iam::111122223333:role/y', 'deployer', both[2]],
      ['arn:aws:iam::111122223333:role/x', 'other', both[3]],
    ])
    expect(denials(STACK, reason('it already exists'))).toEqual([])
  })

  it('have the same id in each event of an attempt, and another in each other attempt', () => {
    const id = (deploy: Partial<FailedDeploy>, atMs = NOON, role = 'x') =>
      denials({ ...STACK, ...deploy }, reason(text(role), { atMs }))[0]?.id
    expect(id({}, NOON + MINUTE)).toBe(id({}))
    expect(id({}, NOON, 'y')).not.toBe(id({}))
    for (const other of [
      { attempt: 'e-2' },
      { retried: 2 },
      { target: 'x' },
      { region: 'us-east-1' },
      { accountId: '444455556666' },
    ])
      expect(id(other)).not.toBe(id({}))
    // Without an attempt, the same ten minutes are one: noon begins one of them.
    const unnamed = { attempt: null }
    expect(id(unnamed, NOON + 10 * MINUTE - 1)).toBe(id(unnamed, NOON))
    expect(id(unnamed, NOON + 10 * MINUTE)).not.toBe(id(unnamed, NOON))
  })

  it('are at most five hundred', () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => reason(text(`r${at}`)))
    expect(denials(STACK, ...many(500))).toHaveLength(500)
    expect(denials(STACK, ...many(510))).toHaveLength(500)
  })
})

describe('a reported denial may enter', () => {
  const NOBODY: Actors = { roles: [], sessions: [], roleSession: null, caller: false }
  const ROLE = 'arn:aws:iam::111122223333:role/deployer'
  const enters = (
    actors: Partial<Actors>,
    denial: Partial<typeof DENIAL> = {},
    principal: Partial<typeof DENIAL.principal> = {},
  ) =>
    mayEnter(
      { denial: { ...DENIAL, ...denial, principal: { ...DENIAL.principal, ...principal } }, reason: reason('') },
      PIPELINE,
      { ...NOBODY, ...actors },
    )
  it.each<[string, Partial<Actors>, Partial<typeof DENIAL>, Partial<typeof DENIAL.principal>, boolean]>([
    ['about nobody known', {}, {}, {}, false],
    ['of its session', { sessions: ['ci-4711'] }, {}, {}, true],
    ['of its session, whatever its roles are', { sessions: ['ci-4711'], roles: [`${ROLE}-2`] }, {}, {}, true],
    ['of another session', { sessions: ['ci'] }, {}, {}, false],
    ['without a session', { sessions: ['ci-4711'] }, {}, { sessionName: null }, false],
    ['of its caller', { caller: true }, {}, {}, true],
    ['of a caller of a deploy with roles', { caller: true, roles: [`${ROLE}-2`] }, {}, {}, false],
    ['of its role', { roles: [`${ROLE}-2`, ROLE] }, {}, {}, true],
    ['of its role in its session', { roles: [ROLE], roleSession: 'ci-4711' }, {}, {}, true],
    ['of its role in another session', { roles: [ROLE], roleSession: 'other' }, {}, {}, false],
    ['of a principal that is not known', { caller: true }, {}, { kind: 'unknown' }, false],
    ['of a principal without a name', { caller: true }, {}, { name: null }, false],
    ['of a principal of another account', { caller: true }, {}, { accountId: '444455556666' }, false],
    ['in another account', { caller: true }, { accountId: '444455556666' }, {}, false],
    ['on nothing', { caller: true }, { resource: null }, {}, false],
  ])('%s', (_, actors, denial, principal, expected) => {
    expect(enters(actors, denial, principal)).toBe(expected)
  })

  it.each<[string, Partial<typeof DENIAL.principal>, boolean]>([
    [ROLE, {}, true],
    ['arn:aws:iam::111122223333:role/path/Deployer', {}, true],
    [`${ROLE}2`, {}, false],
    ['arn:aws:iam::444455556666:role/deployer', {}, false],
    [ROLE, { kind: 'user' }, false],
    [ROLE, { name: null }, false],
    ['arn:aws:iam::111122223333:user/deployer', {}, false],
    ['deployer', {}, false],
  ])('as the role %s of %j: %s', (arn, principal, expected) => {
    expect(isRole(arn, { ...DENIAL.principal, ...principal })).toBe(expected)
  })
})
