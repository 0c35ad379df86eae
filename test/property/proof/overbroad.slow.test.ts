import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { requestOf } from '../../../core/access/access-request.ts'
import { asksTrustPolicy, evaluate } from '../../../core/actions/actions.ts'
import { canonicalJson } from '../../../core/base/canonical-json.ts'
import type { AccessSnapshot } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../../core/iam/evaluation/evaluation.ts'
import type { PolicyDocument, Statement } from '../../../core/iam/policy/policy-document.ts'
import { changesTrust, type Patch, type PolicyChange } from '../../../core/patch/patch.ts'
import { documentAt } from '../../../core/patch/verification/apply-to-snapshot.ts'
import { prove } from '../../../core/patch/verification/containment.ts'
import { openedWith, verify } from '../../../core/patch/verification/verify.ts'
import { configSchema, DEFAULT_CONFIG } from '../../../functions/domain/config/config.ts'
import { analyzeCase, CASE_FILES, caseFile, inputOf } from '../../case-run.ts'
import {
  allow,
  aloneWith,
  document,
  identity,
  inline,
  NOW_MS,
  role,
  trusting,
  snapshot as world,
} from '../../fixtures/patches.ts'
import { type DiagnosisContext, RUNS, TIMEOUT_MS } from '../generators.ts'
import { outcomeOf } from '../patch-offers.ts'
import { openedBy } from './every-request.ts'
import { naively } from './naively.ts'
import { type Overbroad, overbroadPatches } from './overbroad-patches.ts'
import { changedControls } from './regression-check.ts'
import { anySetup } from './setups.ts'

vi.setConfig({ testTimeout: TIMEOUT_MS * 4 })

/** The number of widenings tried per drafted patch. */
const TRIED = 3
/** A long run tries every case, a short one some of them. */
const CASE_SHARE = RUNS < 1_000 ? 7 : 1
const CASES_AT_MS = Date.parse('2026-11-24T22:00:00Z')
/** A few thousand patches contain each kind often enough. Each is searched for a counterexample. */
const MOST = 2_000

type Tried = {
  readonly one: DiagnosisContext
  readonly wide: Overbroad
  readonly diagnosis: ReturnType<typeof outcomeOf>['diagnosis']
}

/** With the number of the first widening to try. */
const tried = fc.tuple(anySetup, fc.nat(10_000)).map(([one, start]): readonly Tried[] => {
  const { patch, refusal, diagnosis } = outcomeOf(one)
  if (patch === null || refusal !== null) return []
  const all = overbroadPatches(patch, one.snapshot)
  return Array.from({ length: TRIED }, (_, at) => all[(start + at * 7) % all.length])
    .filter(wide => wide !== undefined)
    .map(wide => ({ one, wide, diagnosis }))
})

const aboutOf = ({ one, wide, diagnosis }: Tried) => ({
  denial: one.denial,
  diagnosis,
  snapshot: wide.snapshot,
  config: { ...DEFAULT_CONFIG, ...one.config },
  nowMs: NOW_MS,
})

describe('a patch that allows more than its denial needs', () => {
  it('is made in every kind', () => {
    const kinds = new Map<string, number>()
    for (const one of fc.sample(anySetup, { numRuns: 300, seed: 1 })) {
      const { patch, refusal } = outcomeOf(one)
      if (patch === null || refusal !== null) continue
      for (const { kind } of overbroadPatches(patch, one.snapshot)) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    }
    expect(kinds.size).toBeGreaterThan(45)
    expect(Math.min(...kinds.values())).toBeGreaterThan(3)
  })

  it('is never proved and never verified, and a request shows it', () => {
    let shown = 0
    fc.assert(
      fc.property(tried, all => {
        for (const one of all) {
          const about = aboutOf(one)
          const { patch, kind } = one.wide
          const { proof, counterexample, unclear } = prove(patch, about)
          const request = counterexample ?? unclear
          expect({ kind, outcome: proof.outcome }).toEqual({ kind, outcome: 'more' })
          expect(proof.detail).toMatch(/^\S.*\S$/)
          const { result } = verify(patch, { ...about, opened: openedWith(patch, about, aloneWith(about.snapshot)) })
          // If the widened change is not needed, the patch without it may be verified instead.
          const left = result.ok ? result.value.patch : null
          expect({ kind, isLeft: left?.changes.some(isEdited(one.wide)) ?? false }).toEqual({ kind, isLeft: false })
          const isMore = left !== null && prove(left, about).proof.outcome === 'more'
          expect({ kind, isMore }).toEqual({ kind, isMore: false })
          shown += request === null ? 0 : 1
          // The widening allows what the same document already allows, or is refused only for its form.
          if (request === null) {
            expect({ kind, changed: changedControls(patch, about) }).toEqual({ kind, changed: [] })
            expect({ kind, opened: openedByIt(one) }).toEqual({ kind, opened: null })
          }
          // The naive evaluator does not parse seconds since 1970.
          else if (kind !== 'an end that nobody can read')
            expect({
              kind,
              request,
              differs: differs(request, patch, about.snapshot, counterexample === null),
            }).toMatchObject({ differs: true })
        }
      }),
      { numRuns: Math.min(RUNS, MOST) },
    )
    expect(shown).toBeGreaterThan(Math.min(RUNS / 2, 1_000))
  })
})

describe('the changes of the cases', () => {
  it('are proved as they are, and never when they are widened', async () => {
    const cases = CASE_FILES.flatMap(file =>
      caseFile(file).cases.map(one => ({ one, input: inputOf(caseFile(file), one) })),
    )
    let widened = 0
    for (const { one, input } of cases.filter((_, at) => at % CASE_SHARE === 0)) {
      const { denial, diagnosis, snapshot, patch } = await analyzeCase(input)
      if (patch === null) continue
      const config = configSchema.parse(one.config ?? {})
      const proofOf = (wide: Pick<Overbroad, 'patch' | 'snapshot'>) =>
        prove(wide.patch, { denial, diagnosis, snapshot: wide.snapshot, config, nowMs: CASES_AT_MS }).proof.outcome
      expect({ case: one.name, proof: proofOf({ patch, snapshot }) }).not.toMatchObject({ proof: 'more' })
      for (const wide of overbroadPatches(patch, snapshot)) {
        widened += 1
        expect({ case: one.name, kind: wide.kind, proof: proofOf(wide) }).toMatchObject({ proof: 'more' })
      }
    }
    expect(widened).toBeGreaterThan(500)
  })
})

const isEdited =
  ({ edited }: Overbroad) =>
  ({ target, after }: PolicyChange): boolean =>
    canonicalJson([target, after]) === canonicalJson([edited.target, edited.after])

/** A request that it allows and the draft does not. */
function openedByIt({ one, wide }: Tried): AccessRequest | null {
  const { drafted, edited } = wide
  const trusted = changesTrust(edited) ? edited.target.arn : null
  return openedBy({ narrow: drafted.after, wide: edited.after }, requestOf(one.denial), trusted)
}

/** True when the changed document alone changes the answer to the request. Uses the naive evaluator if it supports the caller. */
function differs(request: AccessRequest, { changes }: Patch, snapshot: AccessSnapshot, isUnclear: boolean): boolean {
  const arn = request.roleArn ?? request.principalArn
  const isEntity = arn.startsWith('arn:') && /:(role|user)\//.test(arn)
  const isInOneAccount = request.resource.split(':')[4] === arn.split(':')[4]
  const isNaive = isEntity && (isInOneAccount || asksTrustPolicy(request.action, request.resource))
  return changes.some(change => {
    const before = documentAt(snapshot, change.target) ?? { Version: '2012-10-17', Statement: [] }
    return [[], [changesTrust(change) ? EVERYBODY : EVERYTHING]].some(more => {
      const seen = (document: PolicyDocument): AccessSnapshot => {
        const { Version = '2008-10-17', Statement } = document
        const whole = { Version, Statement: [...Statement, ...more] }
        const policy = { ...inline(arn, 'p'), document: changesTrust(change) ? openDocument : whole }
        const root = { AWS: `arn:aws:iam::${arn.split(':')[4]}:root` }
        const trust = changesTrust(change) ? whole : trusting(root, { Action: 'sts:*' })
        return world(isEntity ? identity(arn, [policy]) : null, [role(request.resource, trust)])
      }
      const [old, next] = [seen(before), seen(change.after)]
      const answers = [evaluate(request, old).answer, evaluate(request, next).answer]
      if (answers[0] === answers[1]) return false
      if (answers.includes('unknown')) return isUnclear
      return !isNaive || naively(request, old) !== naively(request, next)
    })
  })
}

const EVERYTHING: Statement = allow('*', '*')
const EVERYBODY: Statement = { Effect: 'Allow', Principal: '*', Action: 'sts:*' }
const openDocument = document(EVERYTHING)
