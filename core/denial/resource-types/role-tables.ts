/** Role properties of resource types, each with the call that passes the role: `npm run role-properties`. */
import cloudFormation from './cloudformation-roles.json' with { type: 'json' }
import terraform from './terraform-roles.json' with { type: 'json' }

/** Property, call as `service:Operation`, then the service that receives it and the kind of role, where they are unusual. */
export type RoleRow = readonly string[]
type Rows = Readonly<Record<string, readonly RoleRow[]>>

const CLOUDFORMATION: Rows = cloudFormation.types
const TERRAFORM: Rows = terraform.types

/** Null: the type is not in the table. */
export const cloudFormationRows = (type: string): readonly RoleRow[] | null => rowsOf(CLOUDFORMATION, type)

export const terraformRows = (type: string): readonly RoleRow[] | null => rowsOf(TERRAFORM, type)

const rowsOf = (rows: Rows, type: string): readonly RoleRow[] | null =>
  Object.hasOwn(rows, type) ? (rows[type] ?? null) : null

let byCloudControlName: ReadonlyMap<string, string> | undefined

/** The `awscc` provider spells CloudFormation's types in snake case. Null for a type without roles. */
export function typeOfCloudControl(name: string): string | null {
  byCloudControlName ??= new Map(
    Object.keys(CLOUDFORMATION).map(type => [
      type
        .replace(/^AWS::/, '')
        .replaceAll('::', '')
        .toLowerCase(),
      type,
    ]),
  )
  return byCloudControlName.get(name.slice('awscc_'.length).replaceAll('_', '')) ?? null
}
