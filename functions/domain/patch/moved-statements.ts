/**
 * The statements that changes bring or take away. What decides a request is which statements match it, so one that none
 * of these bears on is answered as before; asking them alone keeps a check of thousands of requests cheap.
 */

import { subjectOf } from '../actions/evaluate.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import type { AccessSnapshot } from '../iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../iam/evaluation/evaluation.ts'
import { statementOutcomes } from '../iam/evaluation/statement-match.ts'
import type { PolicyDocument, SourcedPolicy } from '../iam/policy/policy-document.ts'
import type { PolicyChange } from './patch.ts'

type Written = Pick<PolicyChange, 'target' | 'before' | 'after'>

/** As policies: each document with what only it holds. All of both where the version differs, as that changes what they mean. */
export function movedStatements(changes: readonly Written[]): readonly SourcedPolicy[] {
  return changes.flatMap(({ target, before, after }) => {
    const label = {
      type: target.kind === 'role-trust-policy' ? ('trust' as const) : ('identity' as const),
      name: target.name,
      arn: null,
      attachedTo: target.arn,
    }
    const old = before ?? { Statement: [] }
    const documents = before?.Version === after.Version ? [less(old, after), less(after, old)] : [old, after]
    return documents.filter(({ Statement }) => Statement.length > 0).map(document => ({ ...label, document }))
  })
}

function less(document: PolicyDocument, other: PolicyDocument): PolicyDocument {
  const kept = new Set(other.Statement.map(canonicalJson))
  return { ...document, Statement: document.Statement.filter(statement => !kept.has(canonicalJson(statement))) }
}

/** False only when no statement matches, nor may match. */
export function bearOn(moved: readonly SourcedPolicy[], request: AccessRequest, snapshot: AccessSnapshot): boolean {
  const subject = subjectOf(request, snapshot)
  return moved.some(policy => statementOutcomes(policy, subject).some(({ matches }) => matches !== 'no'))
}
