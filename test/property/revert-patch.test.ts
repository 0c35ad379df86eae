import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { canonicalJson } from '../../core/base/canonical-json.ts'
import type { PolicyDocument, Statement } from '../../core/iam/policy/policy-document.ts'
import { revertChange } from '../../core/patch/revert-patch.ts'
import { withTimeLimit } from '../../core/patch/time-limit.ts'
import { allow, analyzeSetup, NOW_MS } from '../fixtures/patches.ts'
import { RUNS, setup, TIMEOUT_MS } from './generators.ts'

vi.setConfig({ testTimeout: TIMEOUT_MS })

const others: fc.Arbitrary<Statement> = fc
  .record({ sid: fc.stringMatching(/^[A-Z][a-z]{1,8}$/), resource: fc.string() })
  .map(({ sid, resource }) => ({ Sid: `Others${sid}`, ...allow('s3:GetObject', resource) }))

describe('the inverse of what was written', () => {
  it('restores every document byte for byte in canonical form, limited or not', () => {
    fc.assert(
      fc.property(setup, fc.boolean(), ({ denial, snapshot, config, withGetRole }, limit) => {
        const { verified } = analyzeSetup(denial, snapshot, { config, withGetRole })
        if (verified?.result.ok !== true) return
        const written = limit ? withTimeLimit(verified.result.value, NOW_MS + 1_000) : verified.result.value
        for (const change of written.patch.changes) {
          const back = revertChange(change, change.after)
          expect(back.ok && canonicalJson(back.value)).toBe(canonicalJson(change.before))
        }
      }),
      { numRuns: RUNS },
    )
  })

  it('keeps what others added around it, in their order', () => {
    fc.assert(
      fc.property(
        setup,
        fc.array(others, { maxLength: 3 }),
        fc.array(others, { minLength: 1, maxLength: 3 }),
        ({ denial, snapshot, config, withGetRole }, first, last) => {
          const { verified } = analyzeSetup(denial, snapshot, { config, withGetRole })
          if (verified?.result.ok !== true) return
          for (const change of verified.result.value.patch.changes) {
            const around = (document: PolicyDocument | null): readonly Statement[] => [
              ...first,
              ...(document?.Statement ?? []),
              ...last,
            ]
            const live: PolicyDocument = { ...change.after, Statement: around(change.after) }
            const back = revertChange(change, live)
            expect(back.ok && back.value?.Statement.map(canonicalJson)).toEqual(
              around(change.before).map(canonicalJson),
            )
          }
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('is the same when it is asked again over what it left', () => {
    fc.assert(
      fc.property(
        setup,
        fc.array(others, { minLength: 1, maxLength: 2 }),
        ({ denial, snapshot, config, withGetRole }, more) => {
          const { verified } = analyzeSetup(denial, snapshot, { config, withGetRole })
          if (verified?.result.ok !== true) return
          for (const change of verified.result.value.patch.changes) {
            const live: PolicyDocument = { ...change.after, Statement: [...change.after.Statement, ...more] }
            const once = revertChange(change, live)
            if (!once.ok) throw new Error(once.error.message)
            const twice = revertChange(change, once.value)
            expect(twice.ok && canonicalJson(twice.value)).toBe(canonicalJson(once.value))
          }
        },
      ),
      { numRuns: RUNS },
    )
  })
})
