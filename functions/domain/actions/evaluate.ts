import type { AccessSnapshot } from '../iam/evaluation/access-snapshot.ts'
import { evaluateAs, subjectAs } from '../iam/evaluation/evaluate.ts'
import type { AccessRequest, Evaluation } from '../iam/evaluation/evaluation.ts'
import type { Subject } from '../iam/evaluation/statement-match.ts'
import { authorizationOf } from './actions.ts'

/** What IAM would answer. */
export function evaluate(request: AccessRequest, snapshot: AccessSnapshot): Evaluation {
  return evaluateAs(authorizationOf(request.action, request.resource), request, snapshot)
}

/** The request with every fact that its snapshot adds. */
export function subjectOf(request: AccessRequest, snapshot: AccessSnapshot): Subject {
  return subjectAs(authorizationOf(request.action, request.resource), request, snapshot)
}
