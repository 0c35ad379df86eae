/** The data for all output formats of a preflight. */
import type { PolicyChange } from '../../functions/domain/patch/patch.ts'
import type { Verification } from '../../functions/domain/patch/verification/verification.ts'
import type { NeedAnswer } from '../../functions/workflows/deploy/analyze-needs.ts'

export type PreflightReport = {
  readonly principal: { readonly arn: string; readonly from: 'option' | 'template' | 'cdk-manifest' }
  readonly answers: readonly NeedAnswer[]
  /** All needs together, one document per target, then optional follow-up steps. */
  readonly changes: readonly PolicyChange[]
  readonly verification: Verification | null
}
