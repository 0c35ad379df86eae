/** Role properties of resource types, each with the call that passes the role. `npm run role-properties` generates them. */
import cloudFormation from './cloudformation-roles.json' with { type: 'json' }
import terraform from './terraform-roles.json' with { type: 'json' }

/** The property, the call as `service:Operation`, and, where they are unusual, the receiving service and the kind of role. */
export type RoleRow = readonly string[]
type Rows = Readonly<Record<string, readonly RoleRow[]>>

const CLOUDFORMATION: Rows = cloudFormation.types
const TERRAFORM: Rows = terraform.types

/** Null: the table does not have the type. */
export const cloudFormationRows = (type: string): readonly RoleRow[] | null => rowsOf(CLOUDFORMATION, type)

export const terraformRows = (type: string): readonly RoleRow[] | null => rowsOf(TERRAFORM, type)

export const cloudFormationTypes = (): readonly (readonly [string, readonly RoleRow[]])[] =>
  Object.entries(CLOUDFORMATION)

export const terraformTypes = (): readonly (readonly [string, readonly RoleRow[]])[] => Object.entries(TERRAFORM)

const rowsOf = (rows: Rows, type: string): readonly RoleRow[] | null =>
  Object.hasOwn(rows, type) ? (rows[type] ?? null) : null

let byCloudControlName: ReadonlyMap<string, string> | undefined

/** The CloudFormation type of an `awscc` type, which is its name in snake case. Null: a type without roles. */
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
