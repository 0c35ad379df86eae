import { A_LOOP, expandLoops } from './for-each.ts'
import { readJsonSource } from './json-source.ts'
import { refuseCycles } from './reference-cycles.ts'
import {
  childOf,
  type Entry,
  entryOf,
  type MapNode,
  type SourceNode,
  scalarText,
  UnreadableSource,
} from './source-node.ts'
import { readYamlSource } from './yaml-source.ts'

/** A CloudFormation or SAM template, reduced to what roles need. */
export type Template = {
  readonly file: string
  readonly isSam: boolean
  readonly parameters: ReadonlyMap<string, TemplateParameter>
  readonly mappings: SourceNode | undefined
  readonly conditions: ReadonlyMap<string, Entry>
  readonly globals: SourceNode | undefined
  readonly resources: ReadonlyMap<string, TemplateResource>
  readonly outputs: ReadonlyMap<string, Entry>
}

export type TemplateParameter = {
  readonly name: string
  readonly type: string
  readonly defaultValue: SourceNode | undefined
}

export type TemplateResource = {
  readonly logicalId: string
  readonly type: string
  readonly line: number
  readonly node: SourceNode
  /** True for a copy that `Fn::ForEach` makes, which has no place of its own in the text. */
  readonly isCopy: boolean
  readonly condition: string | null
  readonly properties: SourceNode | undefined
  readonly metadata: SourceNode | undefined
  readonly dependsOn: readonly string[]
}

/** Transforms with a known effect on roles. With any other macro, the template is not what CloudFormation will deploy. */
const KNOWN_TRANSFORMS = new Set([
  'AWS::Serverless-2016-10-31',
  'AWS::LanguageExtensions',
  'AWS::CodeDeployBlueGreen',
  'AWS::SecretsManager-2020-07-23',
  'AWS::SecretsManager-2024-09-16',
])

export const isJson = (text: string): boolean => /^\uFEFF?\s*[{[]/.test(text)

export const readSource = (file: string, text: string): SourceNode =>
  isJson(text) ? readJsonSource(file, text) : readYamlSource(file, text)

export function readTemplate(file: string, text: string): Template {
  return templateOf(file, readSource(file, text))
}

export function templateOf(file: string, source: SourceNode): Template {
  if (source.kind !== 'map') {
    throw new UnreadableSource(file, source.line, 'this is not a template: it is not a map of sections')
  }
  const transforms = transformsOf(file, source)
  const root = transforms.includes('AWS::LanguageExtensions') ? expandLoops(file, source) : source
  const resources = sectionOf(file, root, 'Resources')
  if (resources === null) {
    throw new UnreadableSource(file, root.line, 'this is not a template: it has no Resources')
  }
  const read = new Map([...resources.entries].map(([id, entry]) => [id, resourceOf(file, id, entry)]))
  refuseCycles(file, read)
  return {
    file,
    isSam:
      transforms.includes('AWS::Serverless-2016-10-31') ||
      [...read.values()].some(resource => resource.type.startsWith('AWS::Serverless::')),
    parameters: new Map(
      [...(sectionOf(file, root, 'Parameters')?.entries ?? [])].map(([name, { value }]) => [
        name,
        { name, type: scalarText(childOf(value, 'Type')) ?? 'String', defaultValue: childOf(value, 'Default') },
      ]),
    ),
    mappings: childOf(root, 'Mappings'),
    conditions: sectionOf(file, root, 'Conditions')?.entries ?? new Map(),
    globals: childOf(root, 'Globals'),
    resources: read,
    outputs: sectionOf(file, root, 'Outputs')?.entries ?? new Map(),
  }
}

function transformsOf(file: string, root: SourceNode): readonly string[] {
  const entry = entryOf(root, 'Transform')
  if (entry === undefined) return []
  const nodes = entry.value.kind === 'list' ? entry.value.items : [entry.value]
  return nodes.map(node => {
    const name =
      scalarText(node) ??
      scalarText(childOf(node, 'Name')) ??
      scalarText(childOf(childOf(node, 'Fn::Transform'), 'Name'))
    if (name === null || !KNOWN_TRANSFORMS.has(name)) {
      throw new UnreadableSource(
        file,
        node.line,
        `the macro ${name ?? '(unnamed)'} rewrites this template when it is deployed`,
      )
    }
    return name
  })
}

function sectionOf(file: string, root: SourceNode, name: string): MapNode | null {
  const entry = entryOf(root, name)
  if (entry === undefined) return null
  const { value, line } = entry
  if (value.kind === 'map') return value
  if (value.kind === 'scalar' && value.value === null && name !== 'Resources') return null
  throw new UnreadableSource(file, line, `${name} is not a map`)
}

function resourceOf(file: string, logicalId: string, { line, value }: Entry): TemplateResource {
  if (value.kind !== 'map') throw new UnreadableSource(file, line, `the resource ${logicalId} is not a map`)
  if (value.entries.has('Fn::Transform')) {
    throw new UnreadableSource(file, line, `a macro rewrites the resource ${logicalId} when it is deployed`)
  }
  const type = scalarText(childOf(value, 'Type'))
  if (type === null) throw new UnreadableSource(file, line, `the resource ${logicalId} has no Type`)
  if (!/^[A-Za-z]/.test(type))
    throw new UnreadableSource(file, line, `the Type of the resource ${logicalId} is no resource type`)
  const properties = childOf(value, 'Properties')
  if (properties?.kind === 'list' || (properties?.kind === 'scalar' && properties.value !== null)) {
    throw new UnreadableSource(file, properties.line, `the Properties of ${logicalId} are not a map`)
  }
  const dependsOn = childOf(value, 'DependsOn')
  return {
    logicalId,
    type,
    line,
    node: value,
    isCopy: value.fixed === A_LOOP,
    condition: scalarText(childOf(value, 'Condition')),
    properties,
    metadata: childOf(value, 'Metadata'),
    dependsOn: (dependsOn?.kind === 'list' ? dependsOn.items : [dependsOn]).flatMap(node => scalarText(node) ?? []),
  }
}
