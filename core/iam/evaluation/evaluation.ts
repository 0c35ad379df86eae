/** Input and output of the evaluator. */
import type { Unknown } from '../../base/index.ts'
import type { ContextFacts } from '../conditions/context.ts'
import type { Mismatch } from '../policy/mismatch.ts'
import type { PolicyType, SourcedPolicy } from '../policy/sourced-policy.ts'

/** One request. `principalArn`: the ARN of the user or session. `context`: every known condition key. */
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
  /** Mismatches of the first element that fails; for conditions, all that fail. Empty unless the outcome is `no`. */
  readonly mismatches: readonly Mismatch[]
  /** Unknown condition keys. Empty unless the outcome is `unknown`. */
  readonly unknowns: readonly Unknown[]
}

export type LayerOutcome = {
  readonly type: PolicyType
  /** `not-applicable`: the layer does not apply to this request, such as no boundary set. `unseen`: it could not be read. */
  readonly answer: 'allows' | 'implicit-deny' | 'explicit-deny' | 'unknown' | 'not-applicable' | 'unseen'
  /** The statements about the action. Computed on first access, as are the next two. */
  readonly about: readonly StatementOutcome[]
  /** Every statement of the layer, including those about other actions. */
  readonly statements: readonly StatementOutcome[]
  /** The statements that decide the answer: the denies, the allows, or the unknown ones. */
  readonly deciding: readonly StatementOutcome[]
  /** What could not be read: the whole layer if `unseen`, else some of its policies. */
  readonly unknowns: readonly Unknown[]
}

/** The rules by which AWS refuses regardless of policies. */
export type ServiceRule =
  | 'cross-account-pass-role'
  | 'reserved-role'
  | 'root-cannot-assume'
  | 'federated-user-cannot-assume'

export type Evaluation = {
  readonly answer: Answer
  /** The rule that decides. Null: the policies decide. */
  readonly rule: ServiceRule | null
  /** One per policy type, in the order of AWS's documentation. SCP and RCP combine every level. Computed on first access. */
  readonly layers: readonly LayerOutcome[]
}

/**
 * How IAM decides one action. The evaluator knows no action by name: an action's descriptor brings this.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export type Authorization = {
  /**
   * The policies that must allow it. `identity`: the caller's own. `trust`: only the role's trust policy, because the caller
   * has a token and no AWS identity. `both`: always the two of them. `trust-or-both`: inside one account, a trust policy that
   * names the caller is enough; one that names the account needs an identity policy too.
   */
  readonly sides: 'identity' | 'trust' | 'trust-or-both' | 'both'
  /** Resource control policies cover AWS STS and not IAM. */
  readonly resourceControlPolicies: boolean
  /** What AWS refuses regardless of policies. */
  readonly refusals: readonly ServiceRule[]
}

/** True when the target role's trust policy takes part in the decision. */
export const asksTrust = ({ sides }: Authorization): boolean => sides !== 'identity'
