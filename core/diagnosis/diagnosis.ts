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
  'transient',
  'unknown',
] as const
export type Cause = (typeof CAUSES)[number]

/** What the call sends, or when it is made, decides these. A denial shows little of it. */
export const isConditionCause = (cause: Cause): boolean => cause === 'identity-condition' || cause === 'trust-condition'

export type Evidence = {
  readonly policyType: PolicyType | 'aws'
  readonly policy: string | null
  readonly attachedTo: string | null
  /** The index of the statement in its document, from 0. */
  readonly statement: number | null
  readonly sid: string | null
  readonly finding: string
}

/** Advice other than a policy change: similar names, how to bootstrap, who to ask. The card shows it below the cause. */
export type NextStep = { readonly text: string; readonly command: string | null; readonly owner: string | null }

/** What one side lacks: the input of a patch. Present only if a change can help. */
export type Gap =
  | {
      readonly kind: 'identity'
      readonly roles: readonly string[]
      /** The conditions of the nearest allow besides the service (MFA, Region, …). A new grant keeps them. */
      readonly under?: ConditionBlock
    }
  | {
      /** An allow exists but lacks one condition value. `wanted`: its current values. `got`: the values of the request. */
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
  /** The passed role does not trust the service, so the call would fail next for this reason. */
  | { readonly kind: 'service-trust'; readonly role: string; readonly service: string }

export type Diagnosis = {
  readonly verdict: Verdict
  readonly cause: Cause
  /** One sentence for a person. Contains outside text: escape it where it is shown. */
  readonly summary: string
  readonly evidence: readonly Evidence[]
  readonly unknowns: readonly Unknown[]
  readonly gaps: readonly Gap[]
  readonly nextSteps: readonly NextStep[]
  /** What the call sends as `iam:PassedToService`, if it is known. */
  readonly passedService: PassedServiceFinding | null
  /** Present when only the value of `iam:PassedToService` is in doubt. The grant then names one ARN, for the guess or for no value. */
  readonly serviceGuessed?: true
  /** Present when a person asked and only an assumption about something that the text omits is in doubt. */
  readonly onlyTaken?: true
  /** Present when only the event itself is in doubt: a text reports it, and CloudTrail's record has not arrived. */
  readonly unconfirmed?: true
  /** The ARN of the passed role of a gap, if the role does not exist any more. A gap with it has no patch. */
  readonly roleGone?: string
  /** Present for a cause beside a success: the call worked later, so that nothing is offered. */
  readonly solved?: 'time' | 'change'
}

/**
 * True when a grant may be offered. A `likely` cause needs the consent of the configuration, except for a guessed service, for
 * what a person asked about, and for what CloudTrail must confirm before it is written.
 */
export function isOffered(diagnosis: Diagnosis, patchLikely: boolean): boolean {
  const { verdict, gaps, serviceGuessed, onlyTaken, unconfirmed } = diagnosis
  const isOnlyDoubt = serviceGuessed === true || onlyTaken === true || unconfirmed === true
  if (gaps.length === 0 || diagnosis.roleGone !== undefined) return false
  return verdict === 'proved' || (verdict === 'likely' && (patchLikely || isOnlyDoubt))
}

export type PassedServiceFinding = {
  /** Values that a grant must allow, most likely first. Several: the call may send any of them. */
  readonly services: readonly string[]
  /** `decoded`: from AWS's own evaluation. `trust`: a guess, which never makes a diagnosis `proved`. */
  readonly evidence: 'decoded' | ServiceEvidence
  /** True when the call may send no value. The grant must then apply without a value too. */
  readonly mayBeAbsent: boolean
  /** Values that weaker evidence names. */
  readonly disputed: readonly ServiceValue[]
}
