/** Reads only what one denial needs: the caller, the roles that the request is about, and the guardrails of their accounts. */

import { partitionsOf, similarRoles } from '../../../core/access/index.ts'
import { descriptorOf } from '../../../core/actions/index.ts'
import { ABSENT, known, never, type Read, unknown, unreadable } from '../../../core/base/index.ts'
import type { Denial } from '../../../core/denial/index.ts'
import { type AccessSnapshot, type Identity, parseArn, parseRoleArn, type TargetRole } from '../../../core/iam/index.ts'
import type { AccessReader } from '../../ports/access-reader.ts'

export async function gather(denial: Denial, reader: AccessReader): Promise<AccessSnapshot> {
  const callerAccount = denial.principal.accountId ?? denial.accountId
  const [caller, targets, scps, rcps, organization] = await Promise.all([
    readCaller(denial, reader),
    readTargets(denial, reader),
    callerAccount === null
      ? unknown('the event does not name the account of the caller')
      : reader.serviceControlPolicies(callerAccount),
    readRcps(denial, reader),
    reader.organization(),
  ])
  return {
    caller,
    targets,
    organization,
    scps,
    rcps,
    session: unknown('CloudTrail does not show the session policy'),
    vpce: unknown('the policy of the VPC endpoint, if one was used, was not read'),
  }
}

/** The same snapshot with what the target roles themselves may do: it matters only for what a change would open. */
export async function withTargetPolicies(snapshot: AccessSnapshot, reader: AccessReader): Promise<AccessSnapshot> {
  const targets = await Promise.all(
    snapshot.targets.map(async target => {
      if (target.role.kind !== 'found') return target
      const { accountId, name } = target.role.value
      return { ...target, role: await reader.role({ accountId, name }) }
    }),
  )
  return { ...snapshot, targets }
}

async function readCaller({ principal, source }: Denial, reader: AccessReader): Promise<Read<Identity>> {
  switch (principal.kind) {
    case 'user':
    case 'role':
    case 'sso-role':
    case 'service-linked-role': {
      const { accountId, name } = principal
      if (accountId === null || name === null) return unreadable(unnamed(source, principal))
      const read = await reader.identity({ accountId, kind: principal.kind === 'user' ? 'user' : 'role', name })
      return within(partitionOf(principal.arn), read)
    }
    // These carry no identity policies of an IAM entity.
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

function unnamed(source: Denial['source'], { arn }: Denial['principal']): string {
  if (source === 'cloudtrail') return 'the event does not name the caller'
  return arn === null ? 'the text does not name the caller' : 'the text does not show the account of the caller'
}

const partitionOf = (arn: string | null): string | null => parseArn(arn ?? '')?.partition ?? null

const OTHER_PARTITION = unreadable('what was read is of another partition than the caller')

/** An account's file may be of another partition, whose accounts and roles are others. */
const isOther = (partition: string | null, arn: string): boolean => partition !== null && partitionOf(arn) !== partition

function within<T extends Identity>(partition: string | null, read: Read<T>): Read<T> {
  return read.kind === 'found' && isOther(partition, read.value.arn) ? OTHER_PARTITION : read
}

/** Each role of the call once, the denied one first. */
async function readTargets(denial: Denial, reader: AccessReader): Promise<readonly TargetRole[]> {
  const named = descriptorOf(denial.action).passesRoles ? denial.passes.map(({ arn }) => arn) : []
  const arns = denial.resource === null ? named : [denial.resource, ...named]
  const partition = partitionOf(denial.principal.arn)
  const targets = await Promise.all([...new Set(arns)].map(arn => readTarget(arn, partition, reader)))
  return targets.filter((target, index) => targets.findIndex(({ arn }) => arn === target.arn) === index)
}

async function readTarget(arn: string, partition: string | null, reader: AccessReader): Promise<TargetRole> {
  const profile = parseInstanceProfile(arn)
  if (profile !== null) {
    const role = await reader.instanceProfileRole(profile)
    if (role.kind === 'found') return readTarget(role.value, partition, reader)
    return { arn, role, near: unknown('the instance profile could not be followed to a role') }
  }
  const role = parseRoleArn(arn)
  if (role === null || /[*?]/.test(role.name)) {
    // No role can have the ARN of something else; a pattern or a fragment may match one.
    const other = parseArn(arn) !== null && !/[*?]/.test(arn)
    return { arn, role: other ? ABSENT : unreadable('not the ARN of one role'), near: unknown('not the ARN of a role') }
  }
  const read = within(partition, await reader.role({ accountId: role.accountId, name: role.name }, 'trust'))
  if (read.kind !== 'absent') return { arn, role: read, near: unknown('asked only when the role does not exist') }
  const all = await reader.roles(role.accountId)
  if (!all.known) return { arn, role: read, near: all }
  const hasOther = partition !== null && [...partitionsOf(all.value)].some(one => one !== partition)
  return hasOther
    ? { arn, role: OTHER_PARTITION, near: unknown(OTHER_PARTITION.why) }
    : { arn, role: read, near: known(similarRoles(arn, all.value)) }
}

function parseInstanceProfile(text: string): { readonly accountId: string; readonly name: string } | null {
  const arn = parseArn(text)
  if (arn === null || arn.service !== 'iam' || !arn.resource.startsWith('instance-profile/')) return null
  return { accountId: arn.accountId, name: arn.resource.split('/').at(-1) ?? '' }
}

function readRcps(denial: Denial, reader: AccessReader): Promise<AccessSnapshot['rcps']> | AccessSnapshot['rcps'] {
  const account = parseArn(denial.resource ?? denial.passes[0]?.arn ?? '')?.accountId ?? ''
  if (!/^\d{12}$/.test(account)) return unknown('nothing names the account of the role')
  return reader.resourceControlPolicies(account)
}
