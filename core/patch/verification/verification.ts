import type { Brand } from '../../base/index.ts'
import type { AccessRequest, Answer } from '../../iam/index.ts'
import type { Patch } from '../patch.ts'

export type { Answer } from '../../iam/index.ts'
export const RISKS = ['low', 'elevated', 'high'] as const
export type Risk = (typeof RISKS)[number]
export type GuardrailFinding = {
  readonly id: string
  readonly outcome: 'pass' | 'warn' | 'refuse'
  readonly detail: string | null
  /** The page that explains the finding. */
  readonly link?: string
}

export const PROOF_OUTCOMES = ['nothing-else', 'others-too', 'more'] as const
export type Proof = {
  /** `others-too`: nothing else, but for other principals too. `more`: refused, because it opens more or cannot be decided. */
  readonly outcome: (typeof PROOF_OUTCOMES)[number]
  /** Which other principals it affects, or what is more. Null: nothing else. */
  readonly detail: string | null
}

export type Verification = {
  readonly before: Answer
  readonly after: Answer
  /** The numbers of requests evaluated without and with the patch, and of those whose answer should not have changed but did. */
  readonly controls: { readonly evaluated: number; readonly changed: number }
  readonly risk: Risk
  /** How many people must approve. */
  readonly approvers: number
  readonly guardrails: readonly GuardrailFinding[]
  /** What else the patch opens. Absent in verifications stored before there were proofs, which evaluated only similar requests. */
  readonly proof?: Proof
  /** A request whose answer the patch changes although the denial does not need it: the reason for a refusal. */
  readonly counterexample: AccessRequest | null
}

/** A patch that was evaluated before and after and that passed every guardrail. Only `verify()` creates one. */
export type VerifiedPatch = Brand<{ readonly patch: Patch; readonly verification: Verification }, 'verified'>
