import {
  type AccessRequest,
  type AccessSnapshot,
  type Evaluation,
  evaluateUnder,
  type ResolvedRequest,
  resolveRequestAs,
} from '../iam/index.ts'
import { authorizationOf } from './actions.ts'

/**
 * What IAM would answer to the request. Policies that could not be read make the answer unknown. Does not throw.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(request: AccessRequest, snapshot: AccessSnapshot): Evaluation {
  return evaluateUnder(authorizationOf(request.action, request.resource), request, snapshot)
}

/** The request with every fact that the snapshot adds to it. */
export function resolveRequest(request: AccessRequest, snapshot: AccessSnapshot): ResolvedRequest {
  return resolveRequestAs(authorizationOf(request.action, request.resource), request, snapshot)
}
