import { assemblyEnvironment, type DeployEnvironment } from '../environment.ts'
import { type Actor, CALLER, type DeployNeeds, type Need, PRINCIPAL } from '../need.ts'
import { holeText, joinTexts, knownText, literalText, patternOf, type RoleText } from '../role-text.ts'
import { readJsonSource } from '../source/json-source.ts'
import { childOf, type Entry, entryOf, type SourceNode, textOf, UnreadableSource } from '../source/source-node.ts'
import type { Scope } from './scope.ts'
import {
  exportsOf,
  NO_OPTIONS,
  needsOfScopes,
  type StackScopes,
  stackScopes,
  type TemplateOptions,
} from './template-needs.ts'

export type AssemblyOptions = {
  readonly environment: DeployEnvironment
  readonly open: (path: string) => string | null
}

type Stack = { readonly scopes: StackScopes; readonly options: TemplateOptions }

/**
 * Every stack of a `cdk.out` folder: what its template passes, made by the stack's execution role; the roles that the CDK assumes
 * to deploy it; and the pass of the execution role itself. Throws `UnreadableSource`.
 */
export function assemblyNeeds(folder: string, options: AssemblyOptions): DeployNeeds {
  const found: Found = { stacks: [], roles: new Map(), deployRole: null }
  readAssembly(folder, options, found, 0)
  const parts = found.stacks.map(({ scopes, options: own }) => needsOfScopes(scopes, own))
  return {
    needs: [...found.roles.values(), ...parts.flatMap(part => part.needs)],
    made: parts.flatMap(part => part.made),
    profiles: parts.flatMap(part => part.profiles),
    deployRole: found.deployRole,
    unread: parts.flatMap(part => part.unread),
  }
}

type Found = { readonly stacks: Stack[]; readonly roles: Map<string, Need>; deployRole: DeployNeeds['deployRole'] }

/** Stages nest; an application has few levels of them. */
const MAX_STAGES = 10

function readAssembly(folder: string, options: AssemblyOptions, found: Found, depth: number): void {
  const file = `${folder}/manifest.json`
  const text = options.open(file)
  if (text === null) throw new UnreadableSource(file, null, 'there is no manifest: this is not a cdk.out folder')
  const manifest = readJsonSource(file, text)
  const artifacts = childOf(manifest, 'artifacts')
  if (artifacts?.kind !== 'map')
    throw new UnreadableSource(file, manifest.line, 'this is not a manifest: it has no artifacts')
  for (const [id, { value }] of artifacts.entries) {
    const type = textOf(childOf(value, 'type'))
    const properties = childOf(value, 'properties')
    if (type === 'aws:cloudformation:stack') readStack(folder, file, id, value, artifacts.entries, options, found)
    if (type === 'cdk:cloud-assembly' && depth < MAX_STAGES) {
      const inner = textOf(childOf(properties, 'directoryName'))
      if (inner !== null) readAssembly(`${folder}/${inner}`, options, found, depth + 1)
    }
  }
}

function readStack(
  folder: string,
  file: string,
  id: string,
  artifact: SourceNode,
  artifacts: ReadonlyMap<string, Entry>,
  options: AssemblyOptions,
  found: Found,
): void {
  const properties = childOf(artifact, 'properties')
  const template = textOf(childOf(properties, 'templateFile'))
  if (template === null) throw new UnreadableSource(file, artifact.line, `the stack ${id} has no templateFile`)
  const environment = {
    ...assemblyEnvironment(textOf(childOf(artifact, 'environment')), options.environment),
    stackName: textOf(childOf(properties, 'stackName')) ?? id,
  }
  const execution = entryOf(properties, 'cloudFormationExecutionRoleArn')
  const deploy = entryOf(properties, 'assumeRoleArn')
  const executionRole = execution === undefined ? null : roleIn(execution.value, environment)
  const path = `${folder}/${template}`
  const text = options.open(path)
  if (text === null)
    throw new UnreadableSource(file, artifact.line, `the template of the stack ${id} is not there: ${template}`)
  const own: TemplateOptions = {
    ...NO_OPTIONS,
    environment,
    open: options.open,
    exported: name => exportedBy(found.stacks, name),
    actor: executionRole === null ? PRINCIPAL : { kind: 'role', role: executionRole },
    constructPaths: constructPaths(childOf(artifact, 'metadata')),
  }
  found.stacks.push({ scopes: stackScopes(path, text, own), options: own })

  const place = { file, logicalId: id, constructPath: textOf(childOf(artifact, 'displayName')) ?? id }
  const add = (entry: Entry | undefined, property: string, action: Need['action'], actor: Actor) => {
    if (entry === undefined) return
    const role = roleIn(entry.value, environment)
    if (role === null) return
    const key = `${action} ${patternOf(role)} ${actor.kind === 'role' ? patternOf(actor.role) : actor.kind}`
    if (found.roles.has(key)) return
    found.roles.set(key, {
      action,
      role: { kind: 'role', text: role },
      service: action === 'iam:PassRole' ? 'cloudformation.amazonaws.com' : null,
      operation: action === 'iam:PassRole' ? 'cloudformation:CreateChangeSet' : 'sts:AssumeRole',
      where: { ...place, line: entry.line, property },
      actor,
      conditional: false,
      byName: false,
      implied: false,
    })
  }
  add(entryOf(childOf(properties, 'lookupRole'), 'arn'), 'lookupRole.arn', 'sts:AssumeRole', CALLER)
  for (const { entry, property, manifest } of publishingRoles(folder, artifact, artifacts, options)) {
    place.file = manifest
    add(entry, property, 'sts:AssumeRole', CALLER)
  }
  place.file = file
  add(deploy, 'assumeRoleArn', 'sts:AssumeRole', CALLER)
  const deployRole = deploy === undefined ? null : roleIn(deploy.value, environment)
  add(
    execution,
    'cloudFormationExecutionRoleArn',
    'iam:PassRole',
    deployRole === null ? CALLER : { kind: 'role', role: deployRole },
  )
  const arn = executionRole === null ? null : knownText(executionRole)
  if (arn !== null) found.deployRole ??= { arn, from: 'cdk-manifest' }
}

function* publishingRoles(
  folder: string,
  artifact: SourceNode,
  artifacts: ReadonlyMap<string, Entry>,
  { open }: AssemblyOptions,
) {
  const dependencies = childOf(artifact, 'dependencies')
  for (const item of dependencies?.kind === 'list' ? dependencies.items : []) {
    const dependency = artifacts.get(textOf(item) ?? '')?.value
    if (dependency === undefined || textOf(childOf(dependency, 'type')) !== 'cdk:asset-manifest') continue
    const name = textOf(childOf(childOf(dependency, 'properties'), 'file'))
    const manifest = `${folder}/${name ?? ''}`
    const text = name === null ? null : open(manifest)
    if (text === null) continue
    const assets = readJsonSource(manifest, text)
    for (const kind of ['files', 'dockerImages']) {
      for (const [id, { value }] of entriesOf(childOf(assets, kind))) {
        for (const [target, destination] of entriesOf(childOf(value, 'destinations'))) {
          const entry = entryOf(destination.value, 'assumeRoleArn')
          yield { entry, property: `${kind}.${id}.destinations.${target}.assumeRoleArn`, manifest }
        }
      }
    }
  }
}

const entriesOf = (node: SourceNode | undefined): readonly (readonly [string, Entry])[] =>
  node?.kind === 'map' ? [...node.entries] : []

/** Manifests write pseudo parameters as `${AWS::AccountId}`. */
function roleIn(node: SourceNode, environment: DeployEnvironment): RoleText | null {
  const text = textOf(node)
  if (text === null || text === '') return null
  const values = new Map([
    ['AWS::Partition', environment.partition],
    ['AWS::AccountId', environment.accountId],
    ['AWS::Region', environment.region],
  ])
  const parts = text.split(/\$\{(AWS::[A-Za-z]+)\}/)
  return joinTexts(
    parts.map((part, index) => {
      if (index % 2 === 0) return literalText(part)
      const value = values.get(part)
      return value == null ? holeText(part, 'unknown') : literalText(value)
    }),
  )
}

function constructPaths(metadata: SourceNode | undefined): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [path, { value }] of entriesOf(metadata)) {
    for (const item of value.kind === 'list' ? value.items : []) {
      const logicalId = textOf(childOf(item, 'data'))
      if (textOf(childOf(item, 'type')) === 'aws:cdk:logicalId' && logicalId !== null) {
        found.set(logicalId, path.replace(/^\//, ''))
      }
    }
  }
  return found
}

/** Stacks of one application import from each other. */
function exportedBy(stacks: readonly Stack[], name: string): readonly RoleText[] | null {
  for (const { scopes } of stacks) {
    const found = exportedOf(scopes.root).get(name)
    if (found !== undefined) return found
  }
  return null
}

const worked = new WeakMap<Scope, ReadonlyMap<string, readonly RoleText[]>>()

function exportedOf(scope: Scope): ReadonlyMap<string, readonly RoleText[]> {
  const before = worked.get(scope)
  if (before !== undefined) return before
  // Outputs that import from each other in a circle find nothing, rather than no end.
  worked.set(scope, new Map())
  const found = exportsOf(scope)
  worked.set(scope, found)
  return found
}
