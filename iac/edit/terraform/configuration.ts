/** Terraform files as modules: blocks with their attributes, and the calls between modules. */
import { readable, readJsonSource } from '../../source/index.ts'
import type { SourceFile } from '../code-change.ts'
import type { Literal } from '../document/literal.ts'
import { literalOf } from '../document/source-literal.ts'
import { childOfType, childrenOfType, isBroken, type Parsers, type SyntaxNode, syntaxText } from '../syntax-node.ts'
import { type BlockPlace, blockPlaces } from './block-places.ts'

/** Throws `UnreadableBlock` where its content is asked for and is not Terraform. */
export type Block = BlockPlace & {
  readonly file: string
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
  readonly values: ValuesFiles
  /** Files that could not be read as Terraform, including Terraform in JSON. */
  readonly broken: readonly string[]
}

/** The values of a `*.tfvars` file, by variable. JSON has literals, in which `${` means nothing. */
type GivenValues = ReadonlyMap<string, SyntaxNode | Literal>
type ValuesFile = { readonly file: string; readonly given: GivenValues }
type GivenValue = { readonly file: string; readonly value: SyntaxNode | Literal }

/** Files of values, by the modules that they may be for, so that no module looks at all of them. */
type ValuesFiles = {
  /** By variable: the first two from folders that have only such files, which are for any module. */
  readonly anywhere: ReadonlyMap<string, readonly GivenValue[]>
  /** By the folder of a module. */
  readonly beside: ReadonlyMap<string, readonly ValuesFile[]>
  /** By the folder of a module, or one above it. */
  readonly within: ReadonlyMap<string, readonly ValuesFile[]>
}

/** Which folders are parsed as a whole. Of the others, each block is parsed when its content is asked for. */
export type Whole = (folder: string) => boolean
export const EVERYWHERE: Whole = () => true
const NOWHERE: Whole = () => false

/** The content of a block that is not Terraform, so that its file is none: Terraform refuses all of it. */
export class UnreadableBlock extends Error {}

export function readConfiguration(
  files: readonly SourceFile[],
  parsers: Parsers,
  isWhole: Whole = NOWHERE,
): Configuration {
  const blocks = new Map<string, Block[]>()
  const values: ValuesFile[] = []
  const broken: string[] = []
  for (const file of files) {
    const { path } = file
    if (path.endsWith('.tfvars.json')) {
      const given = valuesInJson(file)
      if (given === null) broken.push(path)
      else values.push({ file: path, given })
    } else if (/\.(?:tf|tofu)\.json$/.test(path)) broken.push(path)
    if (!/\.(?:tf|tofu|tfvars)$/.test(path)) continue
    const folder = folderOf(path)
    const lazy = path.endsWith('.tfvars') || isWhole(folder) ? null : lazyBlocks(file, parsers)
    const content = lazy === null ? contentOf(file, parsers) : null
    const own = lazy ?? content?.blocks
    if (own === undefined) broken.push(path)
    else if (content !== null && path.endsWith('.tfvars'))
      values.push({ file: path, given: new Map([...content.attributes].map(([name, { value }]) => [name, value])) })
    else {
      const before = listOf(blocks, folder)
      for (const block of own) before.push(block)
    }
  }
  const modules = new Map([...blocks].map(([folder, own]) => [folder, new TerraformModule(folder, own)]))
  const texts = new Map(files.map(({ path, text }) => [path, text]))
  return { modules, texts, values: byModule(values, modules), broken }
}

function byModule(files: readonly ValuesFile[], modules: Configuration['modules']): ValuesFiles {
  const anywhere = new Map<string, GivenValue[]>()
  const beside = new Map<string, ValuesFile[]>()
  const within = new Map<string, ValuesFile[]>()
  for (const each of files) {
    const folder = folderOf(each.file)
    if (modules.has(folder)) {
      listOf(beside, folder).push(each)
      for (const above of [folder, ...foldersAbove(folder)]) listOf(within, above).push(each)
    } else
      for (const [name, value] of each.given) {
        const before = listOf(anywhere, name)
        if (before.length < 2) before.push({ file: each.file, value })
      }
  }
  return { anywhere, beside, within }
}

function listOf<Item>(lists: Map<string, Item[]>, key: string): Item[] {
  const before = lists.get(key)
  if (before !== undefined) return before
  const list: Item[] = []
  lists.set(key, list)
  return list
}

function foldersAbove(folder: string): readonly string[] {
  const found: string[] = []
  for (let above = folder; above !== ''; ) {
    above = folderOf(above)
    found.push(above)
  }
  return found
}

/**
 * What a variable of the module may be given: by files next to it, in a folder below or above, or in a folder with only such files. Of the
 * last ones, at most two.
 */
export function givenValues({ values }: Configuration, { folder }: Module, name: string): readonly GivenValue[] {
  const near = [
    ...(values.within.get(folder) ?? []),
    ...foldersAbove(folder).flatMap(above => values.beside.get(above) ?? []),
  ]
  const given = near.flatMap(({ file, given }) => {
    const value = given.get(name)
    return value === undefined ? [] : [{ file, value }]
  })
  return [...given, ...(values.anywhere.get(name) ?? [])]
}

/** Null: it is not a JSON object. */
function valuesInJson(file: SourceFile): GivenValues | null {
  const source = readable(() => readJsonSource(file.path, file.text))
  if (source?.kind !== 'map') return null
  return new Map([...source.entries].map(([name, { value }]) => [name, literalOf(file, value)]))
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

const lazy = new WeakMap<SourceFile, readonly Block[] | null>()

/** Null: the places of the blocks are not certain without a tree of the file. */
function lazyBlocks(file: SourceFile, parsers: Parsers): readonly Block[] | null {
  const before = lazy.get(file)
  if (before !== undefined) return before
  const found = blockPlaces(file.text)?.map(place => new LazyBlock(file, place, parsers)) ?? null
  lazy.set(file, found)
  return found
}

/** A block that is parsed alone, when its content is asked for. */
class LazyBlock implements Block {
  readonly file: string
  readonly type: string
  readonly labels: readonly string[]
  readonly start: number
  readonly end: number
  readonly #text: string
  readonly #parsers: Parsers
  #block: Block | null | undefined

  constructor({ path, text }: SourceFile, { type, labels, start, end }: BlockPlace, parsers: Parsers) {
    this.file = path
    this.type = type
    this.labels = labels
    this.start = start
    this.end = end
    this.#text = text
    this.#parsers = parsers
  }

  get #content(): Block {
    if (this.#block === undefined) {
      const root = this.#parsers.parse('hcl', this.#text.slice(this.start, this.end), this.start)
      const node = root === null || isBroken(root) ? null : childOfType(childOfType(root, 'body'), 'block')
      this.#block = node === null ? null : blockOf(this.file, this.#text, node)
    }
    if (this.#block === null) throw new UnreadableBlock(this.file)
    return this.#block
  }

  get node(): SyntaxNode {
    return this.#content.node
  }

  get attributes(): ReadonlyMap<string, Attribute> {
    return this.#content.attributes
  }

  get blocks(): readonly Block[] {
    return this.#content.blocks
  }
}

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** Most modules of a large repository are never asked for a name. */
class TerraformModule implements Module {
  readonly folder: string
  readonly blocks: readonly Block[]
  #named: Module['named'] | null = null
  #locals: Module['locals'] | null = null
  #variables: Module['variables'] | null = null

  constructor(folder: string, blocks: readonly Block[]) {
    this.folder = folder
    this.blocks = blocks
  }

  get named(): Module['named'] {
    this.#named ??= new Map(
      this.blocks.map(block => [
        [...(block.type === 'resource' ? [] : [block.type]), ...block.labels].join('.'),
        block,
      ]),
    )
    return this.#named
  }

  get locals(): Module['locals'] {
    this.#locals ??= localsIn(this.blocks)
    return this.#locals
  }

  get variables(): Module['variables'] {
    this.#variables ??= new Map(
      this.blocks.filter(({ type }) => type === 'variable').map(block => [block.labels[0] ?? '', block]),
    )
    return this.#variables
  }
}

const localsIn = (blocks: readonly Block[]): Module['locals'] =>
  new Map(
    blocks
      .filter(({ type }) => type === 'locals')
      .flatMap(({ file, attributes }) => [...attributes].map(([name, { value }]) => [name, { file, value }] as const)),
  )

function blockOf(file: string, text: string, node: SyntaxNode): Block {
  const [type, ...labels] = node.children
    .filter(child => child.type === 'identifier' || child.type === 'string_lit')
    .map(child => syntaxText(child, text).replace(/^"|"$/g, ''))
  const body = childOfType(node, 'body')
  return {
    file,
    type: type ?? '',
    labels,
    start: node.start,
    end: node.end,
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

const sources = new WeakMap<Block, string | null>()

/** Of a call in a module that is called often, it is asked for each time. */
export function sourceOf(configuration: Configuration, call: Block): string | null {
  const before = sources.get(call)
  if (before !== undefined) return before
  const source = sourceIn(configuration, call)
  sources.set(call, source)
  return source
}

/** Every call has the argument once. Where the text has the word once, the block is not parsed for it. */
function sourceIn(configuration: Configuration, call: Block): string | null {
  const text = configuration.texts.get(call.file)?.slice(call.start, call.end) ?? ''
  const [only, ...more] = text.matchAll(SOURCES)
  if (more.length === 0 && only?.[1] !== undefined) return only[1]
  const value = call.attributes.get('source')?.value
  if (value === undefined) return null
  return /^"([^"$%\\]*)"$/.exec(syntaxText(value, configuration.texts.get(call.file) ?? ''))?.[1] ?? null
}

const SOURCES = /(?<![\w.-])source[ \t]*=[ \t]*(?:"([^"$%\\\n]*)")?/g

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
