/** Terraform files as modules: blocks with their attributes, and the calls between modules. */
import type { SourceFile } from '../code-change.ts'
import { childOfType, childrenOfType, isBroken, type Parsers, type SyntaxNode, syntaxText } from '../syntax-node.ts'

export type Block = {
  readonly file: string
  readonly type: string
  readonly labels: readonly string[]
  readonly node: SyntaxNode
  readonly attributes: ReadonlyMap<string, Attribute>
  readonly blocks: readonly Block[]
}
export type Attribute = { readonly node: SyntaxNode; readonly value: SyntaxNode }

export type Module = {
  /** The folder of the module. Empty: the root of the repository. */
  readonly folder: string
  readonly blocks: readonly Block[]
  /** Keyed by address: `aws_iam_role.task`, `data.aws_iam_policy_document.trust`, `module.orders`, `output.name`. */
  readonly named: ReadonlyMap<string, Block>
  readonly locals: ReadonlyMap<string, { readonly file: string; readonly value: SyntaxNode }>
  readonly variables: ReadonlyMap<string, Block>
}

export type Configuration = {
  readonly modules: ReadonlyMap<string, Module>
  readonly texts: ReadonlyMap<string, string>
  /** `*.tfvars` files, by path. */
  readonly values: ReadonlyMap<string, ReadonlyMap<string, Attribute>>
  /** Files that could not be read as Terraform, including Terraform in JSON. */
  readonly broken: readonly string[]
}

export function readConfiguration(files: readonly SourceFile[], parsers: Parsers): Configuration {
  const blocks = new Map<string, Block[]>()
  const values = new Map<string, ReadonlyMap<string, Attribute>>()
  const broken: string[] = []
  for (const file of files) {
    const { path } = file
    if (/\.(?:tf|tofu|tfvars)\.json$/.test(path)) broken.push(path)
    if (!/\.(?:tf|tofu|tfvars)$/.test(path)) continue
    const content = contentOf(file, parsers)
    if (content === null) broken.push(path)
    else if (path.endsWith('.tfvars')) values.set(path, content.attributes)
    else blocks.set(folderOf(path), [...(blocks.get(folderOf(path)) ?? []), ...content.blocks])
  }
  return {
    modules: new Map([...blocks].map(([folder, own]) => [folder, moduleOf(folder, own)])),
    texts: new Map(files.map(({ path, text }) => [path, text])),
    values,
    broken,
  }
}

type Content = { readonly blocks: readonly Block[]; readonly attributes: ReadonlyMap<string, Attribute> }

/** By file, so that an edit of one file does not parse the others again. */
const contents = new WeakMap<SourceFile, Content | null>()

function contentOf(file: SourceFile, parsers: Parsers): Content | null {
  const before = contents.get(file)
  if (before !== undefined) return before
  const { path, text } = file
  const root = parsers.parse('hcl', text)
  const body = childOfType(root, 'body')
  const content =
    root === null || isBroken(root)
      ? null
      : {
          blocks: childrenOfType(body, 'block').map(node => blockOf(path, text, node)),
          attributes: attributesOf(body, text),
        }
  contents.set(file, content)
  return content
}

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

function moduleOf(folder: string, blocks: readonly Block[]): Module {
  const locals = blocks
    .filter(({ type }) => type === 'locals')
    .flatMap(block => [...block.attributes].map(([name, { value }]) => [name, { file: block.file, value }] as const))
  return {
    folder,
    blocks,
    named: new Map(
      blocks.map(block => [[...(block.type === 'resource' ? [] : [block.type]), ...block.labels].join('.'), block]),
    ),
    locals: new Map(locals),
    variables: new Map(blocks.filter(({ type }) => type === 'variable').map(block => [block.labels[0] ?? '', block])),
  }
}

function blockOf(file: string, text: string, node: SyntaxNode): Block {
  const [type, ...labels] = node.children
    .filter(child => child.type === 'identifier' || child.type === 'string_lit')
    .map(child => syntaxText(child, text).replace(/^"|"$/g, ''))
  const body = childOfType(node, 'body')
  return {
    file,
    type: type ?? '',
    labels,
    node,
    attributes: attributesOf(body, text),
    blocks: childrenOfType(body, 'block').map(child => blockOf(file, text, child)),
  }
}

function attributesOf(body: SyntaxNode | null, text: string): ReadonlyMap<string, Attribute> {
  return new Map(
    childrenOfType(body, 'attribute').flatMap(node => {
      const value = childOfType(node, 'expression')
      return value === null ? [] : [[syntaxText(childOfType(node, 'identifier'), text), { node, value }] as const]
    }),
  )
}

export const callsIn = (module: Module): readonly Block[] => module.blocks.filter(({ type }) => type === 'module')

export function sourceOf(configuration: Configuration, call: Block): string | null {
  const value = call.attributes.get('source')?.value
  if (value === undefined) return null
  return /^"([^"$%\\]*)"$/.exec(syntaxText(value, configuration.texts.get(call.file) ?? ''))?.[1] ?? null
}

/** The folder of a local module. Null: a registry, a Git address, or a folder outside the repository. */
export function folderCalled(configuration: Configuration, module: Module, call: Block): string | null {
  const source = sourceOf(configuration, call)
  return source !== null && /^\.\.?(?:\/|$)/.test(source) ? joinedPath(module.folder, source) : null
}

/** Null: the module is not in the repository. */
export function moduleCalled(configuration: Configuration, module: Module, call: Block): Module | null {
  const folder = folderCalled(configuration, module, call)
  return folder === null ? null : (configuration.modules.get(folder) ?? null)
}

/** Null: the path leaves the repository. */
export function joinedPath(folder: string, path: string): string | null {
  const parts = folder === '' ? [] : folder.split('/')
  for (const part of path.split('/')) {
    if (part === '..') {
      if (parts.pop() === undefined) return null
    } else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
