/**
 * AWS's policy evaluation for the actions that the bot handles, in three values.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

import type { Unknown } from '../../base/fact.ts'
import type { ContextFacts } from '../conditions/context.ts'
import type { PolicyType, SourcedPolicy } from '../policy/policy-document.ts'
import type { AccessPicture } from './access-snapshot.ts'
import { callerOf } from './caller.ts'
import { combine, serviceRule } from './combine-layers.ts'
import { layersOf } from './layers.ts'
import { factsOf } from './snapshot-context.ts'
import type { Subject } from './statement-match.ts'

/** One request to be evaluated. `principalArn` is the user or session ARN; `context` holds every condition key that is known. */
export type AccessRequest = {
  readonly action: string
  readonly resource: string
  readonly principalArn: string
  /** The role behind the session, with its path; null for users. */
  readonly roleArn: string | null
  readonly context: ContextFacts
}

export type Answer = 'denied' | 'allowed' | 'unknown'

/** Why an ARN or a name did not match, when it nearly did. */
export type NearMiss = 'case' | 'path' | 'account' | 'partition' | 'name' | 'session-for-role' | null

/** The first element of a statement that does not match the request. */
export type Mismatch =
  | { readonly element: 'action' }
  | { readonly element: 'resource' | 'principal'; readonly pattern: string | null; readonly near: NearMiss }
  | {
      readonly element: 'condition'
      readonly operator: string
      readonly key: string
      readonly wanted: readonly string[]
      /** Null: the key is known to be absent from the request. */
      readonly got: readonly string[] | null
    }

export type StatementOutcome = {
  readonly policy: SourcedPolicy
  readonly index: number
  readonly sid: string | null
  readonly effect: 'Allow' | 'Deny'
  readonly matches: 'yes' | 'no' | 'unknown'
  /** All mismatches of the first element kind that fails; several failing conditions are all listed. Empty unless `no`. */
  readonly mismatches: readonly Mismatch[]
  /** The condition keys that could not be seen. Empty unless `unknown`. */
  readonly unknowns: readonly Unknown[]
}

export type LayerOutcome = {
  readonly type: PolicyType
  /** `not-applicable`: the layer does not bear on this request (no boundary set). `unseen`: it could not be read. */
  readonly answer: 'allows' | 'implicit-deny' | 'explicit-deny' | 'unknown' | 'not-applicable' | 'unseen'
  readonly statements: readonly StatementOutcome[]
  /** The statements that decide the answer: the denies, the allows, or the unknown ones. */
  readonly deciding: readonly StatementOutcome[]
  /** For `unseen` and for policies of a layer that could not be read. */
  readonly unknowns: readonly Unknown[]
}

/** What AWS refuses whatever the policies say. */
export type ServiceRule = 'cross-account-pass-role' | 'reserved-role' | 'root-cannot-assume'

export type Evaluation = {
  readonly answer: Answer
  /** Null: the policies decide. */
  readonly rule: ServiceRule | null
  /** One per policy type, in the order AWS's documentation lists them. SCP and RCP hold every level. */
  readonly layers: readonly LayerOutcome[]
}

/** The caller's policies and the role's are the picture's; a request by or about someone else is unknown where it needs them. */
export function evaluate(request: AccessRequest, picture: AccessPicture): Evaluation {
  const subject = subjectOf(request, picture)
  const { caller } = subject
  const layers = layersOf(request, picture, subject)
  const rule = serviceRule(request, caller)
  const answer = rule === null ? combine(request, caller, layers) : 'denied'
  const { identity, trust, boundary, scp, rcp, session, vpce } = layers
  return { answer, rule, layers: [identity, trust, boundary, scp, rcp, session, vpce] }
}

/** The request with every fact that its picture adds. */
export function subjectOf(request: AccessRequest, picture: AccessPicture): Subject {
  const caller = callerOf(request, picture)
  return {
    actionInLowerCase: request.action.toLowerCase(),
    resource: request.resource,
    caller,
    fact: factsOf(request, picture, caller),
  }
}
