import {
  childOf,
  type Entry,
  type MapNode,
  type SourceNode,
  scalarNode,
  scalarText,
  UnreadableSource,
} from './source-node.ts'

const LOOP = 'Fn::ForEach::'

/** Why an edit cannot add to a copy: the copy has no place of its own in the text. */
export const A_LOOP = 'a loop (Fn::ForEach) makes it'

/** The limit of copies that all loops of a template make together. */
const MAX_COPIES = 10_000

/**
 * Expands the loops of a template.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html
 */
export function expandLoops(file: string, root: MapNode): MapNode {
  const state = { file, root, copies: 0 }
  return expandMap(state, root, new Map())
}

type State = { readonly file: string; readonly root: MapNode; copies: number }
type Names = ReadonlyMap<string, string>

function expand(state: State, node: SourceNode, names: Names): SourceNode {
  if (node.kind === 'map') return referenceOf(node, names) ?? expandMap(state, node, names)
  if (node.kind === 'list') {
    const items = node.items.map(item => expand(state, item, names))
    return { ...node, items, fixed: names.size === 0 ? node.fixed : A_LOOP }
  }
  if (node.kind === 'open' || names.size === 0 || typeof node.value !== 'string') return node
  const text = withNames(node.text, names)
  return text === node.text ? node : { ...node, value: text, text }
}

function expandMap(state: State, node: MapNode, names: Names): MapNode {
  const entries = new Map<string, Entry>()
  for (const [key, entry] of node.entries) {
    if (key.startsWith(LOOP)) {
      for (const [copy, value] of loop(state, entry, names)) entries.set(copy, value)
    } else entries.set(withNames(key, names), { ...entry, value: expand(state, entry.value, names) })
  }
  return { ...node, entries, fixed: names.size === 0 ? node.fixed : A_LOOP }
}

function loop(state: State, { value, line }: Entry, names: Names): readonly (readonly [string, Entry])[] {
  const [identifier, collection, body] = value.kind === 'list' ? value.items : []
  const name = scalarText(identifier)
  if (name === null || collection === undefined || body?.kind !== 'map') {
    throw new UnreadableSource(state.file, line, 'Fn::ForEach needs a name, a collection and a map')
  }
  return valuesOf(state, collection, names, line).flatMap(item => {
    state.copies += 1
    if (state.copies > MAX_COPIES) throw new UnreadableSource(state.file, line, 'its loops make too many copies')
    return [...expandMap(state, body, new Map([...names, [name, item]])).entries]
  })
}

function valuesOf(state: State, node: SourceNode, names: Names, line: number): readonly string[] {
  if (node.kind === 'list') return node.items.flatMap(item => listed(state, item, names, line))
  return listed(state, node, names, line)
}

function listed(state: State, node: SourceNode, names: Names, line: number): readonly string[] {
  const text = scalarText(node)
  if (text !== null) return [withNames(text, names)]
  const parameter = childOf(childOf(state.root, 'Parameters'), scalarText(childOf(node, 'Ref')) ?? '')
  const defaults = scalarText(childOf(parameter, 'Default'))
  if (defaults !== null) return defaults.split(',').map(item => item.trim())
  throw new UnreadableSource(state.file, line, 'only the deploy will know what this Fn::ForEach runs over')
}

/** Replaces `{ "Ref": "Name" }` of a loop variable by its value. */
function referenceOf(node: MapNode, names: Names): SourceNode | null {
  const text = node.entries.size === 1 ? scalarText(childOf(node, 'Ref')) : null
  const value = text === null ? undefined : names.get(text)
  return value === undefined ? null : scalarNode(value, node)
}

const withNames = (text: string, names: Names): string =>
  text.replaceAll(/\$\{&?([^{}]+)\}|&\{([^{}]+)\}/g, (whole, name: string | undefined, other: string | undefined) => {
    const found = names.get(name ?? other ?? '')
    return found === undefined ? whole : /^&|^\$\{&/.test(whole) ? found.replaceAll(/[^A-Za-z0-9]/g, '') : found
  })
