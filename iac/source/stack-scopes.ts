import { conditionHolds, isPresent, textsOf } from './intrinsics/intrinsics.ts'
import { holeText, knownText, type RoleText } from './role-text.ts'
import { type IntrinsicsScope, newWork } from './scope.ts'
import { childOf, type SourceNode, scalarText, UnreadableSource } from './source-node.ts'
import type { Template, TemplateResource } from './template.ts'

export type StackOptions = Pick<IntrinsicsScope, 'environment' | 'given' | 'exported' | 'isPart' | 'depth'> & {
  /** The template of another file, by its path. Null: there is no such file. */
  readonly templateAt: (path: string) => Template | null
}

export type StackScopes = {
  readonly root: IntrinsicsScope
  readonly all: readonly IntrinsicsScope[]
  /** Nested stacks that were not read. */
  readonly unread: readonly { readonly file: string; readonly line: number; readonly what: string }[]
}

/** Beyond CloudFormation's own limit. */
const MAX_NESTING = 20
/**
 * The limit of stacks in one account.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const MAX_STACKS = 2_000

/** Throws `UnreadableSource`. */
export function stackScopes(template: Template, options: StackOptions): StackScopes {
  const found: Found = { all: [], unread: [] }
  const root = scopeOf(template, options, template.file, [template.file], found)
  return { root, ...found }
}

type Found = { readonly all: IntrinsicsScope[]; readonly unread: StackScopes['unread'][number][] }

function scopeOf(
  template: Template,
  options: StackOptions,
  id: string,
  above: readonly string[],
  found: Found,
): IntrinsicsScope {
  const nested = new Map<string, IntrinsicsScope>()
  const { environment, given, exported, isPart, depth } = options
  const scope: IntrinsicsScope = { id, template, environment, given, exported, nested, isPart, work: newWork(), depth }
  found.all.push(scope)
  for (const resource of template.resources.values()) {
    if (!NESTED_STACKS.has(resource.type) || isPresent(scope, resource) === false) continue
    const path = nestedFile(scope, resource)
    const file = path === null ? null : beside(template.file, path)
    if (file !== null && above.includes(file)) {
      throw new UnreadableSource(
        template.file,
        resource.line,
        `the stack ${resource.logicalId} nests a template in itself`,
      )
    }
    const isTooMuch = above.length > MAX_NESTING || found.all.length >= MAX_STACKS
    const inner = file === null || isTooMuch ? null : options.templateAt(file)
    if (file === null || inner === null) {
      found.unread.push({ file: template.file, line: resource.line, what: `the nested stack ${resource.logicalId}` })
      continue
    }
    const within = {
      ...options,
      given: nestedParameters(scope, resource),
      environment: { ...environment, stackName: null },
    }
    nested.set(resource.logicalId, scopeOf(inner, within, `${id}/${resource.logicalId}`, [...above, file], found))
  }
  return scope
}

const NESTED_STACKS = new Set(['AWS::CloudFormation::Stack', 'AWS::Serverless::Application'])

/** The local file of a nested stack. CDK and SAM name it in the metadata; a plain template may have it as its URL before packaging. */
function nestedFile(scope: IntrinsicsScope, { properties, metadata, type }: TemplateResource): string | null {
  const asset = scalarText(childOf(metadata, 'aws:asset:path'))
  if (asset !== null) return asset
  const address = textsOf(
    scope,
    childOf(properties, type === 'AWS::CloudFormation::Stack' ? 'TemplateURL' : 'Location'),
  )
  const [text] = address
  const known = text === undefined || address.length > 1 ? null : knownText(text)
  return known === null || /^[a-z][a-z0-9+.-]*:/i.test(known) ? null : known
}

function nestedParameters(
  scope: IntrinsicsScope,
  { properties }: TemplateResource,
): ReadonlyMap<string, readonly RoleText[]> {
  const parameters = childOf(properties, 'Parameters')
  if (parameters?.kind !== 'map') return new Map()
  return new Map([...parameters.entries].map(([name, { value }]) => [name, givenTexts(scope, value)]))
}

function givenTexts(scope: IntrinsicsScope, value: SourceNode): readonly RoleText[] {
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

/** The exports of a template. If a condition decides about the export, its text contains a hole. */
export function exportsOf(scope: IntrinsicsScope): ReadonlyMap<string, readonly RoleText[]> {
  const found = new Map<string, readonly RoleText[]>()
  const certain = new Set<string>()
  for (const { value, line } of scope.template.outputs.values()) {
    const condition = scalarText(childOf(value, 'Condition'))
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
