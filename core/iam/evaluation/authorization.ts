import type { ServiceRule } from './evaluation.ts'

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
