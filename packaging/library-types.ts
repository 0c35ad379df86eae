/** The types of the library in one file: the declarations that `core/index.ts` reaches. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import { ACTIONS } from '../core/actions/index.ts'
import { ROOT } from './bundle.ts'

/** Written out, because the declaration would include the whole list of descriptors. */
const WRITTEN: { readonly [name: string]: string } = {
  DeniedAction: ACTIONS.map(({ name }) => `'${name}'`).join(' | '),
}

export function libraryDeclarations(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolemedic-types-'))
  try {
    emitDeclarations(folder)
    return bundledDeclarations(join(folder, 'core/index.d.ts'), file => readFileSync(file, 'utf8'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function emitDeclarations(folder: string): void {
  const config = {
    extends: join(ROOT, 'tsconfig.json'),
    compilerOptions: {
      ...{ noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: folder, rootDir: ROOT },
      typeRoots: [join(ROOT, 'node_modules/@types')],
    },
    include: [join(ROOT, 'core')],
  }
  const file = join(folder, 'tsconfig.json')
  writeFileSync(file, JSON.stringify(config))
  const { status, stdout } = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', file], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`tsc writes no declarations of core: ${stdout}`)
}

type Node = { readonly type: string; readonly start: number; readonly end: number; readonly [member: string]: unknown }
type Declaration = { readonly file: string; readonly name: string }
/** `from`: null if the name is declared in the file itself, as `name`. */
type Export = { readonly from: string | null; readonly name: string }

type Module = {
  readonly text: string
  readonly declared: ReadonlyMap<string, Node>
  readonly imported: ReadonlyMap<string, Export>
  readonly exported: ReadonlyMap<string, Export>
}

/** `read` returns the text of a declaration file. Throws for a type that users of the package could not resolve. */
export function bundledDeclarations(entry: string, read: (file: string) => string): string {
  const modules = new Map<string, Module>()
  const moduleAt = (file: string): Module => {
    const known = modules.get(file) ?? parsed(file, read(file))
    modules.set(file, known)
    return known
  }
  const declarationOf = (file: string, name: string): Declaration | null => {
    const { declared, imported } = moduleAt(file)
    const from = imported.get(name)
    if (from !== undefined) return exportOf(from.from ?? '', from.name)
    return declared.has(name) ? { file, name } : null
  }
  const exportOf = (file: string, name: string): Declaration => {
    const found = moduleAt(file).exported.get(name)
    const declaration =
      found === undefined
        ? null
        : found.from === null
          ? declarationOf(file, found.name)
          : exportOf(found.from, found.name)
    if (declaration === null) throw new Error(`${file} exports no ${name}`)
    return declaration
  }

  const names = new Map<string, string>()
  const taken = new Set<string>()
  const queue: Declaration[] = []
  const nameOf = (declaration: Declaration): string => {
    const key = `${declaration.file} ${declaration.name}`
    const known = names.get(key)
    if (known !== undefined) return known
    let name = declaration.name
    for (let count = 2; taken.has(name); count++) name = `${declaration.name}_${count}`
    taken.add(name)
    names.set(key, name)
    queue.push(declaration)
    return name
  }

  const exported = [...moduleAt(entry).exported.keys()].map(name => ({ name, from: exportOf(entry, name) }))
  const offered = exported.map(({ name, from }) => {
    const local = nameOf(from)
    return local === name ? name : `${local} as ${name}`
  })
  const texts: string[] = []
  for (let at = 0; at < queue.length; at++) {
    const { file, name } = queue[at] as Declaration
    texts.push(
      declarationText(moduleAt(file), name, reference => {
        const declaration = declarationOf(file, reference)
        return declaration === null ? reference : nameOf(declaration)
      }),
    )
  }
  return `// Types of the library. Later versions may add members and values.\n\n${texts.join('\n\n')}\n\nexport { ${offered.join(', ')} }\n`
}

function parsed(file: string, text: string): Module {
  const declared = new Map<string, Node>()
  const imported = new Map<string, Export>()
  const exported = new Map<string, Export>()
  const pathOf = (source: unknown): string => {
    const { value } = source as { readonly value: string }
    // The package must not require another package.
    if (!value.startsWith('.')) return value
    return join(dirname(file), value.replace(/\.(ts|json)$/, '.d.$1'))
  }
  const declare = (node: Node): readonly string[] => {
    const ids = node.type === 'VariableDeclaration' ? nodesIn(node, 'declarations').map(one => one['id']) : [node['id']]
    return ids.map(id => {
      const name = nameIn(id)
      declared.set(name, node)
      return name
    })
  }
  for (const node of nodesIn(parseAst(text, { lang: 'dts' }, file) as unknown as Node, 'body'))
    if (node.type === 'ImportDeclaration')
      for (const one of nodesIn(node, 'specifiers'))
        imported.set(nameIn(one['local']), {
          from: pathOf(node['source']),
          name: nameIn(one['imported'] ?? one['local']),
        })
    else if (node.type !== 'ExportNamedDeclaration') declare(node)
    else if (isNode(node['declaration']))
      for (const name of declare(node['declaration'])) exported.set(name, { from: null, name })
    else
      for (const one of nodesIn(node, 'specifiers')) {
        const from = node['source'] === null ? null : pathOf(node['source'])
        exported.set(nameIn(one['exported']), { from, name: nameIn(one['local']) })
      }
  return { text, declared, imported, exported }
}

/** With its comment, and with the names that it has in the bundle. */
function declarationText({ text, declared }: Module, name: string, nameFor: (reference: string) => string): string {
  if (Object.hasOwn(WRITTEN, name)) return `declare type ${name} = ${WRITTEN[name]}`
  const node = declared.get(name)
  if (node === undefined) throw new Error(`${name} is not declared`)
  const edits: { readonly start: number; readonly end: number; readonly text: string }[] = []
  const rename = (id: Node) => edits.push({ start: id.start, end: id.end, text: nameFor(nameIn(id)) })
  for (const id of node.type === 'VariableDeclaration'
    ? nodesIn(node, 'declarations').map(one => one['id'])
    : [node['id']])
    if (isNode(id)) rename({ ...id, end: id.start + nameIn(id).length })
  for (const id of referencesIn(node)) rename(id)
  let [result, at] = ['', node.start]
  for (const edit of edits.sort((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  const comment = /\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*(?:export\s+)?$/.exec(text.slice(0, node.start))?.[0] ?? ''
  const body = (result + text.slice(at, node.end)).replace(/^declare\s+/, '')
  const about = comment.replace(/\s*(?:export\s*)?$/, '')
  return `${about === '' ? '' : `${about}\n`}declare ${body}`
}

/** Identifiers that name a declaration: not members, parameters and labels. */
function referencesIn(node: Node): readonly Node[] {
  if (node.type === 'TSImportType') throw new Error('a type is only there as import(): give it a name')
  const own =
    node.type === 'TSTypeReference'
      ? [node['typeName']]
      : node.type === 'TSTypeQuery'
        ? [node['exprName']]
        : node['computed'] === true
          ? [node['key']]
          : ['TSClassImplements', 'TSInterfaceHeritage'].includes(node.type)
            ? [node['expression']]
            : node.type === 'ClassDeclaration'
              ? [node['superClass']]
              : []
  const ids = own.flatMap(one => (isNode(one) ? [leftmost(one)] : [])).filter(({ type }) => type === 'Identifier')
  const inner = Object.values(node)
    .flatMap(value => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
  return [...ids, ...inner.flatMap(referencesIn)]
}

function leftmost(node: Node): Node {
  const { left = node['object'] } = node as { readonly left?: unknown }
  return isNode(left) ? leftmost(left) : node
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value

const nodesIn = (node: Node, member: string): readonly Node[] => (node[member] as readonly Node[] | undefined) ?? []

const nameIn = (id: unknown): string => {
  const { name, value } = id as { readonly name?: string; readonly value?: string }
  return name ?? value ?? ''
}
