/** What a denial needs. Computed from the denial, the policies and the configuration, never from the patch that is checked against it. */

import { isDifferentEntity, requestOf } from '../../access/index.ts'
import { asksTrustPolicy, descriptorOf, resolveRequest } from '../../actions/index.ts'
import { never } from '../../base/index.ts'
import type { Denial } from '../../denial/index.ts'
import { type Diagnosis, otherConditions, resolveService } from '../../diagnosis/index.ts'
import {
  type AccessSnapshot,
  type ConditionBlock,
  findTarget,
  type Identity,
  list,
  seenCaller,
  serviceOfLinkedRole,
} from '../../iam/index.ts'
import type { Settings } from '../../settings/index.ts'
import { policyOfGap } from '../drafting/condition-value.ts'
import { exactEntity, exactRole, isServiceName } from '../drafting/exact-names.ts'
import { deniedRole } from '../drafting/pass-role-statements.ts'
import { sessionGrant } from '../drafting/session-statement.ts'
import { type ConditionTest, testsOf } from './condition-tests.ts'

/** What is known when a patch is verified. */
export type VerificationInput = {
  readonly denial: Denial
  readonly diagnosis: Diagnosis
  readonly snapshot: AccessSnapshot
  readonly config: Settings
  readonly nowMs: number
}

export type RoleRequirement = {
  readonly arn: string
  /** Patterns of approved sets that contain it, for every service that may receive it. */
  readonly sets: readonly string[]
  /** The tests that each grant of the denied action must have. */
  readonly tests: readonly ConditionTest[]
  /** The tests that the owner of the nearest allow requires too. */
  readonly owners: readonly ConditionTest[]
  /** Its trust policy takes part in the decision. */
  readonly asksTrust: boolean
}

export type Needs = {
  /** In lower case. */
  readonly action: string
  /** In lower case. Allowed on the same roles. */
  readonly alsoMeant: readonly string[]
  /** Null: the caller's policies were not read, or they belong to another principal than the denied one. */
  readonly caller: Identity | null
  readonly roles: readonly RoleRequirement[]
}

export function needsOf(known: VerificationInput): Needs {
  const { denial } = known
  const { alsoMeant } = descriptorOf(denial.action)
  return {
    action: denial.action.toLowerCase(),
    alsoMeant: alsoMeant.map(action => action.toLowerCase()),
    caller: deniedCaller(known),
    roles: rolesOf(known).flatMap(arn => neededRole(known, arn) ?? []),
  }
}

function deniedCaller({ denial, snapshot }: VerificationInput): Identity | null {
  const caller = seenCaller(snapshot)
  if (caller === null || exactEntity(caller.arn) === null || isDifferentEntity(denial.principal, caller)) return null
  const { identity } = resolveRequest(requestOf(denial), snapshot).caller
  return identity.kind === 'found' && identity.value === caller ? caller : null
}

/** The denied role, and the roles that the same call passes. For an instance profile, the role in it. */
function rolesOf({ denial, snapshot }: VerificationInput): readonly string[] {
  const denied = exactRole(denial.resource)?.text ?? deniedRole({ denial, snapshot })
  return [...new Set([denied, ...denial.passes.map(({ arn }) => arn)])]
    .filter(arn => arn !== null)
    .filter(arn => exactRole(arn) !== null)
}

function neededRole(known: VerificationInput, arn: string): RoleRequirement | null {
  const { denial, config } = known
  const tests = testsOfCall(known, arn)
  const owners = testsOf(underOf(known, arn) ?? undefined)
  if (tests === null || owners === null) return null
  const services = tests.flatMap(({ key, values }) => (key === LOWERCASE_PASSED_TO_SERVICE ? values : []))
  const sets = descriptorOf(denial.action).passesRoles
    ? config.approvedRoleSets.filter(
        set => services.every(service => set.services.includes(service)) && isHeld(arn, set.pattern),
      )
    : []
  return {
    arn,
    sets: sets.map(({ pattern }) => pattern),
    tests,
    owners,
    asksTrust: asksTrustPolicy(denial.action, arn),
  }
}

/** True when the pattern contains the role. A set has at most one `*`, at its end, which the configuration checks. */
export const isHeld = (arn: string, pattern: string): boolean =>
  pattern.endsWith('*') ? arn.startsWith(pattern.slice(0, -1)) : arn === pattern

export const LOWERCASE_PASSED_TO_SERVICE = 'iam:passedtoservice'

/** Null: they cannot be determined, so nothing is needed on this role. */
function testsOfCall({ denial, snapshot }: VerificationInput, arn: string): readonly ConditionTest[] | null {
  const { serviceKey, draft } = descriptorOf(denial.action)
  switch (serviceKey) {
    case 'iam:PassedToService': {
      const sent = resolveService(denial, arn, findTarget(snapshot, arn))
      if (sent === null || sent.services.length === 0 || !sent.services.every(isServiceName)) return null
      const operator = sent.mayBeAbsent || sent.evidence === 'trust' ? 'StringEqualsIfExists' : 'StringEquals'
      return [{ operator, key: LOWERCASE_PASSED_TO_SERVICE, values: sent.services }]
    }
    case 'iam:AWSServiceName': {
      const service = serviceOfLinkedRole(arn)
      return service === null ? null : [{ operator: 'StringEquals', key: 'iam:awsservicename', values: [service] }]
    }
    case null: {
      if (draft.kind !== 'session') return []
      const grant = sessionGrant({ denial })
      return grant.ok ? testsOf(grant.value.Condition) : null
    }
    default:
      return never(serviceKey)
  }
}

/** The conditions of a similar allow besides the service. A new grant must not bypass them. */
function underOf({ diagnosis, snapshot }: VerificationInput, arn: string): ConditionBlock | null {
  const caller = seenCaller(snapshot)
  for (const gap of diagnosis.gaps) {
    if (gap.kind === 'identity' && gap.roles.includes(arn) && gap.under !== undefined) return gap.under
    if (gap.kind !== 'identity-condition' || caller === null) continue
    const nearest = policyOfGap(gap, caller)?.document.Statement[gap.statement]
    if (nearest !== undefined && list(nearest.Resource).includes(arn)) return otherConditions(nearest)
  }
  return null
}
