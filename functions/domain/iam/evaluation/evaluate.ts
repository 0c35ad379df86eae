/**
 * AWS's policy evaluation for the actions that the bot handles, in three values.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { AccessSnapshot } from './access-snapshot.ts'
import { callerOf } from './caller.ts'
import { combine, serviceRule } from './combine-layers.ts'
import type { AccessRequest, Evaluation } from './evaluation.ts'
import { layersOf } from './layers.ts'
import { factsOf } from './snapshot-context.ts'
import type { Subject } from './statement-match.ts'

/** The caller's policies and the role's are the snapshot's; a request by or about someone else is unknown where it needs them. */
export function evaluate(request: AccessRequest, snapshot: AccessSnapshot): Evaluation {
  const subject = subjectOf(request, snapshot)
  const { caller } = subject
  const layers = layersOf(request, snapshot, subject)
  const rule = serviceRule(request, caller)
  const answer = rule === null ? combine(request, caller, layers) : 'denied'
  const { identity, trust, boundary, scp, rcp, session, vpce } = layers
  return { answer, rule, layers: [identity, trust, boundary, scp, rcp, session, vpce] }
}

/** The request with every fact that its snapshot adds. */
export function subjectOf(request: AccessRequest, snapshot: AccessSnapshot): Subject {
  const caller = callerOf(request, snapshot)
  return {
    actionInLowerCase: request.action.toLowerCase(),
    resource: request.resource,
    caller,
    fact: factsOf(request, snapshot, caller),
  }
}
