import { assumeRole } from '../../actions/assume-role.ts'
import { passRole } from '../../actions/pass-role.ts'
import cloudFormation from './cloudformation-roles.json' with { type: 'json' }
import type { NeedAction, NeededRole } from './need.ts'
import terraform from './terraform-roles.json' with { type: 'json' }

export type RoleProperty = {
  readonly path: string
  readonly operation: string
  readonly service: string | null
  readonly kind: NeededRole['kind']
  readonly action: NeedAction
}

type Row = readonly string[]
type Rows = Readonly<Record<string, readonly Row[]>>

/** Made by `facts/role-properties/main.ts`. */
const CLOUDFORMATION: Rows = cloudFormation.types
const TERRAFORM: Rows = terraform.types

export const cloudFormationRoles = (type: string): readonly RoleProperty[] => properties(CLOUDFORMATION, type) ?? []

/** Null: the type is not in the table, so its attributes are known by name alone. */
export function terraformRoles(type: string): readonly RoleProperty[] | null {
  return type.startsWith('awscc_') ? cloudControlRoles(type) : properties(TERRAFORM, type)
}

function properties(rows: Rows, type: string): readonly RoleProperty[] | null {
  if (!Object.hasOwn(rows, type)) return null
  return rows[type]?.map(row => propertyOf(row)) ?? null
}

function propertyOf([path = '', operation = '', service = '', kind = 'role']: Row): RoleProperty {
  return {
    path,
    operation,
    service: service === '' ? null : service,
    kind: kind === 'instance-profile' ? 'instance-profile' : 'role',
    action: kind === 'assumed-role' ? assumeRole.name : passRole.name,
  }
}

let byCloudControlName: ReadonlyMap<string, string> | undefined

/** The `awscc` provider spells CloudFormation's types and properties in snake case. */
function cloudControlRoles(type: string): readonly RoleProperty[] {
  byCloudControlName ??= new Map(
    Object.keys(CLOUDFORMATION).map(name => [
      name
        .replace(/^AWS::/, '')
        .replaceAll('::', '')
        .toLowerCase(),
      name,
    ]),
  )
  const name = byCloudControlName.get(type.slice('awscc_'.length).replaceAll('_', ''))
  const found = name === undefined ? null : properties(CLOUDFORMATION, name)
  return (found ?? []).map(property => ({ ...property, path: snakeCase(property.path) }))
}

function snakeCase(path: string): string {
  return path
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}
