import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { parseArn } from '../../../core/iam/arn.ts'
import type { AccessRequest } from '../../../core/iam/evaluation/evaluation.ts'
import { hasOwnSid, list } from '../../../core/iam/policy/policy-document.ts'
import { changeDigest } from '../../../core/patch/patch.ts'
import { prove } from '../../../core/patch/verification/containment.ts'
import { DEFAULT_CONFIG } from '../../../functions/domain/config/config.ts'
import { NOW_MS } from '../../fixtures/patches.ts'
import { type DiagnosisContext, RUNS, TIMEOUT_MS } from '../generators.ts'
import { outcomeOf } from '../patch-offers.ts'
import { crowdedLists } from './setups.ts'

/** The same patch, with these actions in every statement of its trust policy. */
function widenedWitness(one: DiagnosisContext, Action: string): AccessRequest | null {
  const { patch, diagnosis } = outcomeOf(one)
  if (patch === null) return null
  const changes = patch.changes.map(change => {
    const Statement = change.after.Statement.map(statement => ({ ...statement, Action }))
    const after = { ...change.after, Statement }
    return { ...change, after, digest: changeDigest({ ...change, after }) }
  })
  const about = { denial: one.denial, diagnosis, snapshot: one.snapshot, config: DEFAULT_CONFIG, nowMs: NOW_MS }
  return prove({ changes }, about).counterexample
}

vi.setConfig({ testTimeout: TIMEOUT_MS * 4 })

describe('a value that cannot join the list of a trust policy without more', () => {
  it('is offered, at worst in a statement of its own for the denied action alone', () => {
    let own = 0
    fc.assert(
      fc.property(crowdedLists, one => {
        const { patch, verified, refusal } = outcomeOf(one)
        expect(refusal).toBeNull()
        expect(verified?.verification.proof?.outcome).toBe('nothing-else')
        for (const { before, after } of patch?.changes ?? []) {
          const added = after.Statement.filter(hasOwnSid)
          own += added.length
          for (const { Action } of added)
            for (const action of list(Action)) expect([one.denial.action, 'sts:TagSession']).toContain(action)
          // If the value joins no list, existing statements are unchanged.
          if (added.length > 0) expect(after.Statement.slice(0, -1)).toEqual(before?.Statement)
        }
      }),
      { numRuns: RUNS },
    )
    expect(own).toBeGreaterThan(RUNS / 4)
  })
})

describe('the request that shows what a trust policy opens', () => {
  it('is a call that its caller can make: no identity provider assumes a role as a principal does', () => {
    let shown = 0
    fc.assert(
      fc.property(crowdedLists, fc.constantFrom('sts:Assume*', 'sts:*', 'sts:AssumeRole'), (one, Action) => {
        const { patch } = outcomeOf(one)
        if (patch === null) return
        const counterexample = widenedWitness(one, Action)
        if (counterexample === null) return
        shown += 1
        const { principalArn, action } = counterexample
        const isProvider = parseArn(principalArn)?.resource.startsWith('oidc-provider/') === true
        if (isProvider)
          expect([
            'sts:AssumeRoleWithWebIdentity',
            'sts:TagSession',
            'sts:SetSourceIdentity',
            'sts:SetContext',
          ]).toContain(action)
      }),
      { numRuns: RUNS },
    )
    expect(shown).toBeGreaterThan(RUNS / 10)
  })
})
