import {
  type AccessRequest,
  type AccessSnapshot,
  type Evaluation,
  evaluateUnder,
  type ResolvedRequest,
  resolveRequestAs,
} from '../iam/index.ts'
import { authorizationOf } from './actions.ts'

/** What IAM would answer. */
export function evaluate(request: AccessRequest, snapshot: AccessSnapshot): Evaluation {
  return evaluateUnder(authorizationOf(request.action, request.resource), request, snapshot)
}

/** The request with every fact that its snapshot adds. */
export function resolveRequest(request: AccessRequest, snapshot: AccessSnapshot): ResolvedRequest {
  return resolveRequestAs(authorizationOf(request.action, request.resource), request, snapshot)
}
