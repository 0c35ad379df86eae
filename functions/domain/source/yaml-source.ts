import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import { duplicateKey } from './json-source.ts'
import { type Entry, MAX_DEPTH, type SourceNode, scalarNode, UnreadableSource } from './source-node.ts'

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html */
const SHORT_TAGS = new Set(
  (
    'And Base64 Cidr Equals FindInMap GetAtt GetAZs If ImportValue Join Length Not Or Select Split Sub ToJsonString ' +
    'Transform Condition Ref Contains EachMemberEquals EachMemberIn RefAll ValueOf ValueOfAll'
  )
    .split(' ')
    .map(name => `!${name}`),
)

/** Aliases may be used often, but what they expand to stays within this. */
const MAX_NODES = 400_000

export function readYamlSource(file: string, text: string): SourceNode {
  const lines = new LineCounter()
  const document = parsed(file, text, lines)
  const [fault] = document.errors
  if (fault !== undefined) {
    const what = /call stack/.test(fault.message)
      ? 'nested too deeply'
      : fault.message.replace(/\n.*|; please use .*/s, '')
    throw new UnreadableSource(file, lines.linePos(fault.pos[0]).line, `this is not YAML: ${what}`)
  }
  if (document.contents === null) throw new UnreadableSource(file, 1, 'the file is empty')
  const reader = {
    file,
    anchors: new Map<string, Node>(),
    lineOf: (node: Node) => lines.linePos(node.range?.[0] ?? 0).line,
    nodes: 0,
  }
  return nodeOf(reader, document.contents, 0)
}

function parsed(file: string, text: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, { lineCounter, logLevel: 'error', uniqueKeys: false, prettyErrors: false })
  } catch (fault) {
    if (fault instanceof RangeError) throw new UnreadableSource(file, null, 'nested too deeply')
    throw fault
  }
}

type Reader = {
  readonly file: string
  readonly anchors: Map<string, Node>
  readonly lineOf: (node: Node) => number
  nodes: number
}

function nodeOf(reader: Reader, node: Node, depth: number): SourceNode {
  const line = reader.lineOf(node)
  if (depth > MAX_DEPTH) throw new UnreadableSource(reader.file, line, 'nested too deeply')
  if (++reader.nodes > MAX_NODES) throw new UnreadableSource(reader.file, line, 'its aliases expand to too many values')
  if (isAlias(node)) {
    const target = reader.anchors.get(node.source)
    if (target === undefined) throw new UnreadableSource(reader.file, line, `there is no anchor &${node.source}`)
    return nodeOf(reader, target, depth + 1)
  }
  // Set on the way through the document: an alias means the last anchor of its name before it.
  if (node.anchor !== undefined) reader.anchors.set(node.anchor, node)
  const tag = node.tag
  if (tag?.startsWith('!') && !tag.startsWith('!!')) {
    if (!SHORT_TAGS.has(tag)) throw new UnreadableSource(reader.file, line, `${tag} is not a CloudFormation function`)
    return longForm(tag.slice(1), untagged(reader, node, depth, line), line)
  }
  return untagged(reader, node, depth, line)
}

function untagged(reader: Reader, node: Node, depth: number, line: number): SourceNode {
  if (isMap(node)) return mapOf(reader, node, depth, line)
  if (isSeq(node)) {
    const items = node.items.map(item =>
      isPair(item) || !isNode(item) ? scalarNode('', line) : nodeOf(reader, item, depth + 1),
    )
    return { kind: 'list', items, line }
  }
  if (!isScalar(node)) return scalarNode('', line)
  const { value, source } = node
  if (value === null || value === undefined) return { kind: 'scalar', value: null, text: '', line }
  if (typeof value === 'number' || typeof value === 'boolean') {
    return { kind: 'scalar', value, text: source ?? String(value), line }
  }
  return scalarNode(String(value), line)
}

function mapOf(reader: Reader, node: YAMLMap, depth: number, line: number): SourceNode {
  const entries = new Map<string, Entry>()
  const merged: SourceNode[] = []
  for (const { key, value } of node.items) {
    if (!isScalar(key)) throw new UnreadableSource(reader.file, line, 'a key is not a plain word')
    const keyLine = reader.lineOf(key)
    const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
    const child = isNode(value)
      ? nodeOf(reader, value, depth + 1)
      : ({ kind: 'scalar', value: null, text: '', line: keyLine } as const)
    if (name === '<<') {
      merged.push(...(child.kind === 'list' ? child.items : [child]))
      continue
    }
    const before = entries.get(name)
    if (before !== undefined) throw duplicateKey(reader.file, keyLine, name, before.line)
    entries.set(name, { line: keyLine, value: child })
  }
  for (const from of merged) {
    if (from.kind !== 'map') continue
    for (const [name, entry] of from.entries) if (!entries.has(name)) entries.set(name, entry)
  }
  return { kind: 'map', entries, line }
}

function longForm(name: string, value: SourceNode, line: number): SourceNode {
  const key = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`
  return {
    kind: 'map',
    entries: new Map([[key, { line, value: name === 'GetAtt' ? attributeOf(value) : value }]]),
    line,
  }
}

/** `!GetAtt A.B` is `["A", "B"]`. */
function attributeOf(value: SourceNode): SourceNode {
  if (value.kind !== 'scalar') return value
  const dot = value.text.indexOf('.')
  if (dot < 0) return value
  const items = [scalarNode(value.text.slice(0, dot), value.line), scalarNode(value.text.slice(dot + 1), value.line)]
  return { kind: 'list', items, line: value.line }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isCollection(value) || isAlias(value)
}
