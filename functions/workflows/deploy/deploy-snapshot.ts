/** The state of IAM when a deploy reaches its needs: the current state plus the roles that the deploy itself makes. */
import { ABSENT, found, known, unknown, unreadable } from '../../../core/base/index.ts'
import {
  entityName,
  parsePolicy,
  parseRoleArn,
  type Role,
  roleArn,
  type SourcedPolicy,
  samePolicy,
} from '../../../core/iam/index.ts'
import type { MadeProfile, MadeRole } from '../../../iac/needs/index.ts'
import type { AccessReader } from '../../ports/access-reader.ts'

export type DeployMade = {
  readonly partition: string
  readonly roles: readonly MadeRole[]
  readonly profiles: readonly MadeProfile[]
  /** Keeps existing roles unchanged. */
  readonly onlyAbsent?: boolean
}

export function withMade(reader: AccessReader, { partition, roles, onlyAbsent = false }: DeployMade): AccessReader {
  const byName = new Map(
    roles.flatMap(role =>
      role.name === null || role.accountId === null
        ? []
        : [[`${role.accountId} ${role.name.toLowerCase()}`, role] as const],
    ),
  )
  if (byName.size === 0) return reader
  return {
    ...reader,
    async role(entity, scope) {
      const made = byName.get(`${entity.accountId} ${entity.name.toLowerCase()}`)
      const live = await reader.role(entity, scope)
      if (made === undefined || (onlyAbsent && live.kind !== 'absent')) return live
      // An existing role keeps its other policies. Its trust policy becomes that of the deploy.
      if (live.kind === 'found') return found({ ...live.value, trust: trustOver(live.value, made) })
      return made.path === null ? unreadable(OPEN_PATH) : found(roleOf({ ...made, path: made.path }, partition))
    },
    async roles(accountId) {
      const all = await reader.roles(accountId)
      if (!all.known) return all
      const listed = new Set(all.value.map(({ arn }) => entityName(arn).toLowerCase()))
      const own = [...byName.values()].filter(
        role => role.accountId === accountId && !listed.has(role.name?.toLowerCase() ?? ''),
      )
      const placed = own.flatMap(role =>
        role.path === null ? [] : [{ arn: arnOf({ ...role, path: role.path }, partition), trust: trustOf(role) }],
      )
      return placed.length < own.length ? unknown(OPEN_PATH) : known([...all.value, ...placed])
    },
  }
}

/** As if this role had a name already, which only the deploy will know: with the trust policy that its source writes. */
export function withNamed(
  reader: AccessReader,
  role: MadeRole,
  at: { readonly partition: string; readonly arn: string },
): AccessReader {
  const named = parseRoleArn(at.arn)
  if (named === null) return reader
  const { accountId, name, path } = named
  const made = found(roleOf({ ...role, accountId, name, path }, at.partition))
  return {
    ...reader,
    role: (entity, scope) =>
      entity.accountId === accountId && entity.name === name ? Promise.resolve(made) : reader.role(entity, scope),
  }
}

const OPEN_PATH = 'only the deploy will know the path of a role that it makes'

type PlacedRole = MadeRole & { readonly path: string }

const arnOf = (role: PlacedRole, partition: string): string =>
  roleArn(partition, role.accountId ?? '', role.name ?? '', role.path)

function roleOf(role: PlacedRole, partition: string): Role {
  const arn = arnOf(role, partition)
  const inline = role.inlinePolicies.flatMap((policy): SourcedPolicy[] => {
    const parsed = parsePolicy(policy.document)
    return parsed.ok
      ? [{ type: 'identity', name: policy.name, arn: null, attachedTo: arn, document: parsed.value }]
      : []
  })
  const isWhole = role.complete && inline.length === role.inlinePolicies.length && role.managedPolicyArns.length === 0
  return {
    kind: 'role',
    arn,
    accountId: role.accountId ?? '',
    name: role.name ?? '',
    path: role.path,
    uniqueId: null,
    tags: {},
    policies: inline,
    unseen: isWhole ? [] : [{ fact: `policies of ${role.name ?? role.logicalId}`, why: 'the deploy makes the role' }],
    boundary: role.permissionsBoundary === null ? ABSENT : unreadable('the deploy makes the role'),
    trust: trustOf(role),
  }
}

/** The trust policy of a role that is there, once the deploy has run. */
function trustOver({ trust }: Role, made: MadeRole): Role['trust'] {
  const next = trustOf(made)
  if (made.isConditional !== true || (trust.known && next.known && samePolicy(trust.value, next.value))) return next
  return unknown('only the deploy will know whether it sets the trust policy')
}

function trustOf(role: MadeRole): Role['trust'] {
  const parsed = parsePolicy(role.trust.document)
  if (!parsed.ok) return unknown('the trust policy that the deploy writes cannot be read')
  return role.trust.complete ? known(parsed.value) : unknown('only the deploy will know the whole trust policy')
}
