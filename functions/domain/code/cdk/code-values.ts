/** Literals of TypeScript and Python. Undefined for everything that has to be run to be known. */
import { childrenOfType, fieldOf, type SyntaxNode } from '../syntax-node.ts'

export type CodeLanguage = 'typescript' | 'python'
export type Known = string | number | boolean | null | readonly Known[] | { readonly [key: string]: Known }

/** `call`: what a call evaluates to, such as a principal; undefined if that is not certain. */
export type CallValue = (node: SyntaxNode) => Known | undefined

export function literalValue(node: SyntaxNode, text: string, call: CallValue = () => undefined): Known | undefined {
  switch (node.type) {
    case 'string':
    case 'template_string':
      return stringValue(node, text)
    case 'number':
    case 'integer':
    case 'float': {
      const value = Number(text.slice(node.start, node.end))
      return Number.isFinite(value) ? value : undefined
    }
    case 'true':
      return true
    case 'false':
      return false
    case 'null':
    case 'none':
      return null
    case 'array':
    case 'list':
      return listValue(node, text, call)
    case 'object':
    case 'dictionary':
      return mapValue(node, text, call)
    case 'parenthesized_expression': {
      const inner = node.children[1]
      return inner === undefined || node.children.length !== 3 ? undefined : literalValue(inner, text, call)
    }
    case 'new_expression':
    case 'call':
      return call(node)
    default:
      return undefined
  }
}

const PUNCTUATION = new Set(['[', ']', '{', '}', ',', 'comment'])

function listValue(node: SyntaxNode, text: string, call: CallValue): Known | undefined {
  const items = node.children.filter(({ type }) => !PUNCTUATION.has(type)).map(item => literalValue(item, text, call))
  return items.every(item => item !== undefined) ? items : undefined
}

function mapValue(node: SyntaxNode, text: string, call: CallValue): Known | undefined {
  const entries = entriesOf(node, text)
  if (entries === null) return undefined
  const known = [...entries].map(([key, value]) => [key, literalValue(value, text, call)] as const)
  if (known.some(([, value]) => value === undefined)) return undefined
  return Object.fromEntries(known.map(([key, value]) => [key, value ?? null]))
}

/** The values of an object or dictionary by key; null where a key has to be run to be known, is spread in, or occurs twice. */
export function entriesOf(node: SyntaxNode, text: string): ReadonlyMap<string, SyntaxNode> | null {
  const entries = new Map<string, SyntaxNode>()
  for (const pair of node.children) {
    if (PUNCTUATION.has(pair.type)) continue
    const key = fieldOf(pair, 'key')
    const value = fieldOf(pair, 'value')
    if (pair.type !== 'pair' || key === null || value === null) return null
    const name = key.type === 'property_identifier' ? text.slice(key.start, key.end) : literalValue(key, text)
    if (typeof name !== 'string' || entries.has(name)) return null
    entries.set(name, value)
  }
  return entries
}

const ESCAPES: { readonly [sequence: string]: string } = {
  "\\'": "'",
  '\\"': '"',
  '\\\\': '\\',
  '\\n': '\n',
  '\\t': '\t',
}

function stringValue(node: SyntaxNode, text: string): string | undefined {
  const opening = childrenOfType(node, 'string_start')[0]
  // A prefix such as `f` or `r` changes what the text means.
  if (opening !== undefined && !/^["']{1,3}$/.test(text.slice(opening.start, opening.end))) return undefined
  const parts: string[] = []
  for (const child of node.children) {
    if (['"', "'", '`', 'string_start', 'string_end'].includes(child.type)) continue
    if (child.type === 'string_fragment') parts.push(text.slice(child.start, child.end))
    else if (child.type === 'string_content') {
      const inner = contentValue(child, text)
      if (inner === undefined) return undefined
      parts.push(inner)
    } else if (child.type === 'escape_sequence') {
      const escaped = ESCAPES[text.slice(child.start, child.end)]
      if (escaped === undefined) return undefined
      parts.push(escaped)
    } else return undefined
  }
  return parts.join('')
}

/** Python keeps escapes inside of the content. */
function contentValue(node: SyntaxNode, text: string): string | undefined {
  const parts: string[] = []
  let at = node.start
  for (const child of node.children) {
    const escaped = ESCAPES[text.slice(child.start, child.end)]
    if (child.type !== 'escape_sequence' || escaped === undefined) return undefined
    parts.push(text.slice(at, child.start), escaped)
    at = child.end
  }
  return [...parts, text.slice(at, node.end)].join('')
}
