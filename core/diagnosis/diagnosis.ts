import type { Unknown } from '../base/index.ts'
import type { ServiceEvidence, ServiceValue } from '../denial/index.ts'
import type { ConditionBlock, PolicyType } from '../iam/index.ts'

export const VERDICTS = ['proved', 'likely', 'not-ours', 'not-enough-evidence'] as const
export type Verdict = (typeof VERDICTS)[number]

export const CAUSES = [
  'identity-gap',
  'identity-condition',
  'trust-gap',
  'trust-condition',
  'identity-and-trust-gap',
  'explicit-deny',
  'boundary-gap',
  'session-policy-gap',
  'scp-gap',
  'rcp-gap',
  'vpce-gap',
  'role-not-found',
  'role-name-mismatch',
  'deleted-trust-principal',
  'self-assume',
  'reserved-role',
  'cross-account-pass-role',
  'root-caller',
  'already-allowed',
  'unknown',
] as const
export type Cause = (typeof CAUSES)[number]

export type Evidence = {
  readonly policyType: PolicyType | 'aws'
  readonly policy: string | null
  readonly attachedTo: string | null
  /** Index of the statement in its document, from 0. */
  readonly statement: number | null
  readonly sid: string | null
  readonly finding: string
}

/** Advice that is not a policy change: similar names, how to bootstrap, who to ask. Shown on the card below the cause. */
export type NextStep = { readonly text: string; readonly command: string | null; readonly owner: string | null }

/** Input of the patch: which side lacks what. Present only when a change could help. */
export type Gap =
  | {
      readonly kind: 'identity'
      readonly roles: readonly string[]
      /** The nearest allow's conditions besides the service (MFA, Region, …): a new grant keeps them. */
      readonly under?: ConditionBlock
    }
  | {
      /** An allow exists and lacks one condition value. `wanted`: its current values; `got`: the request's. */
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
  /** The passed role does not trust the service, which is the next failure. */
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
  /** What the call sends as `iam:PassedToService`, as far as it is known. */
  readonly passedService: PassedServiceFinding | null
  /** Present when only the value of `iam:PassedToService` is in doubt: the grant names one ARN, for the guess or for no value. */
  readonly serviceGuessed?: true
  /** Present where a person asked, and nothing else is in doubt but what was taken for something that the text leaves out. */
  readonly onlyTaken?: true
  /** Present when nothing is in doubt but that it happened: a text reports it, and CloudTrail's own record has not come. */
  readonly unconfirmed?: true
}

/** True when a grant may be offered. A `likely` cause needs the configuration's consent, except for a guessed service, for what a person asked about, and for what CloudTrail has to confirm before it is written. */
export function isOffered(diagnosis: Diagnosis, patchLikely: boolean): boolean {
  const { verdict, gaps, serviceGuessed, onlyTaken, unconfirmed } = diagnosis
  const isOnlyDoubt = serviceGuessed === true || onlyTaken === true || unconfirmed === true
  if (gaps.length === 0) return false
  return verdict === 'proved' || (verdict === 'likely' && (patchLikely || isOnlyDoubt))
}

export type PassedServiceFinding = {
  /** Values that a grant must allow, likeliest first; several when the call may send any of them. */
  readonly services: readonly string[]
  /** `decoded`: AWS's own evaluation shows it. `trust` is a guess, and never proved. */
  readonly evidence: 'decoded' | ServiceEvidence
  /** True when the call may send no value: a grant must then apply without one too. */
  readonly mayBeAbsent: boolean
  /** What weaker evidence names instead. */
  readonly disputed: readonly ServiceValue[]
}
