/** The outcome of one policy type for a request: the answer at once, the reasons on demand. */

import { memoize, once, type Unknown } from '../../base/index.ts'
import type { Truth } from '../conditions/truth.ts'
import type { PolicyType, SourcedPolicy } from '../policy/sourced-policy.ts'
import type { GuardrailLevel } from './access-snapshot.ts'
import type { LayerOutcome, StatementOutcome } from './evaluation.ts'
import {
  allOutcomes,
  type MatchedStatement,
  matchedIn,
  outcomesAboutAction,
  type ResolvedRequest,
} from './statement-match.ts'

type Answer = LayerOutcome['answer']

/** One policy type, as the evaluation uses it. */
export type Layer = {
  readonly type: PolicyType
  readonly answer: Answer
  /** Statements that apply or may apply. */
  readonly matched: readonly MatchedStatement[]
  /** What could not be read: the whole layer if `unseen`, else some of its policies. */
  readonly unknowns: readonly Unknown[]
  /** Every statement with what it lacks. */
  readonly explain: () => LayerOutcome
}

/** `unseen`: policies of this layer that could not be read. Each may allow or deny. */
export function evaluateLayer(
  type: PolicyType,
  policies: readonly SourcedPolicy[],
  resolved: ResolvedRequest,
  unseen: readonly Unknown[] = [],
): Layer {
  const matched = matchedIn(type, policies, resolved)
  const answer = answerOf(matched, unseen.length > 0)
  const explain = (): LayerOutcome => {
    const ofPolicies = once(() => outcomesAboutAction(type, policies, resolved))
    return new Explained(type, answer, unseen, {
      about: () => ofPolicies().flatMap(({ about }) => about),
      statements: () => ofPolicies().flatMap(({ policy, about }) => allOutcomes(policy, about)),
      deciding: about => decidingIn(about, answer),
    })
  }
  return { type, answer, matched, unknowns: unseen, explain }
}

type Parts = {
  readonly about: () => readonly StatementOutcome[]
  readonly statements: () => readonly StatementOutcome[]
  readonly deciding: (about: readonly StatementOutcome[]) => readonly StatementOutcome[]
}

/** Explains statements on first access, because most evaluations need only their answer. */
class Explained implements LayerOutcome {
  readonly type: PolicyType
  readonly answer: Answer
  readonly unknowns: readonly Unknown[]
  readonly #parts: Parts
  #about: readonly StatementOutcome[] | null = null
  #statements: readonly StatementOutcome[] | null = null
  #deciding: readonly StatementOutcome[] | null = null

  constructor(type: PolicyType, answer: Answer, unknowns: readonly Unknown[], parts: Parts) {
    this.type = type
    this.answer = answer
    this.unknowns = unknowns
    this.#parts = parts
  }

  get about(): readonly StatementOutcome[] {
    this.#about ??= this.#parts.about()
    return this.#about
  }

  get statements(): readonly StatementOutcome[] {
    this.#statements ??= this.#parts.statements()
    return this.#statements
  }

  get deciding(): readonly StatementOutcome[] {
    this.#deciding ??= this.#parts.deciding(this.about)
    return this.#deciding
  }
}

/**
 * Every level must allow. An empty level is ignored: AWS keeps at least one policy attached to each.
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
 */
export function evaluateLevels(
  type: 'scp' | 'rcp',
  levels: readonly GuardrailLevel[],
  resolved: ResolvedRequest,
): Layer {
  const outcomes = levels
    .filter(level => level.policies.length > 0)
    .map(level => {
      const layer = evaluateLayer(type, level.policies, resolved)
      return type === 'rcp' ? withFullAccess(layer, level.policies) : layer
    })
  const answer = (['explicit-deny', 'implicit-deny', 'unknown'] as const).find(one =>
    outcomes.some(level => level.answer === one),
  )
  const whole = answer ?? 'allows'
  const explain = (): LayerOutcome => {
    const explained = outcomes.map(one => one.explain())
    const deciding = explained.filter(one => answer === undefined || one.answer === answer)
    return new Explained(type, whole, [], {
      about: () => explained.flatMap(one => one.about),
      statements: () => explained.flatMap(one => one.statements),
      deciding: () => deciding.flatMap(one => one.deciding),
    })
  }
  return { type, answer: whole, matched: outcomes.flatMap(level => level.matched), unknowns: [], explain }
}

/**
 * `RCPFullAWSAccess` cannot be detached, so a level that lists only Deny statements allows everything that they do not deny.
 */
function withFullAccess(layer: Layer, policies: readonly SourcedPolicy[]): Layer {
  const onlyDenies = policies.every(({ document }) => document.Statement.every(({ Effect }) => Effect === 'Deny'))
  if (!onlyDenies || layer.answer !== 'implicit-deny') return layer
  const answer = layer.matched.length === 0 ? 'allows' : 'unknown'
  const explain = (): LayerOutcome => {
    const explained = layer.explain()
    return new Explained(layer.type, answer, explained.unknowns, {
      about: () => explained.about,
      statements: () => explained.statements,
      deciding: about => about.filter(({ matches }) => matches === 'unknown'),
    })
  }
  return { ...layer, answer, explain }
}

export const notApplicable: (type: PolicyType) => Layer = memoize(type => withoutStatements(type, 'not-applicable'))

export const unseenLayer = (type: PolicyType, fact: string, why: string): Layer =>
  withoutStatements(type, 'unseen', [{ fact, why }])

/** The layer of an entity that does not exist: it allows nothing. */
export const emptyLayer: (type: PolicyType) => Layer = memoize(type => withoutStatements(type, 'implicit-deny'))

function withoutStatements(type: PolicyType, answer: Answer, unknowns: readonly Unknown[] = []): Layer {
  const explain = (): LayerOutcome => ({ type, answer, about: [], statements: [], deciding: [], unknowns })
  return { type, answer, matched: NO_STATEMENTS, unknowns, explain }
}

const NO_STATEMENTS: readonly MatchedStatement[] = []

/** Whether no statement of the layer denies. */
export function hasNoDeny({ matched, unknowns }: Layer): Truth {
  const denies = matched.filter(({ compiled }) => compiled.statement.Effect === 'Deny')
  if (denies.some(({ truth }) => truth === 'yes')) return 'no'
  return denies.length > 0 || unknowns.length > 0 ? 'unknown' : 'yes'
}

function answerOf(matched: readonly MatchedStatement[], someUnseen: boolean): Answer {
  const some = (effect: 'Allow' | 'Deny', wanted: 'yes' | 'unknown') =>
    matched.some(({ compiled, truth }) => compiled.statement.Effect === effect && truth === wanted)
  if (matched.length === 0) return someUnseen ? 'unknown' : 'implicit-deny'
  if (some('Deny', 'yes')) return 'explicit-deny'
  if (some('Allow', 'yes')) return some('Deny', 'unknown') || someUnseen ? 'unknown' : 'allows'
  return some('Allow', 'unknown') || someUnseen ? 'unknown' : 'implicit-deny'
}

function decidingIn(statements: readonly StatementOutcome[], answer: Answer): readonly StatementOutcome[] {
  const which = (effect: 'Allow' | 'Deny', matches: 'yes' | 'unknown') =>
    statements.filter(statement => statement.effect === effect && statement.matches === matches)
  switch (answer) {
    case 'explicit-deny':
      return which('Deny', 'yes')
    case 'allows':
      return which('Allow', 'yes')
    case 'unknown': {
      const mayDeny = which('Deny', 'unknown')
      return which('Allow', 'yes').length > 0 ? mayDeny : [...mayDeny, ...which('Allow', 'unknown')]
    }
    default:
      return []
  }
}
