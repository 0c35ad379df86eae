/** Reads what one denial needs: the policies of the caller and of the roles that it concerns, and the guardrails above both. */
import { descriptorOf, passesRoles } from '../actions/index.ts'
import { ABSENT, type Fact, known, never, type Read, unknown, unreadable } from '../base/index.ts'
import { type Denial, type Principal, principalNamed } from '../denial/index.ts'
import {
  type AccessRequest,
  type AccessSnapshot,
  type GuardrailLevel,
  type Identity,
  type ListedRole,
  type Organization,
  parseArn,
  parseRoleArn,
  type Role,
  type TargetRole,
} from '../iam/index.ts'
import { partitionsOf, similarRoles } from './similar-roles.ts'

type Named = { readonly accountId: string; readonly name: string }

/** Where policies are read from, by account. */
export type AccessSource = {
  /** The entity with all its identity policies and its boundary. */
  identity(entity: Named & { readonly kind: 'role' | 'user' }): Read<Identity>
  /** The role with its trust policy. `trust`: its own policies may be left unread. */
  role(entity: Named, scope: 'trust' | 'whole'): Read<Role>
  /** Every role of the account with its trust policy. */
  roles(accountId: string): Fact<readonly ListedRole[]>
  /** The ARN of the role inside an instance profile. */
  instanceProfileRole(entity: Named): Read<string>
  organization(): Fact<Organization>
  /** The levels from the root down. */
  serviceControlPolicies(accountId: string): Fact<readonly GuardrailLevel[]>
  resourceControlPolicies(accountId: string): Fact<readonly GuardrailLevel[]>
}

type Question = {
  readonly principal: Principal
  readonly source: Denial['source']
  /** The account that logged the denial. */
  readonly accountId: string | null
  /** Role ARNs, the denied one first. */
  readonly roles: readonly string[]
  /** An instance profile means the role in it: who assumes a role has to name the role. */
  readonly passes: boolean
}

export function snapshotFor(about: Denial | AccessRequest, access: AccessSource): AccessSnapshot {
  const question = 'principalArn' in about ? ofRequest(about) : ofDenial(about)
  const callerAccount = question.principal.accountId ?? question.accountId
  return {
    caller: callerOf(question, access),
    targets: targetsOf(question, access),
    organization: access.organization(),
    scps:
      callerAccount === null
        ? unknown('the event does not name the account of the caller')
        : access.serviceControlPolicies(callerAccount),
    rcps: rcpsFor(question, access),
    session: unknown('CloudTrail does not show the session policy'),
    vpce: unknown('the policy of the VPC endpoint, if one was used, was not read'),
  }
}

function ofDenial({ principal, source, accountId, action, resource, passes }: Denial): Question {
  const isPass = descriptorOf(action).passesRoles
  const passed = isPass ? passes.map(({ arn }) => arn) : []
  return { principal, source, accountId, roles: resource === null ? passed : [resource, ...passed], passes: isPass }
}

const ofRequest = ({ principalArn, roleArn, action, resource }: AccessRequest): Question => ({
  principal: principalNamed(roleArn ?? principalArn),
  source: 'cloudtrail',
  accountId: null,
  roles: [resource],
  passes: passesRoles(action),
})

function callerOf({ principal, source }: Question, access: AccessSource): Read<Identity> {
  switch (principal.kind) {
    case 'user':
    case 'role':
    case 'sso-role':
    case 'service-linked-role': {
      const { accountId, name } = principal
      if (accountId === null || name === null) return unreadable(unnamed(source, principal))
      const read = access.identity({ accountId, kind: principal.kind === 'user' ? 'user' : 'role', name })
      return within(partitionOf(principal.arn), read)
    }
    // These have no identity policies in IAM.
    case 'root':
    case 'web-identity':
    case 'saml':
    case 'service':
      return ABSENT
    case 'federated-user':
      return unreadable('the session of a federated user does not name the IAM user who issued it')
    case 'unknown':
      return unreadable(unnamed(source, principal))
    default:
      return never(principal.kind)
  }
}

function unnamed(source: Denial['source'], { arn }: Principal): string {
  if (source === 'cloudtrail') return 'the event does not name the caller'
  return arn === null ? 'the text does not name the caller' : 'the text does not show the account of the caller'
}

const partitionOf = (arn: string | null): string | null => parseArn(arn ?? '')?.partition ?? null

const OTHER_PARTITION = unreadable('what was read is of another partition than the caller')

/** A file may describe an account of another partition, whose roles are different ones. */
const isOther = (partition: string | null, arn: string): boolean => partition !== null && partitionOf(arn) !== partition

function within<T extends Identity>(partition: string | null, read: Read<T>): Read<T> {
  return read.kind === 'found' && isOther(partition, read.value.arn) ? OTHER_PARTITION : read
}

/** Each role of the call once, the denied one first. */
function targetsOf({ principal, roles, passes }: Question, access: AccessSource): readonly TargetRole[] {
  const partition = partitionOf(principal.arn)
  const named = passes ? targetPassed : targetNamed
  const targets = [...new Set(roles)].map(arn => named(arn, partition, access))
  return targets.filter((target, index) => targets.findIndex(({ arn }) => arn === target.arn) === index)
}

function targetPassed(arn: string, partition: string | null, access: AccessSource): TargetRole {
  const profile = parseInstanceProfile(arn)
  if (profile === null) return targetNamed(arn, partition, access)
  const role = access.instanceProfileRole(profile)
  if (role.kind === 'found') return targetNamed(role.value, partition, access)
  return { arn, role, near: unknown('the instance profile could not be followed to a role') }
}

function targetNamed(arn: string, partition: string | null, access: AccessSource): TargetRole {
  const role = parseRoleArn(arn)
  if (role === null || /[*?]/.test(role.name)) {
    // A role cannot have a complete ARN of another type. A pattern or a fragment may match a role.
    const other = parseArn(arn) !== null && (!/[*?]/.test(arn) || OTHER_TYPE.test(arn))
    return { arn, role: other ? ABSENT : unreadable('not the ARN of one role'), near: unknown('not the ARN of a role') }
  }
  const read = within(partition, access.role({ accountId: role.accountId, name: role.name }, 'trust'))
  if (read.kind !== 'absent') return { arn, role: read, near: unknown('asked only when the role does not exist') }
  const all = access.roles(role.accountId)
  if (!all.known) return { arn, role: read, near: all }
  const hasOther = partition !== null && [...partitionsOf(all.value)].some(one => one !== partition)
  return hasOther
    ? { arn, role: OTHER_PARTITION, near: unknown(OTHER_PARTITION.why) }
    : { arn, role: read, near: known(similarRoles(arn, all.value)) }
}

/** Also where stars hide the account. */
const OTHER_TYPE = /^arn:[^:]*:(?:iam|sts)::[^:]*:(?!role\/)[a-z-]+(?:\/[^*?]*)?$/

function parseInstanceProfile(text: string): { readonly accountId: string; readonly name: string } | null {
  const arn = parseArn(text)
  if (arn === null || arn.service !== 'iam' || !arn.resource.startsWith('instance-profile/')) return null
  return { accountId: arn.accountId, name: arn.resource.split('/').at(-1) ?? '' }
}

function rcpsFor({ roles: [first = ''] }: Question, access: AccessSource): AccessSnapshot['rcps'] {
  const account = parseArn(first)?.accountId ?? ''
  if (!/^\d{12}$/.test(account)) return unknown('nothing names the account of the role')
  return access.resourceControlPolicies(account)
}

const UNIQUE_ID = /^A[A-Z]{3}[A-Z0-9]{16,}$/

type Denied = Pick<Principal, 'kind' | 'arn' | 'roleArn' | 'pathKnown' | 'uniqueId'>

/**
 * True when the denied principal is another one than the entity read. Compares unique ids, which AWS never reuses: the same
 * name with another id is another principal. If an id is missing, compares ARNs, as the path of a role cannot change.
 * `denied.uniqueId` may include a session name.
 */
export function isDifferentEntity(denied: Denied, { arn, uniqueId }: Pick<Identity, 'arn' | 'uniqueId'>): boolean {
  const [asked, now] = [denied.uniqueId?.split(':')[0] ?? '', uniqueId ?? '']
  if (UNIQUE_ID.test(asked) && UNIQUE_ID.test(now)) return asked !== now
  const named = denied.kind === 'user' ? denied.arn : denied.pathKnown ? denied.roleArn : null
  return named !== null && named !== arn
}
