import type { Unknown } from '../../base/fact.ts'
import type { Cause, Evidence, Gap, NextStep } from '../diagnosis.ts'

/** What one side, the caller's identity policies or the role's trust policy, lacks. */
export type Side = {
  readonly cause: Extract<
    Cause,
    'identity-gap' | 'identity-condition' | 'trust-gap' | 'trust-condition' | 'deleted-trust-principal'
  >
  /** A clause for the summary. */
  readonly finding: string
  readonly evidence: readonly Evidence[]
  readonly gaps: readonly Gap[]
  readonly nextSteps: readonly NextStep[]
  /** Facts that decide this side and could not be seen. */
  readonly uncertain: readonly Unknown[]
  /** A guard of somebody else (MFA) decides. */
  readonly needsMfa: boolean
}
