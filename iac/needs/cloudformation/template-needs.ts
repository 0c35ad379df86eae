import { assumeRole, createServiceLinkedRole, passRole } from '../../../core/actions/index.ts'
import { assumersOfCall } from '../../../core/denial/index.ts'
import {
  childOf,
  type DeployEnvironment,
  entryOf,
  type IntrinsicsScope,
  isPresent,
  literalText,
  newDepth,
  type ReadingDepth,
  type RoleText,
  readTemplate,
  type StackScopes,
  scalarNode,
  scalarText,
  stackScopes,
  type TemplateResource,
  textsOf,
} from '../../source/index.ts'
import { assumptionsOf } from '../assumptions.ts'
import { type Actor, type DeployNeeds, type MadeRole, type Need, type NeedPlace, PRINCIPAL } from '../need.ts'
import { cloudFormationRoles } from '../role-tables.ts'
import { isRoleText, linkedRole } from '../role-values.ts'
import { LINKED_ROLES } from '../service-linked-roles.ts'
import { assumingResource } from './assuming-resource.ts'
import { madeProfiles, madeRoles } from './made-roles.ts'
import { propertyValuesAt } from './property-values.ts'
import { samRoles } from './sam.ts'

export type TemplateOptions = {
  readonly environment: DeployEnvironment
  readonly given: ReadonlyMap<string, readonly RoleText[]>
  /** The text of another file of this deploy, by its path. Null: there is no such file. */
  readonly textAt: (path: string) => string | null
  readonly exported: (name: string) => readonly RoleText[] | null
  /** Shared by the stacks of one application, which refer to each other. Absent: the template is alone. */
  readonly depth?: ReadingDepth
  readonly actor: Actor
  /** Construct paths by logical id, for templates without their own. */
  readonly constructPaths: ReadonlyMap<string, string>
}

export const NO_OPTIONS = {
  given: new Map<string, readonly RoleText[]>(),
  exported: () => null,
  actor: PRINCIPAL,
  constructPaths: new Map<string, string>(),
} as const

const CLOUDFORMATION = 'cloudformation.amazonaws.com'

/** Throws `UnreadableSource`. */
export function scopesOf(file: string, text: string, options: TemplateOptions): StackScopes {
  const templateAt = (path: string) => {
    const inner = options.textAt(path)
    return inner === null ? null : readTemplate(path, inner)
  }
  return stackScopes(readTemplate(file, text), {
    ...options,
    templateAt,
    isPart: false,
    depth: options.depth ?? newDepth(),
  })
}

export function needsOfScopes({ all, unread }: StackScopes, options: TemplateOptions): DeployNeeds {
  const needs: Need[] = []
  const made: MadeRole[] = []
  for (const scope of all) {
    const added: MadeRole[] = []
    for (const resource of scope.template.resources.values()) {
      if (isPresent(scope, resource) === false) continue
      const macro = entryOf(resource.properties, 'Fn::Transform')
      if (macro !== undefined) scope.work.macros.set(macro.start, macro)
      needs.push(...needsOfResource(scope, resource, options, added))
    }
    made.push(...madeRoles(scope), ...added)
  }
  const profiles = all.flatMap(madeProfiles)
  return { needs, made, profiles, deployRole: null, unread: [...unread, ...all.flatMap(writtenByMacros)] }
}

/** Includes and other macros that may write roles. Call after everything else was read. */
const writtenByMacros = ({ template, work }: IntrinsicsScope): DeployNeeds['unread'] =>
  [...work.macros.values()].map(({ line, value }) => ({
    file: template.file,
    line,
    what: `what the macro ${scalarText(childOf(value, 'Name')) ?? '(unnamed)'} writes here`,
  }))

/** The needs of one template and of its nested stacks. Throws `UnreadableSource`. */
export function templateNeeds(file: string, text: string, options: TemplateOptions): DeployNeeds {
  const scopes = scopesOf(file, text, options)
  return { ...needsOfScopes(scopes, options), parameters: [...scopes.root.template.parameters.keys()] }
}

function needsOfResource(
  scope: IntrinsicsScope,
  resource: TemplateResource,
  options: TemplateOptions,
  added: MadeRole[],
): readonly Need[] {
  const place = placeOf(scope, resource, options)
  const conditional = isPresent(scope, resource) === null
  const common = { actor: options.actor, via: CLOUDFORMATION, byName: false, implied: false }
  const needs: Need[] = []
  const assuming = assumingResource(scope, resource)
  for (const property of cloudFormationRoles(resource.type)) {
    const values = propertyValuesAt(scope, resource.properties, property.path)
    for (const value of values) {
      if (!isRoleText(value.text, property.kind)) continue
      needs.push({
        ...common,
        action: property.action,
        role: { kind: property.kind, text: value.text },
        service: property.service,
        operation: property.operation,
        where: { ...place, line: value.line, property: value.property },
        conditional: conditional || isOneOfSeveral(values, value),
        assumptions: assumptionsOf(property.assumers, assuming),
      })
    }
  }
  if (scope.template.isSam) {
    for (const role of samRoles(scope, resource)) {
      const { operation, service, property, line, text, trusts } = role
      if (!isRoleText(text, 'role')) continue
      const where = { ...place, line, property }
      needs.push({
        ...common,
        action: passRole.name,
        role: { kind: 'role', text },
        service,
        operation,
        where,
        conditional,
        assumptions: assumptionsOf(assumersOfCall(operation), assuming),
      })
      if (trusts !== null && text.resource !== null) added.push(addedRole(text.resource.logicalId, scope, trusts, line))
    }
  }
  needs.push(...linkedRoleNeeds(scope, resource, place, conditional, options.actor))
  return needs
}

const isOneOfSeveral = (values: readonly { readonly property: string }[], value: { readonly property: string }) =>
  values.some(other => other !== value && other.property === value.property)

function placeOf(scope: IntrinsicsScope, resource: TemplateResource, options: TemplateOptions): NeedPlace {
  const ownPath = scalarText(childOf(resource.metadata, 'aws:cdk:path'))
  return {
    file: scope.template.file,
    line: resource.line,
    logicalId: resource.logicalId,
    property: '',
    constructPath: ownPath ?? options.constructPaths.get(resource.logicalId) ?? null,
  }
}

function linkedRoleNeeds(
  scope: IntrinsicsScope,
  resource: TemplateResource,
  place: NeedPlace,
  conditional: boolean,
  actor: Actor,
): readonly Need[] {
  const common = {
    action: createServiceLinkedRole.name,
    service: null,
    operation: createServiceLinkedRole.name,
    assumptions: [],
  }
  const rest = { conditional, actor, via: CLOUDFORMATION, byName: false }
  if (resource.type === 'AWS::IAM::ServiceLinkedRole') {
    const entry = entryOf(resource.properties, 'AWSServiceName')
    return textsOf(scope, entry?.value ?? scalarNode('', resource.node)).map(service => ({
      ...common,
      ...rest,
      role: linkedRole(scope.environment, service, null, { scope: scope.id, logicalId: resource.logicalId }),
      where: { ...place, line: entry?.line ?? resource.line, property: 'AWSServiceName' },
      implied: false,
    }))
  }
  const linked = LINKED_ROLES.get(resource.type)
  if (linked === undefined) return []
  const role = linkedRole(scope.environment, literalText(linked.service), linked.name, null)
  return [{ ...common, ...rest, role, where: { ...place, property: 'Type' }, implied: true }]
}

/**
 * A role that the SAM transform adds, with its trust policy. Its permissions depend on `Policies`, which the transform expands,
 * so they are incomplete.
 */
function addedRole(logicalId: string, scope: IntrinsicsScope, service: string, line: number): MadeRole {
  const statement = { Effect: 'Allow', Principal: { Service: [service] }, Action: [assumeRole.name] }
  return {
    accountId: scope.environment.accountId,
    scope: scope.id,
    logicalId,
    name: null,
    path: '/',
    trust: { document: { Version: '2012-10-17', Statement: [statement] }, complete: true },
    inlinePolicies: [],
    managedPolicyArns: [],
    permissionsBoundary: null,
    complete: false,
    file: scope.template.file,
    line,
  }
}
