import { describe, expect, it } from 'vitest'
import {
  attemptIdOf,
  type CorrelationKeys,
  type DeployState,
  type FailedDeploy,
} from '../../../functions/domain/deploy/deploy.ts'
import {
  type DeployFailure,
  deployKey,
  isNewAttempt,
  isPast,
  joinedCauses,
  pastCausesOf,
  roundKey,
  withFailure,
} from '../../../functions/domain/deploy/deploy-round.ts'
import { DENIAL, MINUTE, NOON } from '../../fakes/sample-proposal.ts'

const DEPLOY: FailedDeploy = {
  kind: 'codepipeline',
  accountId: '111122223333',
  region: 'eu-west-1',
  target: 'orders',
  name: 'orders',
  attempt: 'e-1',
  status: 'FAILED',
  failedAtMs: NOON,
  reasons: [],
  log: null,
}
const KEYS: CorrelationKeys = {
  requests: ['r1'],
  roles: ['role-1'],
  sessions: ['s1'],
  via: null,
  ownRoles: ['own-1'],
  fromMs: NOON - 10 * MINUTE,
  untilMs: NOON,
  explained: false,
}
const A = { fingerprint: 'a', confidence: 'caused by' } as const
const B = { fingerprint: 'b', confidence: 'probably' } as const
const first = (failure: Partial<DeployFailure> = {}): DeployFailure => ({
  deploy: DEPLOY,
  correlation: KEYS,
  causes: [A],
  ...failure,
})
const begun = (failure: Partial<DeployFailure> = {}): DeployState => withFailure(null, first(failure), false)
const later = (deploy: Partial<FailedDeploy>) => ({ ...DEPLOY, ...deploy })

describe('the key of a deploy', () => {
  it('is of 16 hex digits, the same for each attempt and another for each deploy', () => {
    const key = deployKey(DEPLOY)
    expect(key).toMatch(/^[0-9a-f]{16}$/)
    expect(deployKey(later({ attempt: 'e-2', status: 'X', failedAtMs: 0, name: 'other' }))).toBe(key)
    for (const other of [{ accountId: '444455556666' }, { region: 'us-east-1' }, { kind: 'ecs' }, { target: 'x' }])
      expect(deployKey(later(other))).not.toBe(key)
  })

  it('of a round has its number', () => {
    expect(roundKey({ key: '0123', round: 2 })).toBe('0123.2')
  })
})

describe('an attempt', () => {
  it.each<[Partial<FailedDeploy>, string | null]>([
    [{ attempt: 'e-1' }, 'e-1'],
    [{ attempt: 'e-1', retried: 2 }, 'e-1 2'],
    [{ attempt: null }, null],
    [{ attempt: null, retried: 2 }, null],
  ])('%j is %s', (deploy, id) => {
    expect(attemptIdOf({ ...DEPLOY, ...deploy })).toBe(id)
  })

  // Without an id, failures within half an hour are one attempt.
  it.each<[string, Partial<FailedDeploy>, Partial<FailedDeploy>, boolean]>([
    ['the same id', {}, {}, false],
    ['the same id the day after', {}, { failedAtMs: NOON + 24 * 60 * MINUTE }, false],
    ['another id at the same time', {}, { attempt: 'e-2' }, true],
    ['a retry of the same execution', {}, { retried: 2 }, true],
    ['no id, a minute later', { attempt: null }, { attempt: null, failedAtMs: NOON + MINUTE }, false],
    [
      'no id, a moment before half an hour',
      { attempt: null },
      { attempt: null, failedAtMs: NOON + 30 * MINUTE - 1 },
      false,
    ],
    ['no id, half an hour later', { attempt: null }, { attempt: null, failedAtMs: NOON + 30 * MINUTE }, true],
    ['no id, half an hour earlier', { attempt: null }, { attempt: null, failedAtMs: NOON - 30 * MINUTE }, true],
    ['no id, 29 minutes earlier', { attempt: null }, { attempt: null, failedAtMs: NOON - 29 * MINUTE }, false],
    ['an id after none', { attempt: null }, { failedAtMs: NOON + MINUTE }, true],
    ['none after an id', {}, { attempt: null, failedAtMs: NOON + MINUTE }, false],
  ])('is new or not: %s', (_, before, after, expected) => {
    expect(isNewAttempt(begun({ deploy: later(before) }), later(after))).toBe(expected)
  })
})

describe('a failure', () => {
  it('begins the first round', () => {
    expect(begun()).toEqual({
      key: deployKey(DEPLOY),
      round: 1,
      deploy: DEPLOY,
      correlation: KEYS,
      attempts: [{ id: 'e-1', atMs: NOON }],
      causes: [A],
      noticedAtMs: null,
      noticingUntilMs: 0,
      alert: null,
      postingUntilMs: 0,
    })
  })

  it('keeps what was read of its template, and how many denials became no card', () => {
    const template = { kind: 'unread', why: 'no right' } as const
    expect(begun({ template, leftOut: 3 })).toMatchObject({ template, leftOut: 3 })
    const after = withFailure(begun({ template, leftOut: 3 }), first(), false)
    expect(after).toMatchObject({ template, leftOut: 3 })
    const other = { kind: 'unread', why: 'throttled' } as const
    expect(withFailure(begun({ template, leftOut: 3 }), first({ template: other, leftOut: 2 }), false)).toMatchObject({
      template: other,
      leftOut: 3,
    })
    expect(withFailure(begun(), first({ leftOut: 2 }), false).leftOut).toBe(2)
    expect(withFailure(begun({ leftOut: 1 }), first({ leftOut: 2 }), false).leftOut).toBe(2)
    expect(Object.keys(withFailure(begun(), first(), false))).not.toContain('leftOut')
  })

  it('of a new attempt begins the next round only where the causes were fixed', () => {
    const posted = { ...begun({ causes: [A, B] }), noticedAtMs: NOON, alert: { conversation: 'C', message: '1' } }
    const second = first({ deploy: later({ attempt: 'e-2', failedAtMs: NOON + MINUTE }), causes: [B] })
    expect(withFailure(posted, second, true)).toEqual({
      key: posted.key,
      round: 2,
      deploy: second.deploy,
      correlation: KEYS,
      attempts: [{ id: 'e-2', atMs: NOON + MINUTE }],
      causes: [B],
      past: { fingerprints: ['a', 'b'], untilMs: NOON },
      noticedAtMs: null,
      noticingUntilMs: 0,
      alert: null,
      postingUntilMs: 0,
    })
    expect(withFailure(posted, second, false)).toMatchObject({
      round: 1,
      deploy: second.deploy,
      attempts: [{ id: 'e-1' }, { id: 'e-2' }],
      causes: [A, B],
      noticedAtMs: NOON,
      alert: { conversation: 'C', message: '1' },
    })
    expect(withFailure(posted, first(), true)).toMatchObject({ round: 1, attempts: [{ id: 'e-1' }] })
  })

  it('for another reason is that of the last attempt alone, until an event of it names a permission', () => {
    const second = { deploy: later({ attempt: 'e-2', failedAtMs: NOON + MINUTE }), causes: [] }
    const other = withFailure(begun(), first({ ...second, otherReason: 'it exists' }), false)
    expect(other).toMatchObject({ otherReason: 'it exists', causes: [A] })
    expect(withFailure(other, first(second), false).otherReason).toBe('it exists')
    expect(withFailure(other, first({ ...second, causes: [B] }), false)).not.toHaveProperty('otherReason')
    // An event of the first attempt, which comes late.
    expect(withFailure(other, first(), false).otherReason).toBe('it exists')
    const third = first({ deploy: later({ attempt: 'e-3', failedAtMs: NOON + 2 * MINUTE }), causes: [A] })
    expect(withFailure(other, third, false)).not.toHaveProperty('otherReason')
    expect(withFailure(other, third, true)).not.toHaveProperty('otherReason')
    expect(withFailure(begun(), first({ causes: [], otherReason: 'it exists' }), false)).not.toHaveProperty(
      'otherReason',
    )
  })

  it('is the latest, whichever comes last', () => {
    const older = later({ attempt: 'e-0', failedAtMs: NOON - MINUTE })
    expect(withFailure(begun(), first({ deploy: older }), false).deploy).toEqual(DEPLOY)
    const same = later({ status: 'LATER' })
    expect(withFailure(begun(), first({ deploy: same }), false).deploy).toEqual(same)
  })

  it('keeps the last twenty attempts', () => {
    let state = begun()
    for (let at = 2; at <= 25; at++) state = withFailure(state, first({ deploy: later({ attempt: `e-${at}` }) }), false)
    expect(state.attempts.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, at) => `e-${at + 6}`))
  })
})

describe('what ties denials to a deploy', () => {
  const joined = (a: Partial<CorrelationKeys>, b: Partial<CorrelationKeys>, attempt = 'e-1') =>
    withFailure(
      begun({ correlation: { ...KEYS, ...a } }),
      first({ deploy: later({ attempt }), correlation: { ...KEYS, ...b } }),
      false,
    ).correlation

  it('adds up, each once', () => {
    expect(
      joined({}, { requests: ['r1', 'r2'], roles: ['role-2'], sessions: ['s2'], ownRoles: ['own-2'] }),
    ).toMatchObject({
      requests: ['r1', 'r2'],
      roles: ['role-1', 'role-2'],
      sessions: ['s1', 's2'],
      ownRoles: ['own-1', 'own-2'],
    })
  })

  it('is at most fifty of each, the latest', () => {
    const many = Array.from({ length: 60 }, (_, at) => `r-${at}`)
    expect(joined({}, { requests: many }).requests).toEqual(many.slice(10))
  })

  it('spans both times, and has the service of the later', () => {
    expect(joined({ fromMs: 5, untilMs: 9 }, { fromMs: 3, untilMs: 8 })).toMatchObject({ fromMs: 3, untilMs: 9 })
    expect(joined({ fromMs: 2, untilMs: 7 }, { fromMs: 3, untilMs: 8 })).toMatchObject({ fromMs: 2, untilMs: 8 })
    expect(joined({ via: 'a' }, { via: 'b' }).via).toBe('b')
    expect(joined({ via: 'a' }, { via: null }).via).toBe('a')
  })

  // Within one attempt, every event must explain itself. Another attempt is separate.
  it.each([
    [true, true, 'e-1', true],
    [false, true, 'e-1', false],
    [true, false, 'e-1', false],
    [false, true, 'e-2', true],
    [true, false, 'e-2', false],
  ])('is explained: %s, then %s in %s: %s', (before, after, attempt, expected) => {
    expect(joined({ explained: before }, { explained: after }, attempt).explained).toBe(expected)
  })
})

describe('the causes of two failures', () => {
  const sure = (fingerprint: string) => ({ fingerprint, confidence: 'caused by' }) as const
  const unsure = (fingerprint: string) => ({ fingerprint, confidence: 'probably' }) as const
  it.each([
    [[sure('a')], [unsure('b')], [sure('a'), unsure('b')]],
    [[sure('a')], [unsure('a')], [sure('a')]],
    [[unsure('a')], [sure('a')], [sure('a')]],
    [[unsure('a')], [unsure('a')], [unsure('a')]],
    [[unsure('a')], [sure('b')], [unsure('a'), sure('b')]],
    [[], [unsure('a'), unsure('a'), sure('b')], [unsure('a'), sure('b')]],
    [[sure('a')], [], [sure('a')]],
  ])('%j and %j are %j', (a, b, expected) => {
    expect(joinedCauses(a, b)).toEqual(expected)
  })
})

describe('a denial of an earlier round', () => {
  const past = pastCausesOf({ ...begun({ causes: [A] }) })
  const occurrence = (fingerprint: string, timeMs: number | null, lastSeenMs = NOON) => ({
    ...{ fingerprint, count: 1, firstSeenMs: 0, lastSeenMs, eventIds: [], proposalId: null },
    denial: { ...DENIAL, timeMs },
  })
  it.each([
    ['of the same cause, until the failure', occurrence('a', NOON), true],
    ['of the same cause, after it', occurrence('a', NOON + 1), false],
    ['of another cause', occurrence('b', NOON), false],
    ['without a time of its own, seen before', occurrence('a', null, NOON), true],
    ['without a time of its own, seen after', occurrence('a', null, NOON + 1), false],
  ])('is past: %s', (_, seen, expected) => {
    expect(isPast(seen, past)).toBe(expected)
    expect(isPast(seen, undefined)).toBe(false)
  })
})
