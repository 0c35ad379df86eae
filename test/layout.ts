/** What the architecture test knows about the tree: its parts, their rooms in order, and which may import which. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { ROOM_ORDER } from '../tools/architecture/rooms.ts'

export const root = resolve(import.meta.dirname, '..')

/** Rooms that other code enters by their index. */
export const ROOMS: readonly string[] = Object.entries(ROOM_ORDER).flatMap(([part, rooms]) =>
  rooms.map(room => `${part}/${room}`).filter(room => existsSync(join(root, room))),
)

/** The functions of the bot by name: each folder with a handler. */
export const LAMBDAS: readonly string[] = readdirSync(join(root, 'functions')).filter(name =>
  existsSync(join(root, 'functions', name, 'handler.ts')),
)

/** Every layer with the layers that it may import. `verb` and `handler` are the two kinds of file in a function's folder. */
const MAY_IMPORT: { readonly [layer: string]: readonly string[] } = {
  core: ['core'],
  iac: ['core', 'iac'],
  domain: ['core', 'iac', 'domain'],
  ports: ['core', 'iac', 'domain', 'ports'],
  workflows: ['core', 'iac', 'domain', 'ports', 'workflows'],
  verb: ['core', 'iac', 'domain', 'ports', 'workflows', 'verb'],
  adapters: ['core', 'iac', 'domain', 'ports', 'adapters'],
  composition: ['core', 'iac', 'domain', 'ports', 'workflows', 'adapters', 'composition'],
  handler: ['core', 'iac', 'domain', 'ports', 'workflows', 'verb', 'adapters', 'composition', 'handler'],
  infra: ['core', 'iac', 'domain', 'adapters', 'infra'],
  simulator: ['core', 'iac', 'domain', 'ports', 'workflows', 'verb', 'adapters', 'composition', 'simulator'],
  cli: ['core', 'iac', 'domain', 'ports', 'workflows', 'verb', 'adapters', 'composition', 'simulator', 'infra', 'cli'],
  tools: ['core', 'iac', 'domain', 'adapters', 'infra', 'cli', 'tools'],
  packaging: ['core', 'iac', 'domain', 'simulator', 'infra', 'cli', 'tools', 'packaging'],
  bench: [
    ...['core', 'iac', 'domain', 'ports', 'workflows', 'verb', 'adapters', 'composition', 'simulator', 'cli'],
    ...['infra', 'tools', 'packaging', 'test', 'bench'],
  ],
  test: [
    ...['core', 'iac', 'domain', 'ports', 'workflows', 'verb', 'handler', 'adapters', 'composition', 'simulator'],
    ...['cli', 'infra', 'tools', 'packaging', 'bench', 'test'],
  ],
}

export type Graph = ReadonlyMap<string, readonly string[]>
export type Import = {
  readonly to: string
  readonly names: readonly string[]
  /** `import()`. It names the file itself, so that a bundle loads only that. */
  readonly isLazy: boolean
}

/** With slashes on every system. */
const inProject = (path: string): string => relative(root, path).replaceAll('\\', '/')

export function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => inProject(join(entry.parentPath, entry.name)))
}

export const isSource = (file: string): boolean => /\.tsx?$/.test(file) && !file.endsWith('.d.ts')

/** The text without comments. What looks like one in a string is none. */
export const bareOf = (text: string): string =>
  text.replace(/('(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/.*$/gm, (_, string = '') => string)

/** Includes type imports, because two files that need each other's types are a cycle too. */
export function importsOf(file: string, text: string): readonly Import[] {
  return [...text.matchAll(/(?:(\{[^{}]*\})\s*from|(?:from|import)\s*(\()?)\s*'(\.[^']+)'/g)].map(
    ([, names = '', lazy, path = '']) => ({
      to: inProject(resolve(root, dirname(file), path)),
      names: [...names.matchAll(/(\w+)(?:\s+as\s+\w+)?\s*[,}]/g)].map(([, name = '']) => name),
      isLazy: lazy !== undefined,
    }),
  )
}

function layerOf(file: string): string {
  const [top = '', second = '', third = ''] = file.split('/')
  if (top !== 'functions') return top
  if (second === 'adapters') return third === 'composition' ? 'composition' : 'adapters'
  if (!LAMBDAS.includes(second)) return second
  return file.endsWith('/handler.ts') ? 'handler' : 'verb'
}

type Place = { readonly part: string; readonly at: number }

/** Null: the file is in no ordered part. `at`: -1 for a room that the order does not name. */
function placeOf(file: string): Place | null {
  const found = Object.entries(ROOM_ORDER).find(([part]) => file.startsWith(`${part}/`))
  if (found === undefined) return null
  const [part, rooms] = found
  return { part, at: (rooms as readonly string[]).indexOf(file.slice(part.length + 1).split('/')[0] ?? '') }
}

export function isForbidden(from: string, to: string): boolean {
  const [layer, other] = [layerOf(from), layerOf(to)]
  if (!(MAY_IMPORT[layer] ?? []).includes(other)) return true
  const [place, goal] = [placeOf(from), placeOf(to)]
  // `core/index.ts` is the public face of the package, so it may import every room.
  if (place !== null && from !== 'core/index.ts' && place.at === -1) return true
  if (place !== null && goal !== null && place.part === goal.part && from !== 'core/index.ts') return goal.at > place.at
  // The steps of a function belong to it alone.
  return layer === 'verb' && other === 'verb' && dirname(from) !== dirname(to)
}

/** Code that prints for people or parses their input. A use case takes data and returns data. */
const SPEAKS =
  /^cli\/(?:commands|formats|mcp|ci)\/|^cli\/(?:io|parse-arguments|options|command|commands|dispatch|ansi)\.ts$/

export const isSpokenByUseCase = (from: string, to: string): boolean =>
  from.startsWith('cli/use-cases/') && SPEAKS.test(to)

const partOf = (file: string): string => file.split('/')[0] ?? ''

/** The index by which others enter the folder. Null: the folder has none. */
export function doorOf(file: string): string | null {
  const place = placeOf(file)
  if (place !== null)
    return `${file
      .split('/')
      .slice(0, place.part.split('/').length + 1)
      .join('/')}/index.ts`
  const [top, second, third, fourth] = file.split('/')
  if (top !== 'functions') return null
  if (second !== 'adapters') return `functions/${second}/index.ts`
  return fourth === undefined || !['aws', 'slack'].includes(third ?? '')
    ? `functions/adapters/${third}/index.ts`
    : `functions/adapters/${third}/${fourth}/index.ts`
}

/** The files that `write` and its checks may import. They are imported one by one, so that a test can count the code that decides. */
export const KERNEL: readonly string[] = [
  ...['canonical-json', 'fault', 'result'].map(name => `core/base/${name}.ts`),
  ...['policy-document', 'same-policy'].map(name => `core/iam/policy/${name}.ts`),
  'core/actions/names.ts',
  ...['target', 'limited-document', 'take-away'].map(name => `core/patch/${name}.ts`),
  ...['statement', 'decision', 'passkey', 'spent', 'writer-session'].map(
    name => `functions/domain/authority/${name}.ts`,
  ),
  ...['grant', 'input', 'grammar', 'authority', 'take-away'].map(
    name => `functions/domain/authority/checks/${name}.ts`,
  ),
  ...['clients/client-timeouts', 'ledger/s3-ledger', 'signing/kms-keys', 'signing/kms-signer'].map(
    name => `functions/adapters/aws/${name}.ts`,
  ),
  ...['writing/object-ledger', 'writing/policy-writer', 'signer', 'observer'].map(name => `functions/ports/${name}.ts`),
]

/** `functions/write` and the kernel itself may skip indexes, but only for files of the kernel. */
const isOfKernel = (from: string, to: string): boolean =>
  KERNEL.includes(to) && (KERNEL.includes(from) || from.startsWith('functions/write/'))

/** Everyone enters rooms of core, iac and the domain by their index. Other folders of `functions` have an index for other parts. */
export function isPastDoor(from: string, { to, isLazy }: Import): boolean {
  const door = doorOf(to)
  if (door === null || to === door || isLazy || door === doorOf(from)) return false
  if (from === 'core/index.ts' || isOfKernel(from, to)) return false
  return ROOMS.includes(dirname(door)) || partOf(from) !== partOf(to)
}

/** Groups of files that import each other in a cycle (Tarjan). */
export function cyclesIn(graph: Graph): readonly (readonly string[])[] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const cycles: string[][] = []
  const visit = (file: string): number => {
    index.set(file, index.size)
    let lowest = index.get(file) ?? 0
    stack.push(file)
    for (const next of graph.get(file) ?? []) {
      if (!index.has(next)) lowest = Math.min(lowest, visit(next))
      else if (stack.includes(next)) lowest = Math.min(lowest, index.get(next) ?? 0)
    }
    low.set(file, lowest)
    if (lowest === index.get(file)) {
      const group = stack.splice(stack.indexOf(file))
      if (group.length > 1) cycles.push(group.sort())
    }
    return lowest
  }
  for (const file of graph.keys()) if (!index.has(file)) visit(file)
  return cycles
}
