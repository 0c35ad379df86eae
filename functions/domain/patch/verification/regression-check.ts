/** What else a patch changes: controls that answer otherwise, and a limited grant that outlives its end. */

import { descriptorOf } from '../../actions/actions.ts'
import { evaluate } from '../../actions/evaluate.ts'
import { canonicalJson } from '../../base/canonical-json.ts'
import type { Config } from '../../config/config.ts'
import type { Denial } from '../../denial/denial.ts'
import { timeOf } from '../../denial/time-context.ts'
import type { AccessSnapshot } from '../../iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../iam/evaluation/evaluation.ts'
import { callerOf } from '../drafting/draft-context.ts'
import { bearOn, movedStatements } from '../moved-statements.ts'
import { changesTrust, type Patch, type PolicyChange } from '../patch.ts'
import { limitedDocument } from '../time-limit.ts'
import { withChanges } from './apply-to-snapshot.ts'
import { type Control, callerControls, trustControls } from './control-requests.ts'
import { meantRequests } from './denied-requests.ts'

type Options = {
  readonly denial: Denial
  readonly snapshot: AccessSnapshot
  readonly config: Config
  readonly nowMs: number
}

/** The call as it will be made again, now. */
export function at(request: AccessRequest, nowMs: number): AccessRequest {
  return { ...request, context: { ...request.context, ...timeOf(nowMs) } }
}

/** Controls whose answer the patch changes without meaning to, and how many were asked. */
export function neighbourhood(
  patch: Patch,
  { snapshot, denial }: Options,
  denied: readonly AccessRequest[],
  grants: readonly string[],
): { readonly asked: number; readonly opened: readonly AccessRequest[] } {
  const [request] = denied
  const caller = callerOf(snapshot)
  if (request === undefined) return { asked: 0, opened: [] }
  const trusts = patch.changes.filter(changesTrust)
  const others = patch.changes.filter(change => !changesTrust(change))
  const near = [...new Set([...grants, ...denied.map(one => one.resource)])]
  const byCaller = caller === null || others.length === 0 ? [] : callerControls(caller, request, near)
  const byOthers = trusts.flatMap(({ target, before }) =>
    trustControls(target.arn, before ?? { Statement: [] }, request, caller),
  )
  const opened = [...byCaller.filter(changesAnswer(others)), ...byOthers.filter(changesAnswer(trusts))]
  const meant = meantRequests(denial, snapshot, denied)
  const { alsoMeant } = descriptorOf(denial.action).controls
  return {
    asked: byCaller.length + byOthers.length,
    opened: opened.map(control => control.request).filter(one => !isMeant(one, meant, alsoMeant, grants)),
  }
}

function changesAnswer(changes: readonly PolicyChange[]): (control: Control) => boolean {
  const moved = movedStatements(changes)
  return ({ request, snapshot }) =>
    bearOn(moved, request, snapshot) &&
    evaluate(request, snapshot).answer !== evaluate(request, withChanges(snapshot, changes)).answer
}

/** One of the denied requests, for a role that the patch grants; or an action that may stand beside it. */
function isMeant(
  request: AccessRequest,
  meant: readonly AccessRequest[],
  alsoMeant: readonly string[],
  grants: readonly string[],
): boolean {
  const granted = grants.some(grant =>
    grant.endsWith('*') ? request.resource.startsWith(grant.slice(0, -1)) : grant === request.resource,
  )
  if (alsoMeant.includes(request.action)) return granted
  return meant.some(
    one =>
      one.action === request.action &&
      one.principalArn === request.principalArn &&
      canonicalJson(one.context) === canonicalJson(request.context) &&
      (granted || one.resource === request.resource),
  )
}

/** The requests that a limited grant would still change a second after its end. */
export function outlivesItsEnd(
  patch: Patch,
  options: Options,
  denied: readonly AccessRequest[],
): readonly AccessRequest[] {
  const { snapshot, nowMs, config } = options
  const endMs = nowMs + (config.limitedGrantHours ?? 0) * 3_600_000
  const limited = patch.changes.map(change => ({
    ...change,
    after: limitedDocument(change.before, change.after, endMs, 'Rolemedic00000000'),
  }))
  const patched = withChanges(snapshot, limited)
  return denied.filter(request => {
    const within = at(request, endMs - 1_000)
    const past = at(request, endMs + 1_000)
    return (
      evaluate(within, patched).answer !== evaluate(within, withChanges(snapshot, patch.changes)).answer ||
      evaluate(past, patched).answer !== evaluate(past, snapshot).answer
    )
  })
}
