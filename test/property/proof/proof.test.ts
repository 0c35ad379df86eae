import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { evaluate } from '../../../core/actions/actions.ts'
import type { AccessSnapshot } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../../core/iam/evaluation/evaluation.ts'
import type { ConditionBlock, Statement } from '../../../core/iam/policy/policy-document.ts'
import { changeDigest, type Patch, patchDigest } from '../../../core/patch/patch.ts'
import { applyToSnapshot } from '../../../core/patch/verification/apply-to-snapshot.ts'
import { prove } from '../../../core/patch/verification/containment.ts'
import { DEFAULT_CONFIG } from '../../../functions/domain/config/config.ts'
import { ACCOUNT, NOW_MS } from '../../fixtures/patches.ts'
import { type DiagnosisContext, RUNS, TIMEOUT_MS } from '../generators.ts'
import { outcomeOf } from '../patch-offers.ts'
import { naively } from './naively.ts'
import { controlsOf } from './regression-check.ts'
import { anySetup } from './setups.ts'

vi.setConfig({ testTimeout: TIMEOUT_MS * 4 })

type Outcome = ReturnType<typeof outcomeOf>

const aboutOf = (one: DiagnosisContext, { diagnosis }: Outcome) => ({
  denial: one.denial,
  diagnosis,
  snapshot: one.snapshot,
  config: { ...DEFAULT_CONFIG, ...one.config },
  nowMs: NOW_MS,
})

/** Every control request for which the patch changes the answer of either evaluator. */
function contradictions(patch: Patch, about: ReturnType<typeof aboutOf>): readonly AccessRequest[] {
  return controlsOf(patch, about)
    .filter(({ request, snapshot, changes }) => {
      const after = applyToSnapshot(snapshot, changes)
      if (evaluate(request, snapshot).answer !== evaluate(request, after).answer) return true
      return isNaive(request, snapshot) && naively(request, snapshot) !== naively(request, after)
    })
    .map(({ request }) => request)
}

/** The naive evaluator supports only callers that were read. */
const isNaive = ({ principalArn }: AccessRequest, { caller }: AccessSnapshot): boolean =>
  caller.kind === 'found' && principalArn.startsWith('arn:')

describe('a proof that a patch opens nothing else', () => {
  it('is found for every draft of the generated setups, in every form that a draft has', () => {
    const forms = new Map<string, number>()
    for (const one of fc.sample(anySetup, { numRuns: 500, seed: 2 })) {
      const { patch, verified, refusal } = outcomeOf(one)
      expect(refusal).not.toBe('opens-more')
      if (patch === null || refusal !== null) continue
      const form = `${one.denial.action} ${one.denial.principal.kind} ${patch.changes.map(change => change.target.kind).join('+')}`
      forms.set(form, (forms.get(form) ?? 0) + 1)
      expect(verified?.verification.proof?.outcome).toMatch(/^(nothing-else|others-too)$/)
    }
    expect(forms.size).toBeGreaterThan(15)
  })

  it('is contradicted by no sample', () => {
    fc.assert(
      fc.property(anySetup, one => {
        const outcome = outcomeOf(one)
        if (outcome.patch === null || outcome.refusal !== null) return
        expect(contradictions(outcome.patch, aboutOf(one, outcome))).toEqual([])
      }),
      { numRuns: RUNS },
    )
  })

  it('is contradicted by no sample either where a draft was edited at random', () => {
    let proved = 0
    fc.assert(
      fc.property(anySetup, fc.array(edit, { minLength: 1, maxLength: 2 }), fc.nat(7), (one, edits, at) => {
        const outcome = outcomeOf(one)
        if (outcome.patch === null || outcome.refusal !== null) return
        const about = aboutOf(one, outcome)
        const edited = edits.reduce((patch, change) => editedPatch(patch, change, at), outcome.patch)
        if (prove(edited, about).proof.outcome === 'more') return
        proved += 1
        expect(contradictions(edited, about)).toEqual([])
      }),
      { numRuns: RUNS },
    )
    expect(proved).toBeGreaterThan(RUNS / 20)
  })
})

type Edit = (statement: Statement) => Statement

const KEYS = [
  'iam:PassedToService',
  'aws:PrincipalArn',
  'aws:RequestedRegion',
  'token.actions.githubusercontent.com:sub',
  'token.actions.githubusercontent.com:aud',
  'aws:TagKeys',
]
const VALUES = [
  'ecs-tasks.amazonaws.com',
  'ec2.amazonaws.com',
  'eu-central-1',
  '*',
  'repo:octo-org/shop:ref:refs/heads/main',
  'team',
  `arn:aws:iam::${ACCOUNT}:role/deployer`,
]
const OPERATORS = [
  ...['StringEquals', 'StringLike', 'StringNotEquals', 'StringEqualsIfExists', 'ForAnyValue:StringEquals'],
  ...['ForAllValues:StringEquals', 'ArnLike', 'Null', 'StringEqualsIgnoreCase'],
]
const ROLES = ['orders-task', 'orders', 'reports', '*', 'a'].map(name => `arn:aws:iam::${ACCOUNT}:role/${name}`)

const asList = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

/** Harmless and harmful edits, which the proof must distinguish. */
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...OPERATORS),
      fc.constantFrom(...KEYS),
      fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 2 }),
    )
    .map(
      ([operator, key, values]): Edit =>
        ({ Condition = {}, ...rest }) => ({
          ...rest,
          Condition: {
            ...Condition,
            [operator]: { ...Condition[operator], [key]: operator === 'Null' ? 'false' : values },
          },
        }),
    ),
  fc.constantFrom(...OPERATORS).map(
    (operator): Edit =>
      ({ Condition = {}, ...rest }) => {
        const [first, ...others] = Object.entries(Condition)
        if (first === undefined) return { ...rest, Condition }
        const block: ConditionBlock = { ...Object.fromEntries(others), [operator]: first[1] }
        return { ...rest, Condition: block }
      },
  ),
  fc.constantFrom<Edit>(
    ({ Condition: _, ...rest }) => rest,
    statement => ({ ...statement, Sid: 'Rolemedic12345678' }),
    statement => ({ ...statement, Action: asList(statement.Action).map(action => action.toLowerCase()) }),
    statement => ({ ...statement, Action: [...asList(statement.Action), 'iam:GetRole'] }),
    statement => ({ ...statement, Action: [...asList(statement.Action), 'sts:TagSession'] }),
    statement => ({
      ...statement,
      Condition: { ...statement.Condition, DateLessThan: { 'aws:CurrentTime': '2027-05-05T00:00:00Z' } },
    }),
  ),
  fc.constantFrom(...ROLES).map(
    (arn): Edit =>
      statement =>
        statement.Resource === undefined ? statement : { ...statement, Resource: [...asList(statement.Resource), arn] },
  ),
)

function editedPatch(patch: Patch, change: Edit, at: number): Patch {
  const changes = patch.changes.map(one => {
    const old = new Set((one.before?.Statement ?? []).map(statement => JSON.stringify(statement)))
    const added = one.after.Statement.flatMap((statement, index) => (old.has(JSON.stringify(statement)) ? [] : [index]))
    const chosen = added[at % Math.max(1, added.length)]
    const Statement = one.after.Statement.map((statement, index) => (index === chosen ? change(statement) : statement))
    const edited = { ...one, after: { ...one.after, Statement } }
    return { ...edited, digest: changeDigest(edited) }
  })
  return { changes, digest: patchDigest(changes) }
}
