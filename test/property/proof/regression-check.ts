/** What else a patch changes, as far as samples show: control requests with another answer. Independent of the proof, which it checks. */

import { descriptorOf, evaluate } from '../../../core/actions/actions.ts'
import { canonicalJson } from '../../../core/base/canonical-json.ts'
import type { Denial } from '../../../core/denial/denial.ts'
import { resolveService } from '../../../core/diagnosis/resolve-service.ts'
import { present } from '../../../core/iam/conditions/context.ts'
import type { AccessSnapshot } from '../../../core/iam/evaluation/access-snapshot.ts'
import type { AccessRequest } from '../../../core/iam/evaluation/evaluation.ts'
import { seenCaller } from '../../../core/iam/index.ts'
import { changesTrust, type Patch, type PolicyChange } from '../../../core/patch/patch.ts'
import { applyToSnapshot } from '../../../core/patch/verification/apply-to-snapshot.ts'
import { deniedRequestsFor, requestAt } from '../../../core/patch/verification/denied-requests.ts'
import type { Config } from '../../../functions/domain/config/config.ts'
import { type ControlRequest, callerControls, trustControls } from './control-requests.ts'

type Options = {
  readonly denial: Denial
  readonly snapshot: AccessSnapshot
  readonly config: Config
  readonly nowMs: number
}

export type Changed = ControlRequest & { readonly changes: readonly PolicyChange[] }

/** Every control request that a patch must not affect, with the changes that could affect it. */
export function controlsOf(patch: Patch, options: Options): readonly Changed[] {
  const { denial, snapshot } = options
  const found = deniedRequestsFor(patch, options)
  const { requests } = found
  // Names in the patch itself do not prove that they are intended.
  const meant = [
    ...requests
      .map(one => one.resource)
      .filter(arn => [denial.resource, ...denial.passes.map(pass => pass.arn)].includes(arn)),
    ...options.config.approvedRoleSets.map(set => set.pattern),
  ]
  const grants = found.grants.filter(grant => meant.includes(grant))
  const denied = requests.map(request => requestAt(request, options.nowMs))
  const [request] = denied
  const caller = seenCaller(snapshot)
  if (request === undefined) return []
  const trustChanges = patch.changes.filter(changesTrust)
  const identityChanges = patch.changes.filter(change => !changesTrust(change))
  const near = [...new Set([...grants, ...denied.map(one => one.resource)])]
  const byCaller = caller === null || identityChanges.length === 0 ? [] : callerControls(caller, request, near)
  const byOthers = trustChanges.flatMap(({ target, before }) =>
    trustControls(target.arn, before ?? { Statement: [] }, request, caller),
  )
  const intended = intendedRequests(denial, snapshot, denied)
  const { alsoMeant } = descriptorOf(denial.action)
  return [
    ...byCaller.map(control => ({ ...control, changes: identityChanges })),
    ...byOthers.map(control => ({ ...control, changes: trustChanges })),
  ].filter(control => !isIntended(control.request, intended, alsoMeant, grants))
}

/** Requests that the patch should not affect but whose answer it changes. */
export const changedControls = (patch: Patch, options: Options): readonly AccessRequest[] =>
  controlsOf(patch, options)
    .filter(({ request, snapshot, changes }) => {
      const after = applyToSnapshot(snapshot, changes)
      return evaluate(request, snapshot).answer !== evaluate(request, after).answer
    })
    .map(({ request }) => request)

/** What the patch may allow: the denied requests, also with the service if it is not certain that the call sends the key. */
export function intendedRequests(
  denial: Denial,
  snapshot: AccessSnapshot,
  denied: readonly AccessRequest[],
): readonly AccessRequest[] {
  if (!descriptorOf(denial.action).passesRoles) return denied
  return denied.flatMap(request => {
    const target = snapshot.targets.find(one => one.arn === request.resource) ?? null
    const settled = resolveService(denial, request.resource, target)
    return [
      request,
      ...(settled?.services ?? []).map(service => ({
        ...request,
        context: { ...request.context, 'iam:passedtoservice': present(service) },
      })),
    ]
  })
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
