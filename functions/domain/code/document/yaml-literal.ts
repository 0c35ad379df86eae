/** YAML with the place of every value. Short tags are their long form: `!Sub x` is `{ "Fn::Sub": x }`. */
import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, type Node, parseDocument, type YAMLMap } from 'yaml'
import type { Literal, LiteralEntry } from './literal.ts'
import { columnOf } from './text-edit.ts'

export type YamlText = {
  readonly root: Literal
  /** Maps and lists in brackets, and what is written with a tag: `placeOf` each. */
  readonly inBrackets: ReadonlySet<string>
  /** Columns by which a map in a map is indented. */
  readonly step: number
  /** Columns by which a list is indented below its key. */
  readonly listStep: number
  readonly quote: "'" | '"'
}

/** The same for a literal and for what it evaluates to. */
export const placeOf = ({ kind, start }: Literal): string => `${kind} ${start}`

const MAX_DEPTH = 200
const MAX_NODES = 400_000

class Unreadable extends Error {}

/** Null for a text that is not YAML, has a key twice, or expands to too much. */
export function readYamlLiteral(file: string, text: string): YamlText | null {
  try {
    const document = parseDocument(text, { logLevel: 'silent', prettyErrors: false, uniqueKeys: true })
    if (document.errors.length > 0 || document.contents === null) return null
    const reader = new Reader(file, text)
    reader.collect(document.contents)
    const root = reader.literal(document.contents, null, 0)
    return { root, inBrackets: reader.inBrackets, ...reader.style(text) }
  } catch (fault) {
    if (fault instanceof Unreadable || fault instanceof RangeError) return null
    throw fault
  }
}

class Reader {
  readonly file: string
  readonly text: string
  readonly anchors = new Map<string, Node>()
  readonly used = new Set<string>()
  readonly inBrackets = new Set<string>()
  readonly steps: number[] = []
  readonly listSteps: number[] = []
  nodes = 0

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
  }

  collect(root: Node): void {
    const waiting: unknown[] = [root]
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (isAlias(node)) this.used.add(node.source)
      else if (isPair(node)) waiting.push(node.value, node.key)
      else if (isMap(node) || isSeq(node)) waiting.push(...node.items)
    }
  }

  /** `fixed`: why nothing can be added here. */
  literal(node: Node, fixed: string | null, depth: number): Literal {
    if (depth > MAX_DEPTH || ++this.nodes > MAX_NODES) throw new Unreadable()
    if (isAlias(node)) return this.aliased(node, depth)
    if (node.anchor !== undefined) this.anchors.set(node.anchor, node)
    const isShared = node.anchor !== undefined && this.used.has(node.anchor)
    const why = isShared ? `other parts of the template use the anchor &${node.anchor} too` : fixed
    const tag = node.tag
    const inner = this.untagged(node, why, depth)
    if (tag === undefined || !tag.startsWith('!') || tag.startsWith('!!')) return inner
    const name = tag === '!Ref' || tag === '!Condition' ? tag.slice(1) : `Fn::${tag.slice(1)}`
    const start = this.text.lastIndexOf(tag, inner.start)
    const place = { file: this.file, start: start < 0 ? inner.start : start, end: inner.end }
    const value = name === 'Fn::GetAtt' ? attributes(inner) : inner
    const call: Literal = {
      kind: 'map',
      ...place,
      entries: [{ key: name, start: place.start, value }],
      fixed: 'a function makes it',
    }
    this.inBrackets.add(placeOf(call))
    return call
  }

  aliased(node: Alias, depth: number): Literal {
    const target = this.anchors.get(node.source)
    if (target === undefined) throw new Unreadable()
    const [start = 0, end = 0] = node.range ?? []
    const value = this.literal(target, `the alias *${node.source} stands here`, depth + 1)
    return { ...value, start, end }
  }

  untagged(node: Node, fixed: string | null, depth: number): Literal {
    const [start = 0] = node.range ?? []
    const place = { file: this.file, start, end: this.endOf(node) }
    if (isMap(node)) return this.map(node, place, fixed, depth)
    if (isSeq(node)) {
      const items = node.items.map(item =>
        isNodeLike(item) ? this.literal(item, fixed, depth + 1) : nothing(this.file, start),
      )
      const list: Literal = { kind: 'list', ...place, items, fixed }
      if (node.flow === true) this.inBrackets.add(placeOf(list))
      return list
    }
    if (!isScalar(node)) throw new Unreadable()
    const { value, source } = node
    if (typeof value === 'number') return { kind: 'scalar', ...place, value: source ?? String(value) }
    return { kind: 'scalar', ...place, value: typeof value === 'boolean' || value === null ? value : String(value) }
  }

  map(node: YAMLMap, place: Pick<Literal, 'file' | 'start' | 'end'>, fixed: string | null, depth: number): Literal {
    const entries: LiteralEntry[] = []
    const merged: LiteralEntry[] = []
    for (const { key, value } of node.items) {
      if (!isScalar(key)) throw new Unreadable()
      const name = String(key.value)
      const keyStart = key.range?.[0] ?? place.start
      const child = isNodeLike(value)
        ? this.literal(value, fixed, depth + 1)
        : nothing(this.file, key.range?.[1] ?? place.end)
      if (name === '<<') {
        const from = child.kind === 'list' ? child.items : [child]
        for (const one of from) if (one.kind === 'map') merged.push(...one.entries)
        continue
      }
      entries.push({ key: name, start: keyStart, value: child })
      this.measure(keyStart, value)
    }
    const own = new Set(entries.map(({ key }) => key))
    const map: Literal = {
      ...{ kind: 'map', ...place, fixed },
      entries: [...entries, ...merged.filter(({ key }) => !own.has(key))],
    }
    if (node.flow === true) this.inBrackets.add(placeOf(map))
    return map
  }

  /** By how much a map or list in lines is indented below its key. */
  measure(keyStart: number, value: unknown): void {
    if (!(isMap(value) || isSeq(value)) || value.flow === true) return
    const step = columnOf(this.text, value.range?.[0] ?? keyStart) - columnOf(this.text, keyStart)
    if (isMap(value)) this.steps.push(step)
    else this.listSteps.push(step)
  }

  /** Without the comments and line ends behind it. */
  endOf(node: Node): number {
    let last: unknown = node
    for (;;) {
      if (isPair(last)) last = isNodeLike(last.value) ? last.value : last.key
      else if ((isMap(last) || isSeq(last)) && last.flow !== true) last = last.items.at(-1)
      else break
    }
    const end = isNodeLike(last) ? (last.range?.[1] ?? 0) : 0
    const [start = 0] = node.range ?? []
    return start + this.text.slice(start, Math.max(start, end)).trimEnd().length
  }

  style(text: string): Pick<YamlText, 'step' | 'listStep' | 'quote'> {
    const step = mostOften(this.steps) ?? 2
    const single = text.match(/[:-] '/g)?.length ?? 0
    const double = text.match(/[:-] "/g)?.length ?? 0
    return { step, listStep: mostOften(this.listSteps) ?? step, quote: single > double ? "'" : '"' }
  }
}

const isNodeLike = (value: unknown): value is Node => isAlias(value) || isMap(value) || isSeq(value) || isScalar(value)

const nothing = (file: string, at: number): Literal => ({ kind: 'scalar', file, start: at, end: at, value: null })

/** `A.B` of `!GetAtt A.B` is `["A", "B"]`. */
function attributes(value: Literal): Literal {
  if (value.kind !== 'scalar') return value
  const [id = '', ...rest] = String(value.value).split('.')
  const { file, start, end } = value
  const items = [id, rest.join('.')].map((one): Literal => ({ kind: 'scalar', file, start, end, value: one }))
  return { kind: 'list', file, start, end, items, fixed: 'a function makes it' }
}

function mostOften(numbers: readonly number[]): number | null {
  const counts = new Map<number, number>()
  for (const one of numbers) counts.set(one, (counts.get(one) ?? 0) + 1)
  const sorted = [...counts].sort((a, b) => b[1] - a[1])
  return sorted[0]?.[0] ?? null
}
