import type { AccessSnapshot } from '../iam/evaluation/access-snapshot.ts'
import { evaluateUnder, resolveRequestAs } from '../iam/evaluation/evaluate.ts'
import type { AccessRequest, Evaluation } from '../iam/evaluation/evaluation.ts'
import type { ResolvedRequest } from '../iam/evaluation/statement-match.ts'
import { authorizationOf } from './actions.ts'

/** What IAM would answer. */
export function evaluate(request: AccessRequest, snapshot: AccessSnapshot): Evaluation {
  return evaluateUnder(authorizationOf(request.action, request.resource), request, snapshot)
}

/** The request with every fact that its snapshot adds. */
export function resolveRequest(request: AccessRequest, snapshot: AccessSnapshot): ResolvedRequest {
  return resolveRequestAs(authorizationOf(request.action, request.resource), request, snapshot)
}
