import type { Unknown } from '../base/fact.ts'
import type { ServiceValue } from '../denial/denial.ts'
import type { Evidence as ServiceEvidence } from '../denial/passed-service/service-facts.ts'
import type { ConditionBlock, PolicyType } from '../iam/policy/policy-document.ts'

export type Verdict = 'proved' | 'likely' | 'not-ours' | 'not-enough-evidence'

export type Cause =
  | 'identity-gap'
  | 'identity-condition'
  | 'trust-gap'
  | 'trust-condition'
  | 'identity-and-trust-gap'
  | 'explicit-deny'
  | 'boundary-gap'
  | 'session-policy-gap'
  | 'scp-gap'
  | 'rcp-gap'
  | 'vpce-gap'
  | 'role-not-found'
  | 'role-name-mismatch'
  | 'deleted-trust-principal'
  | 'self-assume'
  | 'reserved-role'
  | 'cross-account-pass-role'
  | 'root-caller'
  | 'already-allowed'
  | 'unknown'

export type Evidence = {
  readonly policyType: PolicyType | 'aws'
  readonly policy: string | null
  readonly attachedTo: string | null
  /** Index of the statement in its document, from 0. */
  readonly statement: number | null
  readonly sid: string | null
  readonly finding: string
}

/** Advice that is not a policy change: near names, how to bootstrap, whom to ask. Shown on the card below the cause. */
export type NextStep = { readonly text: string; readonly command: string | null; readonly owner: string | null }

/** What the patch will be built from: the side that lacks something, and exactly what. Present only when a change could help. */
export type Gap =
  | {
      readonly kind: 'identity'
      readonly roles: readonly string[]
      /** What the nearest allow asks for beside the service (MFA, Region, …): a grant next to it asks for the same. */
      readonly under?: ConditionBlock
    }
  | {
      /** An allow exists and one condition value is missing. `wanted` are its present values, `got` is the request's. */
      readonly kind: 'identity-condition'
      readonly policy: string
      readonly policyArn: string | null
      readonly attachedTo: string
      readonly statement: number
      readonly operator: string
      readonly key: string
      readonly wanted: readonly string[]
      readonly got: string
    }
  | { readonly kind: 'trust'; readonly role: string }
  | {
      readonly kind: 'trust-condition'
      readonly role: string
      readonly statement: number
      readonly operator: string
      readonly key: string
      readonly wanted: readonly string[]
      readonly got: string
    }
  /** The passed role does not trust the service: the failure that comes next. */
  | { readonly kind: 'service-trust'; readonly role: string; readonly service: string }

export type Diagnosis = {
  readonly verdict: Verdict
  readonly cause: Cause
  /** One sentence for a person. Contains outside text: escape where shown. */
  readonly summary: string
  readonly evidence: readonly Evidence[]
  readonly unknowns: readonly Unknown[]
  readonly gaps: readonly Gap[]
  readonly nextSteps: readonly NextStep[]
  /** What the call sends as `iam:PassedToService`, as far as it could be settled. */
  readonly passedService: PassedServiceFinding | null
  /** Present where nothing but the value of `iam:PassedToService` is in doubt: one ARN, granted for the guess or for no value. */
  readonly serviceGuessed?: true
}

/** A grant may be offered: what is likely only where the configuration says so, but for a guessed service. */
export function isOffered({ verdict, gaps, serviceGuessed }: Diagnosis, patchLikely: boolean): boolean {
  if (gaps.length === 0) return false
  return verdict === 'proved' || (verdict === 'likely' && (patchLikely || serviceGuessed === true))
}

export type PassedServiceFinding = {
  /** Values that a grant must let through, likeliest first; several where the call may send any of them. */
  readonly services: readonly string[]
  /** `decoded`: AWS's own evaluation shows it. `trust` is a guess, and never proved. */
  readonly evidence: 'decoded' | ServiceEvidence
  /** True where the call may send no value, so that a grant has to hold without one as well. */
  readonly mayBeAbsent: boolean
  /** What weaker evidence names instead. */
  readonly disputed: readonly ServiceValue[]
}
