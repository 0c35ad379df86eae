import {
  type DeployEnvironment,
  holeText,
  joinTexts,
  knownText,
  literalText,
  patternOf,
  type RoleText,
} from '../source/index.ts'
import type { NeededRole } from './need.ts'
import type { RoleProperty } from './role-tables.ts'
import { linkedRoleName } from './service-linked-roles.ts'

/** True when the text can be a role. Role properties can also contain the caller's own credentials, users and empty settings. */
export function isRoleText(text: RoleText, kind: RoleProperty['kind']): boolean {
  const known = knownText(text)
  if (known === null) return true
  if (known === '') return false
  if (kind === 'instance-profile') return true
  return known.startsWith('arn:') ? known.includes(':role/') : /^[\w+=,.@/-]+$/.test(known)
}

export function linkedRole(
  { partition, accountId }: DeployEnvironment,
  service: RoleText,
  name: string | null,
  resource: RoleText['resource'],
): NeededRole {
  const account = accountId === null ? holeText('AWS::AccountId', 'unknown') : literalText(accountId)
  const known = name ?? linkedRoleName(patternOf(service))
  const last = known === null ? holeText('the name of the service-linked role', 'unknown') : literalText(known)
  const text = joinTexts([
    literalText(`arn:${partition}:iam::`),
    account,
    literalText(':role/aws-service-role/'),
    literalText(patternOf(service)),
    literalText('/'),
    last,
  ])
  return { kind: 'role', text: { ...text, from: resource === null ? 'literal' : 'same-template', resource } }
}
