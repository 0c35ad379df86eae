/** The requests that may have been denied: one for each role of the patch and each possible value of an unknown key. */

import { requestOf } from '../../access/index.ts'
import { descriptorOf } from '../../actions/index.ts'
import { canonicalForm, never } from '../../base/index.ts'
import type { Denial } from '../../denial/index.ts'
import { servicesToTry } from '../../diagnosis/index.ts'
import {
  ABSENT_KEY,
  type AccessRequest,
  type AccessSnapshot,
  type ContextFact,
  itemOf,
  list,
  present,
  serviceOfLinkedRole,
  timeContext,
} from '../../iam/index.ts'
import type { Settings } from '../../settings/index.ts'
import { takesIn } from '../document-diff.ts'
import { deniedRole } from '../drafting/pass-role-statements.ts'
import type { Patch } from '../patch.ts'

type Options = {
  readonly denial: Denial
  readonly snapshot: AccessSnapshot
  readonly config: Settings
}

export type Concerned = {
  /** The role ARNs and role sets that the patch is meant to allow. */
  readonly grants: readonly string[]
  /** Every role that it concerns. */
  readonly roles: readonly string[]
}

export function concernedBy(patch: Patch, { denial, snapshot, config }: Options): Concerned {
  const grants = grantsOf(
    patch,
    config.approvedRoleSets.map(set => set.pattern),
  )
  const roles: string[] = []
  const add = (arn: string) => {
    if (!roles.includes(arn)) roles.push(arn)
  }
  const denied = deniedRole({ denial, snapshot })
  if (denied !== null) add(denied)
  for (const grant of grants) if (!grant.endsWith('*')) add(grant)
  for (const { target } of patch.changes) if (target.kind === 'role-trust-policy') add(target.arn)
  return { grants, roles }
}

/** Like `concernedBy`, with the denied request for each role. */
export function deniedRequestsFor(
  patch: Patch,
  options: Options,
): Concerned & { readonly requests: readonly AccessRequest[] } {
  const concerned = concernedBy(patch, options)
  return { ...concerned, requests: deniedRequests(options.denial, options.snapshot, concerned.roles) }
}

/** What the patch is meant to allow, which is therefore no counterexample. */
function grantsOf(patch: Patch, approvedPatterns: readonly string[]): readonly string[] {
  const resources = patch.changes.flatMap(({ before, after }) => {
    const old = before?.Statement ?? []
    const oldForms = new Set(old.map(canonicalForm))
    // The first change of a principal has no old document: everything is new.
    const added = old.length === 0 ? after.Statement : after.Statement.filter(one => !oldForms.has(canonicalForm(one)))
    return added.flatMap(statement => {
      const narrower = old.find(one => takesIn(statement, one))
      return list(statement.Resource).filter(resource => !list(narrower?.Resource).includes(resource))
    })
  })
  const isExact = (resource: string) => !/[*?]/.test(resource) || approvedPatterns.includes(resource)
  return [...new Set(resources.filter(isExact))]
}

/** The denied request for each role, once for each service that it may have sent. */
export function deniedRequests(
  denial: Denial,
  snapshot: AccessSnapshot,
  roles: readonly string[],
): readonly AccessRequest[] {
  return roles.flatMap(role => {
    const request = requestOf(denial, role)
    const facts = serviceFacts(denial, snapshot, role)
    return facts.length === 0
      ? [request]
      : facts.map(([key, fact]) => ({ ...request, context: { ...request.context, [key]: fact } }))
  })
}

/** The request as it would be repeated at `nowMs`. */
export function requestAt(request: AccessRequest, nowMs: number): AccessRequest {
  const { context } = request
  const time = timeContext(nowMs)
  // If a denial is asked about now, its time is already now.
  return context['aws:currenttime'] === time['aws:currenttime'] && context['aws:epochtime'] === time['aws:epochtime']
    ? request
    : { ...request, context: { ...context, ...time } }
}

function serviceFacts(
  denial: Denial,
  snapshot: AccessSnapshot,
  role: string,
): readonly (readonly [string, ContextFact])[] {
  const { serviceKey } = descriptorOf(denial.action)
  switch (serviceKey) {
    case 'iam:AWSServiceName': {
      const service = serviceOfLinkedRole(role)
      return service === null ? [] : [['iam:awsservicename', present(service)]]
    }
    case 'iam:PassedToService': {
      const target = itemOf(snapshot.targets, role) ?? null
      return servicesToTry(denial, role, target).map(service => [
        'iam:passedtoservice',
        service === null ? ABSENT_KEY : present(service),
      ])
    }
    case null:
      return []
    default:
      return never(serviceKey)
  }
}
