import { assumeRole, passRole } from '../../core/actions/index.ts'
import {
  assumersOf,
  cloudFormationRows,
  type RoleAssumers,
  type RoleRow,
  terraformRows,
  typeOfCloudControl,
} from '../../core/denial/index.ts'
import type { NeedAction, NeededRole } from './need.ts'
import { inSnakeCase } from './property-path.ts'

export type RoleProperty = {
  readonly path: string
  readonly operation: string
  readonly service: string | null
  readonly kind: NeededRole['kind']
  readonly action: NeedAction
  readonly assumers: RoleAssumers | null
}

export const cloudFormationRoles = (type: string): readonly RoleProperty[] =>
  (cloudFormationRows(type) ?? []).map(row => propertyOf(type, row))

/** Null: the table lacks the type, so its attributes are recognized only by name. */
export function terraformRoles(type: string): readonly RoleProperty[] | null {
  return type.startsWith('awscc_')
    ? cloudControlRoles(type)
    : (terraformRows(type)?.map(row => propertyOf(type, row)) ?? null)
}

function propertyOf(type: string, row: RoleRow): RoleProperty {
  const [path = '', operation = '', service = '', kind = 'role'] = row
  return {
    path,
    operation,
    service: service === '' ? null : service,
    kind: kind === 'instance-profile' ? 'instance-profile' : 'role',
    action: kind === 'assumed-role' ? assumeRole.name : passRole.name,
    assumers: assumersOf(type, row),
  }
}

/** The `awscc` provider writes CloudFormation's types and properties in snake case. */
function cloudControlRoles(name: string): readonly RoleProperty[] {
  const type = typeOfCloudControl(name)
  const found = type === null ? [] : cloudFormationRoles(type)
  return found.map(property => ({ ...property, path: inSnakeCase(property.path) }))
}
