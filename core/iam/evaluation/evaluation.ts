/** Input and output of the evaluator. */
import type { Unknown } from '../../base/index.ts'
import type { ContextFacts } from '../conditions/context.ts'
import type { Mismatch } from '../policy/mismatch.ts'
import type { PolicyType, SourcedPolicy } from '../policy/policy-document.ts'

/** One request. `principalArn`: the user or session ARN; `context`: every known condition key. */
export type AccessRequest = {
  readonly action: string
  readonly resource: string
  readonly principalArn: string
  /** The role behind the session, with its path; null for users. */
  readonly roleArn: string | null
  readonly context: ContextFacts
}

export const ANSWERS = ['denied', 'allowed', 'unknown'] as const
export type Answer = (typeof ANSWERS)[number]

export type StatementOutcome = {
  readonly policy: SourcedPolicy
  readonly index: number
  readonly sid: string | null
  readonly effect: 'Allow' | 'Deny'
  readonly matches: 'yes' | 'no' | 'unknown'
  /** Mismatches of the first element that fails, with every failed condition. Empty unless `no`. */
  readonly mismatches: readonly Mismatch[]
  /** Unseen condition keys. Empty unless `unknown`. */
  readonly unknowns: readonly Unknown[]
}

export type LayerOutcome = {
  readonly type: PolicyType
  /** `not-applicable`: the layer does not apply to this request, such as no boundary set. `unseen`: it could not be read. */
  readonly answer: 'allows' | 'implicit-deny' | 'explicit-deny' | 'unknown' | 'not-applicable' | 'unseen'
  /** The statements about the action. Explained when first read, as are the next two. */
  readonly about: readonly StatementOutcome[]
  /** Every statement of the layer, also those about other actions. */
  readonly statements: readonly StatementOutcome[]
  /** The statements that decide the answer: the denies, the allows, or the unknown ones. */
  readonly deciding: readonly StatementOutcome[]
  /** For `unseen`, and for policies of the layer that could not be read. */
  readonly unknowns: readonly Unknown[]
}

/** What AWS refuses regardless of policies. */
export type ServiceRule = 'cross-account-pass-role' | 'reserved-role' | 'root-cannot-assume'

export type Evaluation = {
  readonly answer: Answer
  /** Null: the policies decide. */
  readonly rule: ServiceRule | null
  /** One per policy type, in the order of AWS's documentation. SCP and RCP hold every level. Worked out when it is first read. */
  readonly layers: readonly LayerOutcome[]
}
