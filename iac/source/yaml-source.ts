import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  parseDocument,
  type YAMLMap,
} from 'yaml'
import {
  duplicateKey,
  type Entry,
  MAX_DEPTH,
  type Place,
  placeOf,
  type SourceNode,
  scalarNode,
  UnreadableSource,
} from './source-node.ts'

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html */
const SHORT_TAGS = new Set(
  (
    'And Base64 Cidr Equals FindInMap GetAtt GetAZs If ImportValue Join Length Not Or Select Split Sub ToJsonString ' +
    'Transform Condition Ref Contains EachMemberEquals EachMemberIn RefAll ValueOf ValueOfAll'
  )
    .split(' ')
    .map(name => `!${name}`),
)

/** Limits the nodes that aliases expand to. */
const MAX_NODES = 400_000

/** The most characters (blanks, line ends, comments) between a tag and its value for which the tag's place is used. */
const MAX_BEHIND_TAG = 1_000

/** YAML with the place of every value. Throws `UnreadableSource`. */
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
  return new Reader(file, text, lines, document.contents).node(document.contents, null, 0)
}

/** A bracket that ends early makes a fault of each token behind it, up to a thousand in public templates. */
const MAX_FAULTS = 5_000
const OPTIONS = { logLevel: 'error', uniqueKeys: false, prettyErrors: false } as const

function parsed(file: string, text: string, lineCounter: LineCounter): Document.Parsed {
  try {
    const strict = parseDocument(text, { lineCounter, ...OPTIONS })
    if (strict.errors.length === 0 || strict.errors.length > MAX_FAULTS) return strict
    // The tree of the first reading is not needed any more, and is as large as the second one.
    strict.contents = null
    return withoutIndentation(text) ?? strict
  } catch (fault) {
    if (fault instanceof RangeError) throw new UnreadableSource(file, null, 'nested too deeply')
    throw fault
  }
}

/**
 * Reads brackets and quotes whose lines have any indentation, as SAM and the AWS CLI do. The library has no option for it. Null:
 * there is something else that is not YAML.
 * https://github.com/yaml/pyyaml/blob/main/lib/yaml/scanner.py ("In the flow context, indentation is ignored") ·
 * https://github.com/alexcasalboni/aws-lambda-power-tuning/blob/master/template.yml
 */
function withoutIndentation(text: string): Document.Parsed | null {
  const lexer = new Lexer()
  const quoted = Reflect.get(lexer, 'parseQuotedScalar')
  let indent = 0
  let isQuoted = false
  Object.defineProperties(lexer, {
    indentNext: {
      get: () => (isQuoted || Reflect.get(lexer, 'flowLevel') > 0 ? 0 : indent),
      set: value => {
        indent = value
      },
    },
    parseQuotedScalar: {
      *value() {
        isQuoted = true
        const next = yield* quoted.call(lexer)
        isQuoted = false
        return next
      },
    },
  })
  const parser = new Parser()
  function* tokens() {
    for (const lexeme of lexer.lex(text)) yield* parser.next(lexeme)
    yield* parser.end()
  }
  const [document, ...others] = new Composer(OPTIONS).compose(tokens(), true, text.length)
  return document === undefined || document.errors.length > 0 || others.length > 0 ? null : document
}

const A_FUNCTION = 'a function makes it'

class Reader {
  readonly file: string
  readonly text: string
  readonly lines: LineCounter
  readonly anchors = new Map<string, Node>()
  /** Anchors that an alias uses. */
  readonly used: ReadonlySet<string>
  nodes = 0

  constructor(file: string, text: string, lines: LineCounter, root: Node) {
    this.file = file
    this.text = text
    this.lines = lines
    this.used = aliasesIn(root)
  }

  /** `fixed`: why an edit cannot add to the node. */
  node(node: Node, fixed: string | null, depth: number): SourceNode {
    const line = this.lineOf(node)
    if (depth > MAX_DEPTH) throw new UnreadableSource(this.file, line, 'nested too deeply')
    if (++this.nodes > MAX_NODES) throw new UnreadableSource(this.file, line, 'its aliases expand to too many values')
    if (isAlias(node)) return this.aliased(node, line, depth)
    // Set during the walk, because an alias refers to the last preceding anchor of its name.
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node)
    const isShared = node.anchor !== undefined && this.used.has(node.anchor)
    const why = isShared ? `other parts of the template use the anchor &${node.anchor} too` : fixed
    const value = this.untagged(node, line, why, depth)
    const tag = node.tag
    if (tag === undefined || !tag.startsWith('!') || tag.startsWith('!!')) return value
    if (!SHORT_TAGS.has(tag)) throw new UnreadableSource(this.file, line, `${tag} is not a CloudFormation function`)
    return this.longForm(tag, value)
  }

  aliased(node: Alias, line: number, depth: number): SourceNode {
    const target = this.anchors.get(node.source)
    if (target === undefined) throw new UnreadableSource(this.file, line, `there is no anchor &${node.source}`)
    const value = this.node(target, `the alias *${node.source} stands here`, depth + 1)
    const [start = 0, end = 0] = node.range ?? []
    return { ...value, start, end }
  }

  untagged(node: Node, line: number, fixed: string | null, depth: number): SourceNode {
    const [start = 0] = node.range ?? []
    const place = { line, start, end: this.endOf(node) }
    if (isMap(node)) return this.map(node, place, fixed, depth)
    if (isSeq(node)) {
      const items = node.items.map(item =>
        isPair(item) || !isNode(item) ? nothing(place) : this.node(item, fixed, depth + 1),
      )
      return { kind: 'list', ...place, items, fixed }
    }
    if (!isScalar(node)) return nothing(place)
    const { value, source } = node
    if (value === null || value === undefined) return { kind: 'scalar', ...place, value: null, text: '' }
    if (typeof value === 'number' || typeof value === 'boolean')
      return { kind: 'scalar', ...place, value, text: source ?? String(value) }
    return scalarNode(String(value), place)
  }

  map(node: YAMLMap, place: Place, fixed: string | null, depth: number): SourceNode {
    const entries = new Map<string, Entry>()
    const merged: SourceNode[] = []
    for (const { key, value } of node.items) {
      if (!isScalar(key)) throw new UnreadableSource(this.file, place.line, 'a key is not a plain word')
      const line = this.lineOf(key)
      const [start = place.start, end = place.end] = key.range ?? []
      const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value))
      const child = isNode(value) ? this.node(value, fixed, depth + 1) : nothing({ line, start: end, end })
      if (name === '<<') {
        merged.push(...(child.kind === 'list' ? child.items : [child]))
        continue
      }
      const before = entries.get(name)
      if (before !== undefined) throw duplicateKey(this.file, line, name, before.line)
      entries.set(name, { line, start, value: child })
    }
    for (const from of merged) {
      if (from.kind !== 'map') continue
      for (const [name, entry] of from.entries) if (!entries.has(name)) entries.set(name, entry)
    }
    return { kind: 'map', ...place, entries, fixed }
  }

  /** `!Sub x` becomes `{ "Fn::Sub": x }`. */
  longForm(tag: string, value: SourceNode): SourceNode {
    const name = tag === '!Ref' || tag === '!Condition' ? tag.slice(1) : `Fn::${tag.slice(1)}`
    const from = Math.max(0, value.start - MAX_BEHIND_TAG)
    const found = this.text.slice(from, value.start).lastIndexOf(tag)
    const start = found < 0 ? value.start : from + found
    const { line, end } = value
    const argument = name === 'Fn::GetAtt' ? attributeOf(value) : value
    const entries = new Map([[name, { line, start, value: argument }]])
    return { kind: 'map', line, start, end, entries, fixed: A_FUNCTION }
  }

  lineOf(node: Node): number {
    return this.lines.linePos(node.range?.[0] ?? 0).line
  }

  /** The end of the node, without trailing comments and line ends. */
  endOf(node: Node): number {
    let last: unknown = node
    for (;;) {
      if (isPair(last)) last = isNode(last.value) ? last.value : last.key
      else if ((isMap(last) || isSeq(last)) && last.flow !== true) last = last.items.at(-1)
      else break
    }
    const end = isNode(last) ? (last.range?.[1] ?? 0) : 0
    const [start = 0] = node.range ?? []
    return start + this.text.slice(start, Math.max(start, end)).trimEnd().length
  }
}

function aliasesIn(root: Node): ReadonlySet<string> {
  const used = new Set<string>()
  const waiting: unknown[] = [root]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (isAlias(node)) used.add(node.source)
    else if (isPair(node)) waiting.push(node.value, node.key)
    else if (isMap(node) || isSeq(node)) for (const item of node.items) waiting.push(item)
  }
  return used
}

const nothing = (place: Place): SourceNode => ({ kind: 'scalar', ...placeOf(place), value: null, text: '' })

/** `!GetAtt A.B` becomes `["A", "B"]`. */
function attributeOf(value: SourceNode): SourceNode {
  if (value.kind !== 'scalar') return value
  const dot = value.text.indexOf('.')
  if (dot < 0) return value
  const items = [scalarNode(value.text.slice(0, dot), value), scalarNode(value.text.slice(dot + 1), value)]
  return { kind: 'list', ...placeOf(value), items, fixed: A_FUNCTION }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isCollection(value) || isAlias(value)
}
