/** The data for all output formats of a preflight. */
import type { PolicyChange, Verification } from '../../../core/patch/index.ts'
import type { NeedAnswer } from '../../../functions/workflows/index.ts'

export type PreflightReport = {
  readonly principal: { readonly arn: string; readonly from: 'option' | 'template' | 'cdk-manifest' }
  readonly answers: readonly NeedAnswer[]
  /** The changes for all needs, one document per target. */
  readonly changes: readonly PolicyChange[]
  readonly verification: Verification | null
  /** What was not read, each with its place. Its needs are unknown. */
  readonly unread: readonly string[]
}
