/** Patches that are offered for generated setups, and their effects. */
import fc from 'fast-check'
import type { AccessSnapshot } from '../../core/iam/evaluation/access-snapshot.ts'
import {
  type ConditionValue,
  list,
  type PolicyDocument,
  type Statement,
} from '../../core/iam/policy/policy-document.ts'
import { analyzeSetup, type Outcome } from '../fixtures/patches.ts'
import { type DiagnosisContext, RUNS, setup } from './generators.ts'

export const outcomeOf = ({ denial, snapshot, config, withGetRole }: DiagnosisContext): Outcome =>
  analyzeSetup(denial, snapshot, { config, withGetRole })

/** Every setup whose patch is offered. */
export function offers(
  check: (setup: DiagnosisContext, outcome: Outcome, patch: NonNullable<Outcome['patch']>) => void,
): void {
  fc.assert(
    fc.property(setup, one => {
      const outcome = outcomeOf(one)
      if (outcome.patch !== null && outcome.refusal === null) check(one, outcome, outcome.patch)
    }),
    { numRuns: RUNS },
  )
}

export const added = (before: PolicyDocument | null, after: PolicyDocument): readonly Statement[] => {
  const old = (before?.Statement ?? []).map(statement => JSON.stringify(statement))
  return after.Statement.filter(statement => !old.includes(JSON.stringify(statement)))
}

/** In the policies of the caller and in the trust policies. */
const statementsOf = ({ caller, targets }: AccessSnapshot): readonly Statement[] =>
  [
    ...(caller.kind === 'found' ? caller.value.policies.map(policy => policy.document) : []),
    ...targets.flatMap(({ role }) => (role.kind === 'found' && role.value.trust.known ? [role.value.trust.value] : [])),
  ].flatMap(document => document.Statement)

export const statementsIn = (seen: AccessSnapshot): number => statementsOf(seen).length

export function valuesIn(seen: AccessSnapshot): number {
  const keys = statementsOf(seen).flatMap(({ Condition }) => Object.values(Condition ?? {}))
  return keys.flatMap(one => Object.values<ConditionValue>(one).flatMap(value => [...list(value)])).length
}

/** The keys of conditions and variables, in lower case. */
export function keysAskedFor(seen: AccessSnapshot): readonly string[] {
  const blocks = statementsOf(seen).flatMap(({ Condition }) => Object.values(Condition ?? {}))
  const variables = [...JSON.stringify(statementsOf(seen)).matchAll(/\$\{([\w:/-]+)/g)].map(([, key = '']) => key)
  return [...blocks.flatMap(keys => Object.keys(keys)), ...variables].map(key => key.toLowerCase())
}
