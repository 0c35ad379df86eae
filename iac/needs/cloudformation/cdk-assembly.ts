import { assumeRole, passRole } from '../../../core/actions/index.ts'
import { assumersOfCall } from '../../../core/denial/index.ts'
import {
  assemblyEnvironment,
  childOf,
  type DeployEnvironment,
  type Entry,
  entryOf,
  exportsOf,
  holeText,
  type IntrinsicsScope,
  joinTexts,
  knownText,
  literalText,
  newDepth,
  patternOf,
  type ReadingDepth,
  type RoleText,
  readJsonSource,
  type SourceNode,
  type StackScopes,
  scalarText,
  UnreadableSource,
} from '../../source/index.ts'
import { assumptionsOf } from '../assumptions.ts'
import { type Actor, CALLER, type DeployNeeds, type Need, PRINCIPAL } from '../need.ts'
import { NO_OPTIONS, needsOfScopes, scopesOf, type TemplateOptions } from './template-needs.ts'

export type AssemblyOptions = {
  readonly environment: DeployEnvironment
  readonly textAt: (path: string) => string | null
}

type Stack = { readonly scopes: StackScopes; readonly options: TemplateOptions }

/**
 * The needs of every stack in a `cdk.out` folder: what its template passes, by the stack's execution role; the roles that the
 * CDK assumes to deploy it; and passing the execution role itself. Throws `UnreadableSource`.
 */
export function assemblyNeeds(folder: string, options: AssemblyOptions): DeployNeeds {
  const found: Found = { stacks: [], roles: new Map(), deployRole: null, unread: [], depth: newDepth() }
  readAssembly(folder, options, found, 0)
  const parts = found.stacks.map(({ scopes, options: own }) => needsOfScopes(scopes, own))
  return {
    needs: [...found.roles.values(), ...parts.flatMap(part => part.needs)],
    made: parts.flatMap(part => part.made),
    profiles: parts.flatMap(part => part.profiles),
    deployRole: found.deployRole,
    ...(found.deployRolePattern === undefined ? {} : { deployRolePattern: found.deployRolePattern }),
    unread: [...found.unread, ...parts.flatMap(part => part.unread)],
  }
}

type Found = {
  readonly stacks: Stack[]
  readonly roles: Map<string, Need>
  deployRole: DeployNeeds['deployRole']
  deployRolePattern?: string
  /** Each entry once, even if several stacks share it. */
  readonly unread: DeployNeeds['unread'][number][]
  readonly depth: ReadingDepth
}

/** The nesting limit for stages. Applications have only a few levels. */
const MAX_STAGES = 10

function readAssembly(folder: string, options: AssemblyOptions, found: Found, depth: number): void {
  const file = `${folder}/manifest.json`
  const text = options.textAt(file)
  if (text === null) throw new UnreadableSource(file, null, 'there is no manifest: this is not a cdk.out folder')
  const manifest = readJsonSource(file, text)
  const artifacts = childOf(manifest, 'artifacts')
  if (artifacts?.kind !== 'map')
    throw new UnreadableSource(file, manifest.line, 'this is not a manifest: it has no artifacts')
  for (const [id, { value }] of artifacts.entries) {
    const type = scalarText(childOf(value, 'type'))
    const properties = childOf(value, 'properties')
    if (type === 'aws:cloudformation:stack') readStack(folder, file, id, value, artifacts.entries, options, found)
    if (type === 'cdk:cloud-assembly') {
      const inner = scalarText(childOf(properties, 'directoryName'))
      if (inner === null || depth >= MAX_STAGES) found.unread.push({ file, line: value.line, what: `the stage ${id}` })
      else readAssembly(`${folder}/${inner}`, options, found, depth + 1)
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
  const template = scalarText(childOf(properties, 'templateFile'))
  if (template === null) throw new UnreadableSource(file, artifact.line, `the stack ${id} has no templateFile`)
  const environment = {
    ...assemblyEnvironment(scalarText(childOf(artifact, 'environment')), options.environment),
    stackName: scalarText(childOf(properties, 'stackName')) ?? id,
  }
  const execution = entryOf(properties, 'cloudFormationExecutionRoleArn')
  const deploy = entryOf(properties, 'assumeRoleArn')
  const executionRole = execution === undefined ? null : roleIn(execution.value, environment)
  const path = `${folder}/${template}`
  const text = options.textAt(path)
  if (text === null)
    throw new UnreadableSource(file, artifact.line, `the template of the stack ${id} is not there: ${template}`)
  const own: TemplateOptions = {
    ...NO_OPTIONS,
    environment,
    textAt: options.textAt,
    exported: name => exportedBy(found.stacks, name, environment),
    depth: found.depth,
    actor: executionRole === null ? PRINCIPAL : { kind: 'role', role: executionRole },
    constructPaths: constructPaths(childOf(artifact, 'metadata')),
  }
  found.stacks.push({ scopes: scopesOf(path, text, own), options: own })

  const constructPath = scalarText(childOf(artifact, 'displayName')) ?? id
  const add = (entry: Entry | undefined, call: Call, actor: Actor, source = file) => {
    const role = entry === undefined ? null : roleIn(entry.value, environment)
    if (entry === undefined || role === null) return
    const { property, ...rest } = call
    const key = `${call.action} ${patternOf(role)} ${actor.kind === 'role' ? patternOf(actor.role) : actor.kind}`
    if (found.roles.has(key)) return
    const where = { file: source, line: entry.line, logicalId: id, property, constructPath }
    const flags = { via: null, conditional: false, byName: false, implied: false }
    const assumptions = assumptionsOfPass(rest, environment.region)
    found.roles.set(key, { ...rest, ...flags, assumptions, role: { kind: 'role', text: role }, where, actor })
  }
  add(entryOf(childOf(properties, 'lookupRole'), 'arn'), assumption('lookupRole.arn'), CALLER)
  for (const manifest of assetManifests(artifact, artifacts)) {
    const source = `${folder}/${manifest.name ?? ''}`
    const assets = manifest.name === null ? null : options.textAt(source)
    if (assets === null) {
      const what = `the asset manifest ${manifest.id}`
      if (!found.unread.some(one => one.file === file && one.what === what))
        found.unread.push({ file, line: manifest.line, what })
      continue
    }
    for (const { entry, property } of publishingRoles(source, assets)) add(entry, assumption(property), CALLER, source)
  }
  add(deploy, assumption('assumeRoleArn'), CALLER)
  const deployRole = deploy === undefined ? null : roleIn(deploy.value, environment)
  add(execution, PASS_OF_EXECUTION_ROLE, deployRole === null ? CALLER : { kind: 'role', role: deployRole })
  const arn = executionRole === null ? null : knownText(executionRole)
  if (arn !== null) found.deployRole ??= { arn, from: 'cdk-manifest' }
  else if (executionRole !== null) found.deployRolePattern ??= patternOf(executionRole)
}

/** CloudFormation itself assumes the role that it is given. */
function assumptionsOfPass({ action, operation }: Pick<Need, 'action' | 'operation'>, region: string | null) {
  if (action !== passRole.name) return []
  return assumptionsOf(assumersOfCall(operation), { region, textOf: () => null, roleOf: () => null })
}

type Call = Pick<Need, 'action' | 'operation' | 'service'> & { readonly property: string }

const assumption = (property: string): Call => ({
  action: assumeRole.name,
  operation: assumeRole.name,
  service: null,
  property,
})

const PASS_OF_EXECUTION_ROLE: Call = {
  action: passRole.name,
  operation: 'cloudformation:CreateChangeSet',
  service: 'cloudformation.amazonaws.com',
  property: 'cloudFormationExecutionRoleArn',
}

type AssetManifest = { readonly id: string; readonly name: string | null; readonly line: number }

/** Manifests of assets that the stack depends on. A dependency that the manifest lacks may be one too. */
function assetManifests(artifact: SourceNode, artifacts: ReadonlyMap<string, Entry>): readonly AssetManifest[] {
  const dependencies = childOf(artifact, 'dependencies')
  return (dependencies?.kind === 'list' ? dependencies.items : []).flatMap(item => {
    const id = scalarText(item) ?? ''
    const entry = artifacts.get(id)
    if (entry === undefined) return [{ id, name: null, line: item.line }]
    if (scalarText(childOf(entry.value, 'type')) !== 'cdk:asset-manifest') return []
    return [{ id, name: scalarText(childOf(childOf(entry.value, 'properties'), 'file')), line: entry.line }]
  })
}

function* publishingRoles(manifest: string, text: string) {
  const assets = readJsonSource(manifest, text)
  for (const kind of ['files', 'dockerImages']) {
    for (const [id, { value }] of entriesOf(childOf(assets, kind))) {
      for (const [target, destination] of entriesOf(childOf(value, 'destinations'))) {
        const entry = entryOf(destination.value, 'assumeRoleArn')
        yield { entry, property: `${kind}.${id}.destinations.${target}.assumeRoleArn` }
      }
    }
  }
}

const entriesOf = (node: SourceNode | undefined): readonly (readonly [string, Entry])[] =>
  node?.kind === 'map' ? [...node.entries] : []

/** Manifests write pseudo parameters as `${AWS::AccountId}`. */
function roleIn(node: SourceNode, environment: DeployEnvironment): RoleText | null {
  const text = scalarText(node)
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
      const logicalId = scalarText(childOf(item, 'data'))
      if (scalarText(childOf(item, 'type')) === 'aws:cdk:logicalId' && logicalId !== null) {
        found.set(logicalId, path.replace(/^\//, ''))
      }
    }
  }
  return found
}

/** The value of an export of another stack of the application. An export belongs to one account and Region. */
function exportedBy(stacks: readonly Stack[], name: string, to: DeployEnvironment): readonly RoleText[] | null {
  const found = stacks
    .filter(({ options: { environment: from } }) => from.accountId === to.accountId && from.region === to.region)
    .flatMap(({ scopes }) => exportedOf(scopes.root).get(name) ?? [])
  return found.length > 0 ? found : null
}

const worked = new WeakMap<IntrinsicsScope, ReadonlyMap<string, readonly RoleText[]>>()

function exportedOf(scope: IntrinsicsScope): ReadonlyMap<string, readonly RoleText[]> {
  const before = worked.get(scope)
  if (before !== undefined) return before
  // Stops recursion: outputs that import each other in a cycle have no value.
  worked.set(scope, new Map())
  const found = exportsOf(scope)
  worked.set(scope, found)
  return found
}
