/** Why a service could not use the role that a deploy gave it, and what follows. */

import { MINUTE_MS } from '../../../core/base/index.ts'
import type { Answer } from '../../../core/iam/index.ts'
import type { TemplatePlace } from '../../../iac/needs/index.ts'

export const FAULT_ANSWERS = ['patch', 'retry', 'code', 'missing', 'owner', 'unknown'] as const
/**
 * `patch`: the live trust policy lacks the service. `retry`: nothing is to be changed. `code`: the source makes it wrong.
 * `missing`: the role does not exist. `owner`: somebody else decides, such as with a resource control policy.
 */
export type FaultAnswer = (typeof FAULT_ANSWERS)[number]

export const FAULT_KINDS = ['role-not-assumable', 'service-linked-role'] as const

export type FaultStep = { readonly do: string; readonly command: string | null; readonly who: string | null }

/** Plain data: stored with the deploy. */
export type TrustFault = {
  readonly kind: (typeof FAULT_KINDS)[number]
  readonly answer: FaultAnswer
  readonly certainty: 'certain' | 'probable'
  readonly service: string | null
  readonly role: string | null
  /** What the role is given to, as the source names it. */
  readonly place: TemplatePlace | null
  /** One sentence for a person. Contains outside text: escape it where it is shown. */
  readonly summary: string
  readonly next: readonly FaultStep[]
}

/** What is known about one service and one role of a failed deploy. */
export type TrustFacts = {
  /** What shows that this service has to assume this role. The text of a failed deploy is no proof. */
  readonly shownBy: 'source' | 'text'
  /** Whether IAM, with the role as the deploy makes it, lets the service in. */
  readonly answer: Answer
  readonly cause: string | null
  /** Who lifts it, where the source was read. */
  readonly fix: 'patch' | 'code' | 'owner' | null
  /** CloudFormation or a tool chose the name, so the deploy made the role and its rollback deleted it. */
  readonly hasGeneratedName: boolean
}

const GONE: ReadonlySet<string> = new Set(['role-not-found', 'role-name-mismatch'])

export function faultAnswer({ shownBy, answer, cause, fix, hasGeneratedName }: TrustFacts): FaultAnswer {
  if (answer === 'unknown') return 'unknown'
  if (answer === 'allowed') return 'retry'
  if (fix === 'code') return 'code'
  if (cause === 'role-name-mismatch' && shownBy === 'source') return 'code'
  if (cause !== null && GONE.has(cause)) return hasGeneratedName ? 'code' : 'missing'
  switch (fix) {
    case 'patch':
      return shownBy === 'source' ? 'patch' : 'unknown'
    case 'owner':
      return 'owner'
    case null:
      return cause === 'trust-gap' || cause === 'deleted-trust-principal' || cause === null ? 'unknown' : 'owner'
  }
}

/** A role of this age may not be visible everywhere yet. */
export const NEW_ROLE_MS = 15 * MINUTE_MS
