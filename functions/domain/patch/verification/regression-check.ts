/** What else a patch changes: control requests with another answer, and time-limited grants that still allow after their end. */

import { descriptorOf } from '../../actions/actions.ts'
import { evaluate } from '../../actions/evaluate.ts'
import { canonicalJson } from '../../base/canonical-json.ts'
import type { Config } from '../../config/config.ts'
import type { Denial } from '../../denial/denial.ts'
import { timeContext } from '../../iam/conditions/context.ts'
import type { AccessSnapshot } from '../../iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../iam/evaluation/evaluation.ts'
import { changedStatements, mayAffect } from '../changed-statements.ts'
import { seenCaller } from '../drafting/draft-context.ts'
import { changesTrust, type Patch, type PolicyChange } from '../patch.ts'
import { timeLimitedDocument } from '../time-limit.ts'
import { applyToSnapshot } from './apply-to-snapshot.ts'
import { type ControlRequest, callerControls, trustControls } from './control-requests.ts'
import { intendedRequests } from './denied-requests.ts'

type Options = {
  readonly denial: Denial
  readonly snapshot: AccessSnapshot
  readonly config: Config
  readonly nowMs: number
}

/** The request as it would be repeated at `nowMs`. */
export function requestAt(request: AccessRequest, nowMs: number): AccessRequest {
  return { ...request, context: { ...request.context, ...timeContext(nowMs) } }
}

/** The control requests whose answer the patch changes unintentionally, and how many were evaluated. */
export function regressionCheck(
  patch: Patch,
  { snapshot, denial }: Options,
  denied: readonly AccessRequest[],
  grants: readonly string[],
): { readonly evaluated: number; readonly changed: readonly AccessRequest[] } {
  const [request] = denied
  const caller = seenCaller(snapshot)
  if (request === undefined) return { evaluated: 0, changed: [] }
  const trustChanges = patch.changes.filter(changesTrust)
  const identityChanges = patch.changes.filter(change => !changesTrust(change))
  const near = [...new Set([...grants, ...denied.map(one => one.resource)])]
  const byCaller = caller === null || identityChanges.length === 0 ? [] : callerControls(caller, request, near)
  const byOthers = trustChanges.flatMap(({ target, before }) =>
    trustControls(target.arn, before ?? { Statement: [] }, request, caller),
  )
  const changed = [
    ...byCaller.filter(answerChangesWith(identityChanges)),
    ...byOthers.filter(answerChangesWith(trustChanges)),
  ]
  const intended = intendedRequests(denial, snapshot, denied)
  const { alsoMeant } = descriptorOf(denial.action).controls
  return {
    evaluated: byCaller.length + byOthers.length,
    changed: changed.map(control => control.request).filter(one => !isIntended(one, intended, alsoMeant, grants)),
  }
}

function answerChangesWith(changes: readonly PolicyChange[]): (control: ControlRequest) => boolean {
  const statements = changedStatements(changes)
  return ({ request, snapshot }) =>
    mayAffect(statements, request, snapshot) &&
    evaluate(request, snapshot).answer !== evaluate(request, applyToSnapshot(snapshot, changes)).answer
}

/** One of the denied requests for a role that the patch grants, or an action that may be granted with it. */
function isIntended(
  request: AccessRequest,
  intended: readonly AccessRequest[],
  alsoMeant: readonly string[],
  grants: readonly string[],
): boolean {
  const granted = grants.some(grant =>
    grant.endsWith('*') ? request.resource.startsWith(grant.slice(0, -1)) : grant === request.resource,
  )
  if (alsoMeant.includes(request.action)) return granted
  return intended.some(
    one =>
      one.action === request.action &&
      one.principalArn === request.principalArn &&
      canonicalJson(one.context) === canonicalJson(request.context) &&
      (granted || one.resource === request.resource),
  )
}

/** The requests that a time-limited grant would still change a second after its end. */
export function allowedPastEnd(
  patch: Patch,
  { snapshot, nowMs }: Options,
  denied: readonly AccessRequest[],
  grantedHours: number,
): readonly AccessRequest[] {
  const endMs = nowMs + grantedHours * 3_600_000
  const limited = patch.changes.map(change => ({
    ...change,
    after: timeLimitedDocument(change.before, change.after, endMs, 'Rolemedic00000000'),
  }))
  const patched = applyToSnapshot(snapshot, limited)
  return denied.filter(request => {
    const within = requestAt(request, endMs - 1_000)
    const past = requestAt(request, endMs + 1_000)
    return (
      evaluate(within, patched).answer !== evaluate(within, applyToSnapshot(snapshot, patch.changes)).answer ||
      evaluate(past, patched).answer !== evaluate(past, snapshot).answer
    )
  })
}
