import { assumeRole, passRole } from '../../core/actions/index.ts'
import { cloudFormationRows, type RoleRow, terraformRows, typeOfCloudControl } from '../../core/denial/index.ts'
import type { NeedAction, NeededRole } from './need.ts'

export type RoleProperty = {
  readonly path: string
  readonly operation: string
  readonly service: string | null
  readonly kind: NeededRole['kind']
  readonly action: NeedAction
}

export const cloudFormationRoles = (type: string): readonly RoleProperty[] =>
  (cloudFormationRows(type) ?? []).map(propertyOf)

/** Null: the table lacks the type, so its attributes are recognized only by name. */
export function terraformRoles(type: string): readonly RoleProperty[] | null {
  return type.startsWith('awscc_') ? cloudControlRoles(type) : (terraformRows(type)?.map(propertyOf) ?? null)
}

function propertyOf([path = '', operation = '', service = '', kind = 'role']: RoleRow): RoleProperty {
  return {
    path,
    operation,
    service: service === '' ? null : service,
    kind: kind === 'instance-profile' ? 'instance-profile' : 'role',
    action: kind === 'assumed-role' ? assumeRole.name : passRole.name,
  }
}

/** The `awscc` provider writes CloudFormation's types and properties in snake case. */
function cloudControlRoles(name: string): readonly RoleProperty[] {
  const type = typeOfCloudControl(name)
  const found = type === null ? [] : cloudFormationRoles(type)
  return found.map(property => ({ ...property, path: snakeCase(property.path) }))
}

function snakeCase(path: string): string {
  return path
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}
