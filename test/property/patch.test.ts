import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { requestOf } from '../../core/access/access-request.ts'
import { evaluate } from '../../core/actions/actions.ts'
import type { Denial } from '../../core/denial/denial.ts'
import type { Diagnosis } from '../../core/diagnosis/diagnosis.ts'
import { present } from '../../core/iam/conditions/context.ts'
import type { AccessRequest } from '../../core/iam/evaluation/evaluation.ts'
import { list } from '../../core/iam/policy/policy-document.ts'
import { withTimeLimit } from '../../core/patch/time-limit.ts'
import { applyToSnapshot } from '../../core/patch/verification/apply-to-snapshot.ts'
import { isCertain } from '../fixtures/passed-service.ts'
import { DEPLOYER, NOW_MS } from '../fixtures/patches.ts'
import { naiveAnswer } from '../naive/naive-evaluator.ts'
import { RUNS, setup, TIMEOUT_MS } from './generators.ts'
import { added, keysAskedFor, offers, outcomeOf } from './patch-offers.ts'

vi.setConfig({ testTimeout: TIMEOUT_MS })

/** The denied request, with the receiving service if the diagnosis proved it. */
function settledRequest(denial: Denial, { passedService }: Diagnosis): AccessRequest {
  const request = requestOf(denial)
  const [service] = passedService?.services ?? []
  if (service === undefined || !isCertain(passedService)) return request
  return { ...request, context: { ...request.context, 'iam:passedtoservice': present(service) } }
}

describe('a patch that is offered', () => {
  it('is not rare among the generated setups', () => {
    const kinds = new Map<string, number>()
    for (const one of fc.sample(setup, { numRuns: 600, seed: 1 })) {
      const outcome = outcomeOf(one)
      const kind =
        outcome.refusal ?? `${one.denial.action} ${outcome.patch?.changes.map(change => change.target.kind).join('+')}`
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    for (const kind of [
      'iam:PassRole role-inline-policy',
      'iam:PassRole managed-policy',
      'sts:AssumeRole role-inline-policy',
      'sts:AssumeRole role-trust-policy',
      'sts:AssumeRoleWithWebIdentity role-trust-policy',
    ])
      expect([...kinds.keys()]).toContain(kind)
  })

  it('lifts the denial', () => {
    offers(({ denial, snapshot }, { diagnosis }, patch) => {
      const request = settledRequest(denial, diagnosis)
      expect(evaluate(request, snapshot).answer).not.toBe('allowed')
      expect(evaluate(request, applyToSnapshot(snapshot, patch.changes)).answer).not.toBe('denied')
      if (diagnosis.passedService === null || isCertain(diagnosis.passedService))
        expect(evaluate(request, applyToSnapshot(snapshot, patch.changes)).answer).toBe('allowed')
    })
  })

  it('lifts the denial in the eyes of an evaluator written apart, where everything is known', () => {
    let judged = 0
    offers(({ denial, snapshot }, { diagnosis }, patch) => {
      const request = settledRequest(denial, diagnosis)
      const after = applyToSnapshot(snapshot, patch.changes)
      const isKnown = (key: string) => (request.context[key] ?? { state: 'unknown' }).state !== 'unknown'
      if (snapshot.caller.kind !== 'found' || ![snapshot, after].flatMap(keysAskedFor).every(isKnown)) return
      judged += 1
      expect(naiveAnswer(request, snapshot)).toBe('denied')
      expect(naiveAnswer(request, after)).toBe('allowed')
    })
    expect(judged).toBeGreaterThan(RUNS / 20)
  })

  it('never contains a wildcard in an action, nor in a resource outside an approved set', () => {
    offers((one, _, patch) => {
      const approved = (one.config.approvedRoleSets ?? []).map(set => set.pattern)
      for (const { target, before, after } of patch.changes)
        for (const { Sid, Action, Resource, Principal, NotAction, NotResource, NotPrincipal } of added(before, after)) {
          // A statement with an added value keeps its elements.
          if (!/^Rolemedic[0-9a-f]{8}[a-z]?$/.test(Sid ?? '') || before?.Statement.some(was => was.Sid === Sid))
            continue
          expect([NotAction, NotResource, NotPrincipal]).toEqual([undefined, undefined, undefined])
          expect(list(Action).join()).toMatch(/^[a-z]+:[A-Za-z]+$/)
          for (const resource of list(Resource)) if (!approved.includes(resource)) expect(resource).not.toMatch(/[*?$]/)
          if (target.kind === 'role-trust-policy') expect(Principal).toEqual({ AWS: DEPLOYER })
        }
    })
  })

  it('stays within the quotas', () => {
    offers(({ snapshot }, _, patch) => {
      for (const { target, after } of patch.changes) {
        const size = JSON.stringify(after).length
        const caller = snapshot.caller.kind === 'found' ? snapshot.caller.value : null
        const others = (caller?.policies ?? []).filter(({ arn, name }) => arn === null && name !== target.policyName)
        const inlineSize = others.reduce((sum, policy) => sum + JSON.stringify(policy.document).length, size)
        if (target.kind === 'role-inline-policy') expect(inlineSize).toBeLessThanOrEqual(10_240)
        else expect(size).toBeLessThanOrEqual(target.kind === 'managed-policy' ? 6_144 : 2_048)
      }
    })
  })

  it('adds nothing when it is drafted again over what it wrote', () => {
    offers((one, _, patch) => {
      const again = outcomeOf({ ...one, snapshot: applyToSnapshot(one.snapshot, patch.changes) })
      expect(again.patch === null || again.refusal !== null).toBe(true)
    })
  })

  it('grants nothing after its end when it is limited', () => {
    offers(({ denial, snapshot }, outcome) => {
      if (outcome.verified?.result.ok !== true) return
      const endMs = NOW_MS + 3_600_000
      const limited = applyToSnapshot(snapshot, withTimeLimit(outcome.verified.result.value, endMs).patch.changes)
      // If it is not certain that the call sends the key, it may be absent, so the answer to this request is unknown.
      const request = settledRequest(denial, outcome.diagnosis)
      if (evaluate(request, applyToSnapshot(snapshot, outcome.patch?.changes ?? [])).answer !== 'allowed') return
      const at = (ms: number): AccessRequest => ({
        ...request,
        context: { ...request.context, 'aws:currenttime': present(new Date(ms).toISOString()) },
      })
      expect(evaluate(at(NOW_MS), limited).answer).toBe('allowed')
      expect(evaluate(at(endMs + 1), limited).answer).toBe(evaluate(at(endMs + 1), snapshot).answer)
    })
  })
})
