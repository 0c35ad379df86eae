import type { SpecDatabase } from '@aws-cdk/service-spec-types'
import { type PropertyLeaf, propertyLeaves } from './property-leaves.ts'
import type { RoleCallRow } from './tables.ts'

/** `[path, operation]`, with the service if the operation does not determine it, and the kind if it is not a role. */
export type GeneratedRoleProperty = readonly [
  path: string,
  operation: string,
  service?: string,
  kind?: 'instance-profile' | 'assumed-role',
]

export type Generated = {
  readonly types: Readonly<Record<string, readonly GeneratedRoleProperty[]>>
  /** Properties that look like roles but have no row in the table. */
  readonly undecided: readonly string[]
  /** Rows without a matching property in the specification. */
  readonly unused: readonly string[]
}

const ROLE_NAME =
  /(?:Role|RoleArn|RoleARN|RoleName|Roles|RoleArns|Credentials|CredentialsArn|SnsCallerArn|PermissionArn|InstanceProfile(?:Arn|ARN|Name)?|RoleArnForLogging)$/
const INSTANCE_PROFILE = /InstanceProfile|JobFlowRole|ComputeResources\.InstanceRole$/

/** The specification marks some references to roles; the others are found by name. Each candidate needs a row in the table. */
export function generateCloudFormation(spec: SpecDatabase, decisions: readonly RoleCallRow[]): Generated {
  const byType = Map.groupBy(decisions, decision => decision.type)
  const types = new Map<string, GeneratedRoleProperty[]>()
  const undecided: string[] = []
  const used = new Set<RoleCallRow>()
  const add = (type: string, path: string, decision: RoleCallRow) => {
    used.add(decision)
    if (decision.operation === '-') return
    const properties = types.get(type) ?? []
    if (!properties.some(([other]) => other === path)) properties.push(roleProperty(path, decision))
    types.set(type, properties)
  }
  for (const leaf of propertyLeaves(spec)) {
    const own = byType.get(leaf.type) ?? []
    const exact = own.find(decision => decision.path === leaf.path)
    if (exact !== undefined) add(leaf.type, leaf.path, exact)
    else if (isCandidate(leaf)) {
      const general = own.find(decision => decision.path === '*')
      if (general === undefined) undecided.push(`${leaf.type} ${leaf.path}`)
      else add(leaf.type, leaf.path, general)
    }
  }
  for (const decision of decisions) {
    if (!used.has(decision) && FREE_FORM.test(decision.note)) add(decision.type, decision.path, decision)
  }
  return {
    types: Object.fromEntries([...types].sort(([a], [b]) => (a < b ? -1 : 1))),
    undecided,
    unused: decisions.filter(decision => !used.has(decision)).map(decision => `${decision.type} ${decision.path}`),
  }
}

/** The schema has these as JSON or as lists of keyed values, so the specification has no path for them. */
const FREE_FORM = /^free-form/

export function generateTerraform(
  decisions: readonly RoleCallRow[],
): Readonly<Record<string, readonly GeneratedRoleProperty[]>> {
  const types = new Map<string, GeneratedRoleProperty[]>()
  for (const decision of decisions) {
    const properties = types.get(decision.type) ?? []
    if (decision.operation !== '-') properties.push(roleProperty(decision.path, decision))
    types.set(decision.type, properties)
  }
  return Object.fromEntries(types)
}

function isCandidate(leaf: PropertyLeaf): boolean {
  if (leaf.refersTo.includes('AWS::IAM::Role') || leaf.refersTo.includes('AWS::IAM::InstanceProfile')) return true
  const last = leaf.path.split('.').at(-1) ?? ''
  return ROLE_NAME.test(last.replaceAll(/[[\]{}]/g, '')) || leaf.path.includes('IamInstanceProfile')
}

function roleProperty(path: string, { operation, service }: RoleCallRow): GeneratedRoleProperty {
  const isProfile = INSTANCE_PROFILE.test(path) || TERRAFORM_PROFILE.test(path)
  if (isProfile) return [path, operation, service, 'instance-profile']
  if (isAssumption(operation)) return [path, operation, '', 'assumed-role']
  return service === '' ? [path, operation] : [path, operation, service]
}

/** The handler assumes the role itself, with the permissions of the principal that deploys. */
const isAssumption = (operation: string): boolean => operation.startsWith(ASSUMPTIONS)

const ASSUMPTIONS = 'sts:'

const TERRAFORM_PROFILE =
  /instance_profile|compute_resources\[\]\.instance_role$|OptionName=IamInstanceProfile|name=IamInstanceProfile/
