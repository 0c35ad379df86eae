import { describe, expect, it } from 'vitest'
import type { FailedDeploy, FailureReason, OwnIdentity } from '../../../functions/domain/deploy/deploy.ts'
import {
  type Actors,
  isPrincipalRole,
  mayEnter,
  reportedDenials,
} from '../../../functions/domain/deploy/deploy-denials.ts'
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
  const ROLE = 'arn:aws:iam::111122223333:role/deploy/deployer'
  /** Of its build `4711`. */
  const OWN: OwnIdentity = { roleArn: ROLE, session: 'ci-4711' }
  const enters = (
    actors: Partial<Actors>,
    denial: Partial<typeof DENIAL> = {},
    principal: Partial<typeof DENIAL.principal> = {},
    resource = 'Fn',
  ) =>
    mayEnter(
      {
        denial: { ...DENIAL, ...denial, principal: { ...DENIAL.principal, ...principal } },
        reason: reason('', { resource }),
      },
      PIPELINE,
      { own: [], caller: false, ...actors },
    )

  const ROLES = {
    own: [{ name: 'deployer' }, true],
    'own, in other letters': [{ name: 'Deployer' }, true],
    another: [{ name: 'break-glass' }, false],
    'one that it assumed': [{ name: 'cdk-hnb659fds-deploy-role-111122223333-eu-west-1' }, false],
    'one whose name begins so': [{ name: 'deployer-2' }, false],
    'one of that name in another account': [{ accountId: '444455556666' }, false],
    'no role': [{ kind: 'user' }, false],
    'nobody named': [{ name: null }, false],
  } as const
  const SESSIONS = {
    own: ['ci-4711', true],
    'in other letters': ['CI-4711', false],
    'of another build': ['ci-4712', false],
    'of a person': ['ana@example.com', false],
    'left out': [null, false],
  } as const
  it.each(
    Object.entries(ROLES).flatMap(([role, [principal, isOwn]]) =>
      Object.entries(SESSIONS).map(
        ([session, [sessionName, isItsSession]]) =>
          [role, session, { ...principal, sessionName }, isOwn && isItsSession] as const,
      ),
    ),
  )('as the role: %s, in the session: %s', (_role, _session, principal, expected) => {
    expect(enters({ own: [OWN] }, {}, principal)).toBe(expected)
    expect(enters({ own: [{ ...OWN, roleArn: `${ROLE}-0` }, OWN] }, {}, principal)).toBe(expected)
  })

  it('as its role in the session of that role, not in the session of another of its roles', () => {
    const own = [OWN, { roleArn: `${ROLE}-2`, session: 'other' }]
    expect(enters({ own }, {}, { name: 'deployer', sessionName: 'other' })).toBe(false)
    expect(enters({ own }, {}, { name: 'deployer-2', sessionName: 'ci-4711' })).toBe(false)
    expect(enters({ own }, {}, { name: 'deployer-2', sessionName: 'other' })).toBe(true)
  })

  it('from the reasons of the action that acts so, from no other', () => {
    expect(enters({ own: [{ ...OWN, action: 'Fn' }] })).toBe(true)
    expect(enters({ own: [{ ...OWN, action: 'Build' }] })).toBe(false)
  })

  it.each<[string, Partial<Actors>, Partial<typeof DENIAL>, Partial<typeof DENIAL.principal>, boolean]>([
    ['about nobody known', {}, {}, {}, false],
    ['of its role, whose sessions AWS does not name', { own: [{ ...OWN, session: null }] }, {}, {}, true],
    ['of its caller', { caller: true }, {}, {}, true],
    ['of a caller of a deploy with roles', { caller: true, own: [{ ...OWN, roleArn: `${ROLE}-2` }] }, {}, {}, false],
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
    expect(isPrincipalRole(arn, { ...DENIAL.principal, ...principal })).toBe(expected)
  })
})
