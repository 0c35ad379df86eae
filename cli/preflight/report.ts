/** What all forms of a preflight are written from. */
import type { PolicyChange } from '../../functions/domain/patch/patch.ts'
import type { Verification } from '../../functions/domain/patch/verification/verification.ts'
import type { NeedAnswer } from '../../functions/workflows/deploy/analyze-needs.ts'

export type PreflightReport = {
  readonly principal: { readonly arn: string; readonly from: 'option' | 'template' | 'cdk-manifest' }
  readonly answers: readonly NeedAnswer[]
  /** All needs together, one document a target; then second steps, which nobody needs to be granted. */
  readonly changes: readonly PolicyChange[]
  readonly verification: Verification | null
}
