import type { Unknown } from '../../base/index.ts'
import type { Cause, Evidence, Gap, NextStep } from '../diagnosis.ts'

/** What one side lacks: the caller's identity policies, or the role's trust policy. */
export type Side = {
  readonly cause: Extract<
    Cause,
    'identity-gap' | 'identity-condition' | 'trust-gap' | 'trust-condition' | 'deleted-trust-principal'
  >
  /** A clause of the summary sentence. */
  readonly finding: string
  readonly evidence: readonly Evidence[]
  readonly gaps: readonly Gap[]
  readonly nextSteps: readonly NextStep[]
  /** Unknown facts that decide this side. */
  readonly uncertain: readonly Unknown[]
  /** True when the statement requires MFA, which only its owner may change. */
  readonly needsMfa: boolean
}
