import type { Brand } from '../../base/result.ts'
import type { AccessRequest, Answer } from '../../iam/evaluation/evaluation.ts'
import type { Patch } from '../patch.ts'

export type { Answer } from '../../iam/evaluation/evaluation.ts'
export const RISKS = ['low', 'elevated', 'high'] as const
export type Risk = (typeof RISKS)[number]
export type GuardrailFinding = {
  readonly id: string
  readonly outcome: 'pass' | 'warn' | 'refuse'
  readonly detail: string | null
  /** The page that explains it. */
  readonly link?: string
}

export type Verification = {
  readonly before: Answer
  readonly after: Answer
  readonly controls: { readonly evaluated: number; readonly changed: number }
  readonly risk: Risk
  /** How many people must approve. */
  readonly approvers: number
  readonly guardrails: readonly GuardrailFinding[]
  /** A control request whose answer the patch changes: the reason for a refusal. */
  readonly counterexample: AccessRequest | null
}

/** A patch that was evaluated before and after and passed every guardrail. Only `verify()` creates one. */
export type VerifiedPatch = Brand<{ readonly patch: Patch; readonly verification: Verification }, 'verified'>
