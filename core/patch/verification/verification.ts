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
  /** The page that explains it. */
  readonly link?: string
}

export const PROOF_OUTCOMES = ['nothing-else', 'others-too', 'more'] as const
export type Proof = {
  /** `others-too`: nothing else, and that for others as well. `more`: refused, as it opens more or could not be decided. */
  readonly outcome: (typeof PROOF_OUTCOMES)[number]
  /** Whom else it reaches, or what is more; null: nothing else. */
  readonly detail: string | null
}

export type Verification = {
  readonly before: Answer
  readonly after: Answer
  /** Requests that were evaluated without and with the patch, and those that should have kept their answer. */
  readonly controls: { readonly evaluated: number; readonly changed: number }
  readonly risk: Risk
  /** How many people must approve. */
  readonly approvers: number
  readonly guardrails: readonly GuardrailFinding[]
  /** What else the patch opens. Absent in what was stored before there was a proof: only similar requests were evaluated. */
  readonly proof?: Proof
  /** A request whose answer the patch changes although the denial does not need it: shows the reason of a refusal. */
  readonly counterexample: AccessRequest | null
}

/** A patch that was evaluated before and after and passed every guardrail. Only `verify()` creates one. */
export type VerifiedPatch = Brand<{ readonly patch: Patch; readonly verification: Verification }, 'verified'>
