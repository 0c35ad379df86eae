/** Which recorded calls are a use of a grant, and under which names they are recorded. */
import { descriptorOf, passesRoles } from '../../../core/actions/index.ts'
import { canonicalJson } from '../../../core/base/index.ts'
import {
  assumedRole,
  type CloudTrailRecord,
  callerKeyOf,
  callsSending,
  type Denial,
  deniedPrincipal,
  type FederatedClaims,
  readCloudTrailRecord,
  recordFields,
  rolesShownBy,
  type ShownRoles,
} from '../../../core/denial/index.ts'
import { list, matchesGlob, type Statement, valueAdded } from '../../../core/iam/index.ts'
import { changesTrust, type PolicyChange } from '../../../core/patch/index.ts'
import type { Applied, Confirmed } from '../proposal/index.ts'

export type WrittenGrant = Pick<Applied | Confirmed, 'denial' | 'template' | 'applied'>

/** A role by its ARN or the pattern of a set. `services`: those that may receive it. Empty: any, or unknown. */
type GrantedRole = { readonly pattern: string; readonly services: readonly string[] }

/** What one recorded call shows. `hidden`: it may have used the grant, but its record does not show the role. */
export type Trace =
  | { readonly kind: 'use'; readonly atMs: number }
  | { readonly kind: 'hidden'; readonly atMs: number; readonly call: string }
  | { readonly kind: 'none' }

const NONE: Trace = { kind: 'none' }

export function traceOf(value: unknown, grant: WrittenGrant): Trace {
  const record = readCloudTrailRecord(value)
  if (record === null || record.errorCode !== null || record.userIdentity === null) return NONE
  const { timeMs } = recordFields(record)
  if (timeMs === null || timeMs < grant.applied.atMs || !isCaller(record, grant)) return NONE
  return passesRoles(grant.denial.action) ? passingTrace(record, grant, timeMs) : assumingTrace(record, grant, timeMs)
}

/** For a document that several entities have, use by any of them counts. */
function isCaller({ userIdentity }: CloudTrailRecord, { denial, applied }: WrittenGrant): boolean {
  if (userIdentity === null) return false
  if (applied.changes.some(({ target }) => SHARED.has(target.kind))) return true
  if (denial.claims !== null) return true
  return callerKeyOf({ principal: deniedPrincipal(userIdentity) }) === callerKeyOf(denial)
}

const SHARED: ReadonlySet<PolicyChange['target']['kind']> = new Set(['managed-policy', 'permission-set-inline-policy'])

function passingTrace(record: CloudTrailRecord, grant: WrittenGrant, atMs: number): Trace {
  const shown = rolesShownBy(record)
  if (shown === null) return NONE
  const granted = grantedRoles(grant)
  if (granted.some(role => isShown(role, shown))) return { kind: 'use', atMs }
  return shown.isWhole ? NONE : { kind: 'hidden', atMs, call: record.eventName }
}

/** CloudTrail shows some roles only by name. */
function isShown({ pattern, services }: GrantedRole, { roles, names }: ShownRoles): boolean {
  const name = pattern.slice(pattern.lastIndexOf('/') + 1)
  if (names.some(one => matchesGlob(name, one))) return true
  return roles.some(({ arn, service }) => {
    const sent = service.values.map(one => one.service)
    const isService = services.length === 0 || sent.length === 0 || sent.some(one => services.includes(one))
    return isService && matchesGlob(pattern, arn)
  })
}

function assumingTrace(record: CloudTrailRecord, grant: WrittenGrant, atMs: number): Trace {
  const { denial } = grant
  const isOperation =
    record.eventSource === 'sts.amazonaws.com' &&
    descriptorOf(denial.action).record.operations.some(name => name === record.eventName)
  if (!isOperation) return NONE
  const role = assumedRole(record)
  if (role === null) return { kind: 'hidden', atMs, call: record.eventName }
  const isRole = grantedRoles(grant).some(({ pattern }) => matchesGlob(pattern, role))
  return isRole && hasClaims(record, grant) ? { kind: 'use', atMs } : NONE
}

/** A web identity is identified by its subject. The grant may admit more subjects than the denied one. */
function hasClaims({ userIdentity }: CloudTrailRecord, { denial: { action, claims }, applied }: WrittenGrant): boolean {
  if (claims === null || claims.subject === null || descriptorOf(action).caller !== 'web-identity') return true
  const subject = userIdentity?.userName ?? null
  if (subject === null || subject === claims.subject) return true
  return subjectPatterns(applied.changes, claims).some(pattern => matchesGlob(pattern, subject))
}

const subjectPatterns = (changes: readonly PolicyChange[], { subject }: FederatedClaims): readonly string[] =>
  changes
    .filter(changesTrust)
    .flatMap(addedStatements)
    .flatMap(({ Condition = {} }) => Object.values(Condition))
    .flatMap(block => Object.values(block).flatMap(value => list(value).map(String)))
    .filter(value => value.includes('*') && subject !== null && matchesGlob(value, subject))

/** The denied role, the roles that the deploy will need, and every role of a statement that was completely added. */
function grantedRoles({ denial, template, applied }: WrittenGrant): readonly GrantedRole[] {
  const denied = [denial, ...(template?.needs ?? []).map(need => need.denial)].flatMap(one =>
    one.resource === null ? [] : [{ pattern: one.resource, services: servicesOf(one) }],
  )
  const stated = applied.changes
    .filter(change => !changesTrust(change))
    .flatMap(change => addedStatements(change).flatMap(statement => statedRoles(statement, change)))
  // The written statements name the services, which the record of the denial may not.
  const isStated = ({ pattern }: GrantedRole) => stated.some(one => matchesGlob(one.pattern, pattern))
  return [...denied.filter(role => role.services.length > 0 || !isStated(role)), ...stated]
}

/** Roles that an earlier version of the statement had are not part of this grant. */
function statedRoles(statement: Statement, { before }: Pick<PolicyChange, 'before'>): readonly GrantedRole[] {
  const earlier = (before?.Statement ?? []).filter(({ Sid }) => Sid !== undefined && Sid === statement.Sid)
  const old = earlier.flatMap(({ Resource }) => list(Resource))
  const services = servicesIn(statement)
  return list(statement.Resource)
    .filter(pattern => pattern !== '*' && !old.includes(pattern))
    .map(pattern => ({ pattern, services }))
}

const servicesOf = ({ passes }: Denial): readonly string[] =>
  (passes[0]?.service.values ?? []).map(({ service }) => service)

const servicesIn = ({ Condition = {} }: Statement): readonly string[] =>
  Object.values(Condition)
    .flatMap(block => Object.entries(block))
    .filter(([key]) => key.toLowerCase() === 'iam:passedtoservice')
    .flatMap(([, value]) => list(value).map(String))

/** Excludes statements that only gained a value: what they allowed before is no use of this grant. */
function addedStatements({ before, after }: Pick<PolicyChange, 'before' | 'after'>): readonly Statement[] {
  const old = before?.Statement ?? []
  const forms = new Set(old.map(canonicalJson))
  return after.Statement.filter(
    statement => !forms.has(canonicalJson(statement)) && !old.some(one => valueAdded(one, statement) !== null),
  )
}

/** The event names of the denied call itself. */
export function ownEvents({ denial, template }: WrittenGrant): readonly string[] {
  const { operations } = descriptorOf(denial.action).record
  if (!passesRoles(denial.action)) return operations
  const calls = [denial, ...(template?.needs ?? []).map(need => need.denial)].map(({ call }) => call.eventName)
  return [...new Set(calls.filter(name => name !== null))]
}

/** Every event name under which a use can be recorded. Null: unknown. */
export function allEvents(grant: WrittenGrant): readonly string[] | null {
  const own = ownEvents(grant)
  if (!passesRoles(grant.denial.action)) return own.length === 0 ? null : own
  const services = [...new Set(grantedRoles(grant).flatMap(role => role.services))]
  if (services.length === 0) return null
  const names = callsSending(services).flatMap(({ eventName }) => (eventName === null ? [] : [eventName]))
  return [...new Set([...own, ...names])]
}
