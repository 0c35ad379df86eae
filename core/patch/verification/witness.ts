/**
 * Finds a request that shows what a part of a change opens or removes: the changed document answers it differently than before,
 * and the denial does not need that. Evaluates only that document, so that no guardrail hides the difference. Runs only when
 * the proof has failed. Unknown facts get a value, so that both answers are known if possible.
 */

import { descriptorOf, evaluate, isWithinTheCall } from '../../actions/index.ts'
import {
  ABSENT_KEY,
  type AccessRequest,
  compileConditions,
  contextFact,
  type Evaluation,
  meetsConditions,
  type PolicyDocument,
  present,
  quietScope,
  type Statement,
} from '../../iam/index.ts'
import { changesTrust } from '../patch.ts'
import { applyToSnapshot } from './apply-to-snapshot.ts'
import type { ConditionTest } from './condition-tests.ts'
import type { Changed, Part } from './delta.ts'
import { isHeld, type Needs, type VerificationInput } from './needs.ts'
import { type Candidate, identityCandidates, SOME, trustCandidates } from './witness-requests.ts'

/** A refusal may take time, but must end. */
const MAX_EVALUATED = 2_000

export type CounterexampleSearch = {
  readonly counterexample: AccessRequest | null
  /** A request whose answer is known either without or with the change: it shows that something changes, not what. */
  readonly unclear: AccessRequest | null
  readonly evaluated: number
}

/** `demanded`: the tests of the requests that the part was allowed to open. */
export function witnessOf(
  part: Part,
  demanded: readonly ConditionTest[],
  needs: Needs,
  known: VerificationInput,
): CounterexampleSearch {
  const { change } = part
  // If the whole document is undecided, any of its statements may provide a counterexample.
  const statements = part.statement === null ? statementsOf(change) : [part.statement]
  const isToken = descriptorOf(known.denial.action).caller !== 'principal'
  let evaluated = 0
  let unclear: AccessRequest | null = null
  for (const statement of statements) {
    // The effect of a Deny shows only where something allows the request.
    const shown = statement.Effect === 'Deny' ? opened(change) : change
    const candidates = changesTrust(change)
      ? trustCandidates(shown, statement, demanded, needs, known)
      : identityCandidates(shown, statement, needs, known)
    for (const candidate of candidates) {
      if (evaluated >= MAX_EVALUATED) return { counterexample: null, unclear, evaluated }
      const patched = applyToSnapshot(candidate.seen, [shown])
      const pending = [candidate.request]
      for (const [at, request] of pending.entries()) {
        evaluated += 1
        const [before, after] = [evaluate(request, candidate.seen), evaluate(request, patched)]
        const isUnknown = before.answer === 'unknown' || after.answer === 'unknown'
        if (isUnknown && at < SETTLED_AGAIN) pending.push(...settled(request, [before, after]))
        // A removed permission counts only if somebody needs it.
        const isShown =
          before.answer !== after.answer &&
          (after.answer === 'denied' || !isNeeded({ ...candidate, request }, change, demanded, needs, isToken))
        if (isShown && !isUnknown) return { counterexample: request, unclear: null, evaluated }
        if (isShown) unclear ??= request
      }
    }
  }
  return { counterexample: null, unclear, evaluated }
}

/** One unknown fact may hide the next, so a request is evaluated in at most seven forms. */
const SETTLED_AGAIN = 3

/** The request with a value for each key that the evaluation lacks, and without these keys. AWS can receive both. */
function settled(request: AccessRequest, evaluations: readonly Evaluation[]): readonly AccessRequest[] {
  const outcomes = evaluations.flatMap(({ layers }) => layers).flatMap(({ statements }) => statements)
  const keys = outcomes.flatMap(({ unknowns }) => unknowns).map(({ fact }) => fact.toLowerCase())
  const unseen = new Set(keys.filter(key => KEY.test(key) && !Object.hasOwn(request.context, key)))
  if (unseen.size === 0) return []
  return [present(SOME), ABSENT_KEY].map(fact => ({
    ...request,
    context: { ...request.context, ...Object.fromEntries([...unseen].map(key => [key, fact])) },
  }))
}

const KEY = /^[a-z0-9.-]+:[^\s]+$/

const statementsOf = ({ before, after }: Changed): readonly Statement[] => [
  ...after.Statement,
  ...(before?.Statement ?? []),
]

function isNeeded(
  { request, isCaller }: Candidate,
  change: Changed,
  demanded: readonly ConditionTest[],
  { action, alsoMeant, roles }: Needs,
  isToken: boolean,
): boolean {
  if (!isCaller) return false
  const asked = request.action.toLowerCase()
  const isDenied = asked === action || (isToken && isWithinTheCall(asked))
  if (changesTrust(change)) {
    const role = roles.find(({ arn }) => arn === change.target.arn)
    return isDenied && role !== undefined && passes(request, [...demanded, ...role.tests])
  }
  if (!isDenied && !alsoMeant.includes(asked)) return false
  return roles.some(
    ({ arn, sets, tests, owners }) =>
      (arn === request.resource || sets.some(set => isHeld(request.resource, set))) &&
      passes(request, isDenied ? [...tests, ...owners] : owners),
  )
}

function passes({ context }: AccessRequest, tests: readonly ConditionTest[]): boolean {
  const fact = (key: string) => contextFact(context, key)
  const compiled = tests.flatMap(({ operator, key, values }) =>
    compileConditions({ [operator]: { [key]: values } }, true),
  )
  return meetsConditions(compiled, { fact, quiet: quietScope(fact) }, null) !== 'no'
}

const EVERYTHING: Statement = { Effect: 'Allow', Action: '*', Resource: '*' }
const EVERYBODY: Statement = { Effect: 'Allow', Principal: '*', Action: 'sts:*' }

function opened(change: Changed): Changed {
  const more = changesTrust(change) ? EVERYBODY : EVERYTHING
  const withMore = (document: PolicyDocument): PolicyDocument => ({
    ...document,
    Statement: [...document.Statement, more],
  })
  const before = change.before ?? { Version: '2012-10-17', Statement: [] }
  return { ...change, before: withMore(before), after: withMore(change.after) }
}
