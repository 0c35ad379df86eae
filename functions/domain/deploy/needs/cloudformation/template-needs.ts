import { assumeRole } from '../../../actions/assume-role.ts'
import { createServiceLinkedRole } from '../../../actions/create-service-linked-role.ts'
import { passRole } from '../../../actions/pass-role.ts'
import type { DeployEnvironment } from '../../../source/environment.ts'
import { conditionHolds, textsOf } from '../../../source/intrinsics.ts'
import { refuseCycles } from '../../../source/reference-cycles.ts'
import { holeText, knownText, literalText, type RoleText } from '../../../source/role-text.ts'
import type { Scope } from '../../../source/scope.ts'
import { childOf, entryOf, scalarNode, textOf, UnreadableSource } from '../../../source/source-node.ts'
import { readTemplate, type Template, type TemplateResource } from '../../../source/template.ts'
import { type Actor, type DeployNeeds, type MadeRole, type Need, type NeedPlace, PRINCIPAL } from '../need.ts'
import { cloudFormationRoles } from '../role-tables.ts'
import { isRole, linkedRole } from '../role-values.ts'
import { LINKED_ROLES } from '../service-linked-roles.ts'
import { madeProfiles, madeRoles } from './made-roles.ts'
import { valuesAt } from './property-values.ts'
import { samRoles } from './sam.ts'

export type TemplateOptions = {
  readonly environment: DeployEnvironment
  readonly given: ReadonlyMap<string, readonly RoleText[]>
  /** The text of another file of this deploy, by its path; null: there is none to read. */
  readonly textAt: (path: string) => string | null
  readonly exported: (name: string) => readonly RoleText[] | null
  readonly actor: Actor
  /** Construct paths by logical id, where the template itself has none. */
  readonly constructPaths: ReadonlyMap<string, string>
}

export const NO_OPTIONS = {
  given: new Map<string, readonly RoleText[]>(),
  exported: () => null,
  actor: PRINCIPAL,
  constructPaths: new Map<string, string>(),
} as const

const CLOUDFORMATION = 'cloudformation.amazonaws.com'

/** CloudFormation itself stops far earlier. */
const MAX_NESTING = 20

/** A stack and the stacks nested in it. */
export type StackScopes = {
  readonly root: Scope
  readonly all: readonly Scope[]
  readonly unread: DeployNeeds['unread']
}

export function stackScopes(file: string, text: string, options: TemplateOptions): StackScopes {
  const all: Scope[] = []
  const unread: { file: string; line: number | null; what: string }[] = []
  const root = scopeOf(readTemplate(file, text), options, file, [file], all, unread)
  return { root, all, unread }
}

function scopeOf(
  template: Template,
  options: TemplateOptions,
  id: string,
  above: readonly string[],
  all: Scope[],
  unread: { file: string; line: number | null; what: string }[],
): Scope {
  refuseCycles(template)
  const nested = new Map<string, Scope>()
  const { environment, given, exported } = options
  const scope: Scope = { id, template, environment, given, exported, nested, known: new Map() }
  all.push(scope)
  for (const resource of template.resources.values()) {
    if (!NESTED_STACKS.has(resource.type) || isAbsent(scope, resource)) continue
    const path = nestedFile(scope, resource)
    const file = path === null ? null : beside(template.file, path)
    if (file !== null && above.includes(file)) {
      throw new UnreadableSource(
        template.file,
        resource.line,
        `the stack ${resource.logicalId} nests a template in itself`,
      )
    }
    const text = file === null || above.length > MAX_NESTING ? null : options.textAt(file)
    if (file === null || text === null) {
      unread.push({ file: template.file, line: resource.line, what: `the nested stack ${resource.logicalId}` })
      continue
    }
    const inner = {
      ...options,
      given: nestedParameters(scope, resource),
      environment: { ...environment, stackName: null },
    }
    nested.set(
      resource.logicalId,
      scopeOf(readTemplate(file, text), inner, `${id}/${resource.logicalId}`, [...above, file], all, unread),
    )
  }
  return scope
}

const NESTED_STACKS = new Set(['AWS::CloudFormation::Stack', 'AWS::Serverless::Application'])

/** CDK and SAM name the local file in the metadata; a plain template may name it as its address before it is packaged. */
function nestedFile(scope: Scope, { properties, metadata, type }: TemplateResource): string | null {
  const asset = textOf(childOf(metadata, 'aws:asset:path'))
  if (asset !== null) return asset
  const address = textsOf(
    scope,
    childOf(properties, type === 'AWS::CloudFormation::Stack' ? 'TemplateURL' : 'Location'),
  )
  const [text] = address
  const known = text === undefined || address.length > 1 ? null : knownText(text)
  return known === null || /^[a-z][a-z0-9+.-]*:/i.test(known) ? null : known
}

function nestedParameters(scope: Scope, { properties }: TemplateResource): ReadonlyMap<string, readonly RoleText[]> {
  const parameters = childOf(properties, 'Parameters')
  if (parameters?.kind !== 'map') return new Map()
  return new Map([...parameters.entries].map(([name, { value }]) => [name, givenTexts(scope, value)]))
}

function givenTexts(scope: Scope, value: Parameters<typeof textsOf>[1]): readonly RoleText[] {
  const texts = textsOf(scope, value)
  return texts.length > 0 ? texts : [holeText('a parameter of a nested stack', 'parameter')]
}

function beside(file: string, path: string): string {
  const parts = file.split('/').slice(0, -1)
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return (path.startsWith('/') || (file.startsWith('/') && parts[0] !== '') ? '/' : '') + parts.join('/')
}

/** What a template exports, once its scope is made. With a hole where a condition decides whether it exports that name. */
export function exportsOf(scope: Scope): ReadonlyMap<string, readonly RoleText[]> {
  const found = new Map<string, readonly RoleText[]>()
  const certain = new Set<string>()
  for (const { value, line } of scope.template.outputs.values()) {
    const condition = textOf(childOf(value, 'Condition'))
    const isThere = condition === null ? true : conditionHolds(scope, condition, line)
    if (isThere === false) continue
    const names = textsOf(scope, childOf(childOf(value, 'Export'), 'Name'))
    for (const name of new Set(names.flatMap(text => knownText(text) ?? []))) {
      found.set(name, [...(found.get(name) ?? []), ...textsOf(scope, childOf(value, 'Value'))])
      if (isThere && names.length === 1) certain.add(name)
    }
  }
  for (const [name, texts] of found)
    if (!certain.has(name)) found.set(name, [...texts, holeText(`the export ${name}`, 'import')])
  return found
}

export function needsOfScopes({ all, unread }: StackScopes, options: TemplateOptions): DeployNeeds {
  const needs: Need[] = []
  const made: MadeRole[] = []
  for (const scope of all) {
    const added: MadeRole[] = []
    for (const resource of scope.template.resources.values()) {
      if (isAbsent(scope, resource)) continue
      needs.push(...needsOfResource(scope, resource, options, added))
    }
    made.push(...madeRoles(scope), ...added)
  }
  return { needs, made, profiles: all.flatMap(madeProfiles), deployRole: null, unread }
}

/** The needs of one template and of the stacks nested in it. Throws `UnreadableSource`. */
export function templateNeeds(file: string, text: string, options: TemplateOptions): DeployNeeds {
  return needsOfScopes(stackScopes(file, text, options), options)
}

function isAbsent(scope: Scope, { condition, line }: TemplateResource): boolean {
  return condition !== null && conditionHolds(scope, condition, line) === false
}

function needsOfResource(
  scope: Scope,
  resource: TemplateResource,
  options: TemplateOptions,
  added: MadeRole[],
): readonly Need[] {
  const place = placeOf(scope, resource, options)
  const conditional = resource.condition !== null && conditionHolds(scope, resource.condition, resource.line) === null
  const common = { actor: options.actor, via: CLOUDFORMATION, byName: false, implied: false }
  const needs: Need[] = []
  for (const property of cloudFormationRoles(resource.type)) {
    const values = valuesAt(scope, resource.properties, property.path)
    for (const value of values) {
      if (!isRole(value.text, property.kind)) continue
      needs.push({
        ...common,
        action: property.action,
        role: { kind: property.kind, text: value.text },
        service: property.service,
        operation: property.operation,
        where: { ...place, line: value.line, property: value.property },
        conditional: conditional || isOneOfSeveral(values, value),
      })
    }
  }
  if (scope.template.isSam) {
    for (const role of samRoles(scope, resource)) {
      const { operation, service, property, line, text, trusts } = role
      if (!isRole(text, 'role')) continue
      const where = { ...place, line, property }
      needs.push({
        ...common,
        action: passRole.name,
        role: { kind: 'role', text },
        service,
        operation,
        where,
        conditional,
      })
      if (trusts !== null && text.resource !== null) added.push(addedRole(text.resource.logicalId, scope, trusts, line))
    }
  }
  needs.push(...linkedRoleNeeds(scope, resource, place, conditional, options.actor))
  return needs
}

const isOneOfSeveral = (values: readonly { readonly property: string }[], value: { readonly property: string }) =>
  values.some(other => other !== value && other.property === value.property)

function placeOf(scope: Scope, resource: TemplateResource, options: TemplateOptions): NeedPlace {
  const ownPath = textOf(childOf(resource.metadata, 'aws:cdk:path'))
  return {
    file: scope.template.file,
    line: resource.line,
    logicalId: resource.logicalId,
    property: '',
    constructPath: ownPath ?? options.constructPaths.get(resource.logicalId) ?? null,
  }
}

function linkedRoleNeeds(
  scope: Scope,
  resource: TemplateResource,
  place: NeedPlace,
  conditional: boolean,
  actor: Actor,
): readonly Need[] {
  const common = { action: createServiceLinkedRole.name, service: null, operation: createServiceLinkedRole.name }
  const rest = { conditional, actor, via: CLOUDFORMATION, byName: false }
  if (resource.type === 'AWS::IAM::ServiceLinkedRole') {
    const entry = entryOf(resource.properties, 'AWSServiceName')
    return textsOf(scope, entry?.value ?? scalarNode('', resource.line)).map(service => ({
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

/** The SAM transform writes this trust policy. Its permissions depend on `Policies`, which the transform expands. */
function addedRole(logicalId: string, scope: Scope, service: string, line: number): MadeRole {
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
