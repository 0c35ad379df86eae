/**
 * The statements that changes add or remove. A request that matches none of them keeps its answer, so checking these first
 * keeps an evaluation of thousands of requests cheap.
 */

import { resolveRequest } from '../actions/evaluate.ts'
import { canonicalJson } from '../base/canonical-json.ts'
import type { AccessSnapshot } from '../iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../iam/evaluation/evaluation.ts'
import { matchedStatements } from '../iam/evaluation/statement-match.ts'
import type { PolicyDocument, SourcedPolicy } from '../iam/policy/policy-document.ts'
import type { PolicyChange } from './patch.ts'

type DocumentChange = Pick<PolicyChange, 'target' | 'before' | 'after'>

/** As policies that hold only the statements that differ. Both documents whole if the version differs: it changes their meaning. */
export function changedStatements(changes: readonly DocumentChange[]): readonly SourcedPolicy[] {
  return changes.flatMap(({ target, before, after }) => {
    const label = {
      type: target.kind === 'role-trust-policy' ? ('trust' as const) : ('identity' as const),
      name: target.name,
      arn: null,
      attachedTo: target.arn,
    }
    const old = before ?? { Statement: [] }
    const documents = before?.Version === after.Version ? [minus(old, after), minus(after, old)] : [old, after]
    return documents.filter(({ Statement }) => Statement.length > 0).map(document => ({ ...label, document }))
  })
}

function minus(document: PolicyDocument, other: PolicyDocument): PolicyDocument {
  const others = new Set(other.Statement.map(canonicalJson))
  return { ...document, Statement: document.Statement.filter(statement => !others.has(canonicalJson(statement))) }
}

/** False only if no statement matches or could match. */
export function mayAffect(
  changed: readonly SourcedPolicy[],
  request: AccessRequest,
  snapshot: AccessSnapshot,
): boolean {
  const resolved = resolveRequest(request, snapshot)
  return changed.some(policy => matchedStatements(policy, resolved).length > 0)
}
