import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../../core/denial/denial.ts'
import type { AccessSnapshot } from '../../../../core/iam/evaluation/access-snapshot.ts'
import type { Statement } from '../../../../core/iam/policy/policy-document.ts'
import type { PolicyChange } from '../../../../core/patch/patch.ts'
import { openedWith, type VerifyOptions, verify } from '../../../../core/patch/verification/verify.ts'
import { type Config, DEFAULT_CONFIG } from '../../../../functions/domain/config/config.ts'
import { change, diagnosis, pass, patchOf, SID } from '../../../fixtures/guardrails.ts'
import {
  ACCOUNT,
  allow,
  aloneWith,
  assumeDenial,
  DEPLOYER,
  document,
  EXECUTION_ROLE,
  ecsTrust,
  identity,
  inline,
  NOW_MS,
  passDenial,
  role,
  snapshot,
  TASK_ROLE,
  trusting,
} from '../../../fixtures/patches.ts'

type Given = Partial<Omit<VerifyOptions, 'config'>> & { readonly config?: Partial<Config> }
const SEEN = snapshot(identity(DEPLOYER), [role(TASK_ROLE, ecsTrust)])
const granting = (...statements: Statement[]) => [change('role-inline-policy', DEPLOYER, null, document(...statements))]

function verified(changes: readonly PolicyChange[], { config, ...given }: Given = {}) {
  const about = {
    denial: passDenial() as Denial,
    diagnosis,
    snapshot: SEEN as AccessSnapshot,
    nowMs: NOW_MS,
    ...given,
    config: { ...DEFAULT_CONFIG, ...config },
  }
  const patch = patchOf(...changes)
  const opened = openedWith(patch, about, aloneWith(about.snapshot))
  return verify(patch, { opened, ...about })
}
const refusal = (changes: readonly PolicyChange[], given: Given = {}) => {
  const { result } = verified(changes, given)
  return result.ok ? null : result.error
}

describe('the reason of a refusal', () => {
  it('is that the patch does not lift the denial', () => {
    expect(refusal(granting(pass(EXECUTION_ROLE)))).toEqual({
      code: 'not-lifted',
      message: 'The request would still be denied with this change.',
      owner: null,
    })
  })

  it('is that the answer depends on which service receives the role', () => {
    const denial = passDenial([TASK_ROLE], 'ecs-tasks.amazonaws.com', 'optional')
    expect(refusal(granting(pass()), { denial })).toEqual({
      code: 'after-unknown',
      message: 'Cannot tell whether this change lifts the denial: it depends on which service receives the role.',
      owner: null,
    })
  })

  it('is that the answer depends on what could not be read', () => {
    const likely = { ...diagnosis, verdict: 'likely' as const }
    const caller = identity(DEPLOYER, [], { boundary: { kind: 'unreadable', why: 'AccessDenied' } })
    const { result } = verified(granting(pass()), {
      diagnosis: likely,
      snapshot: snapshot(caller, [role(TASK_ROLE, ecsTrust)]),
      config: { patchLikely: true },
    })
    expect(!result.ok && result.error.code).toBe('after-unknown')
    expect(!result.ok && result.error.message).not.toContain('which service')
  })

  it('names the condition that was taken over, and the owners of the documents, each once', () => {
    const reports = `arn:aws:iam::${ACCOUNT}:role/reports`
    const guarded = { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }
    const trust = trusting({ AWS: `arn:aws:iam::${ACCOUNT}:role/somebody` })
    const added: Statement = { ...trusting({ AWS: DEPLOYER }, guarded).Statement[0], Sid: SID, Effect: 'Allow' }
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'a', allow('sts:AssumeRole', reports))])
    const denial = assumeDenial(reports, { context: { 'aws:sourceip': { state: 'present', values: ['192.0.2.1'] } } })
    const given = { denial, snapshot: snapshot(caller, [role(reports, trust)]) }
    const changes = (before: typeof trust, ...after: Statement[]) => [
      change('role-trust-policy', reports, before, document(...after)),
    ]
    expect(refusal(changes(trust, ...trust.Statement, added), given)).toEqual({
      code: 'not-lifted',
      message:
        'The request would still be denied with this change. It carries the condition on aws:SourceIp that similar principals have: ask the owner of reports.',
      owner: 'owner of reports',
    })
    // The same statement is not new, because this patch did not take over its condition.
    const old = document(...trust.Statement, { ...added, Sid: SID })
    const again = { ...added, Principal: { AWS: EXECUTION_ROLE }, Sid: 'Rolemedic99999999' }
    const { result } = verified(changes(old, ...old.Statement, again), {
      ...given,
      snapshot: snapshot(caller, [role(reports, old)]),
    })
    expect(!result.ok && result.error.message).not.toContain('carries the condition')
  })

  it('is the guardrail that refused, with the owner of what it guards', () => {
    const config = { forbiddenActions: ['iam:PassRole'] }
    expect(refusal(granting(pass()), { config })).toEqual({
      code: 'forbidden-actions',
      message: 'The configuration forbids patches that allow iam:PassRole.',
      owner: 'rolemedic administrators',
    })
  })

  it('is one of AWS’s own checks without a detail, and not one that only warns', () => {
    const opinion = (outcome: 'refuse' | 'warn') => ({ secondOpinion: [{ id: 'analyzer', outcome, detail: null }] })
    expect(refusal(granting(pass()), opinion('refuse'))).toEqual({
      code: 'analyzer',
      message: 'AWS’s own checks reject this change.',
      owner: null,
    })
    expect(refusal(granting(pass()), opinion('warn'))).toBe(null)
  })

  it('is an old denial, unless a person asks', () => {
    const denial = passDenial([TASK_ROLE], 'ecs-tasks.amazonaws.com', 'published', { timeMs: NOW_MS - 48 * 3_600_000 })
    expect(refusal(granting(pass()), { denial })?.code).toBe('denial-age')
    expect(refusal(granting(pass()), { denial, asked: false })?.code).toBe('denial-age')
    expect(refusal(granting(pass()), { denial, asked: true })).toBe(null)
  })

  it('is the number of changes today, if they are counted', () => {
    expect(refusal(granting(pass()), { changesToday: DEFAULT_CONFIG.maxChangesPerPrincipalPerDay })?.code).toBe(
      'changes-per-day',
    )
    expect(refusal(granting(pass()), { changesToday: 0 })).toBe(null)
  })

  it('is a statement that would be rewritten, unless the same change added it', () => {
    const before = document(pass(EXECUTION_ROLE))
    const caller = identity(DEPLOYER, [inline(DEPLOYER, 'rolemedic', ...before.Statement)])
    const seen = snapshot(caller, [role(TASK_ROLE, ecsTrust), role(EXECUTION_ROLE, ecsTrust)])
    const joined = [change('role-inline-policy', DEPLOYER, before, document(pass([EXECUTION_ROLE, TASK_ROLE])))]
    expect(refusal(joined, { snapshot: seen })?.code).toBe('foreign-statements')
    expect(refusal(joined, { snapshot: seen, joinable: new Set([SID]) })).toBe(null)
  })
})

describe('what a verification shows', () => {
  const strong = (...statements: Statement[]) =>
    snapshot(identity(DEPLOYER), [role(TASK_ROLE, ecsTrust, [inline(TASK_ROLE, 'p', ...statements)])])
  const finding = (id: string, given: Given = {}) =>
    verified(granting(pass()), given).verification.guardrails.find(one => one.id === id)

  it('is each guardrail with its outcome, detail and page', () => {
    expect(finding('protected')).toEqual({ id: 'protected', outcome: 'pass', detail: null })
    expect(finding('administrator-equivalent', { snapshot: strong(allow('*', '*')) })).toEqual({
      id: 'administrator-equivalent',
      outcome: 'warn',
      detail: 'Through orders-task deployer could become administrator: orders-task may do anything.',
    })
    expect(
      finding('administrator-equivalent', { snapshot: strong(allow('iam:AttachRolePolicy', TASK_ROLE)) })?.link,
    ).toBe('https://pathfinding.cloud/paths/iam-009')
  })

  it('is the highest risk of the warnings, a step higher where something could not be read', () => {
    const risk = (given: Given) => {
      const { risk: found, approvers } = verified(granting(pass()), given).verification
      return [found, approvers]
    }
    expect(risk({})).toEqual(['low', 1])
    const lookup = strong(allow('secretsmanager:GetSecretValue', '*'))
    expect(risk({ snapshot: lookup })).toEqual(['elevated', 2])
    expect(risk({ snapshot: strong(allow('*', '*')) })).toEqual(['high', 2])
    const unread = {
      sets: [],
      reaches: [],
      wants: [{ kind: 'roles-of', accountId: ACCOUNT } as const],
      wantsForWords: [],
    }
    expect(risk({ opened: unread })).toEqual(['elevated', 2])
    const gain = openedWith(
      patchOf(...granting(pass())),
      { denial: passDenial(), diagnosis, snapshot: lookup, config: DEFAULT_CONFIG, nowMs: NOW_MS },
      aloneWith(lookup),
    )
    expect(risk({ snapshot: lookup, opened: { ...gain, wants: unread.wants } })).toEqual(['high', 2])
  })
})
