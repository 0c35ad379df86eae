/** The values of TypeScript and Python literals. Undefined: the value is known only when the code runs. */
import { childrenOfType, fieldOf, type SyntaxNode, syntaxText } from '../syntax-node.ts'

export type CodeLanguage = 'typescript' | 'python'
export type KnownValue = string | number | boolean | readonly KnownValue[] | { readonly [key: string]: KnownValue }

/** The value of a call, such as a principal. Undefined: it is not certain. */
export type CallValue = (node: SyntaxNode) => KnownValue | undefined

export function literalValue(
  node: SyntaxNode | null | undefined,
  text: string,
  call: CallValue = () => undefined,
): KnownValue | undefined {
  switch (node?.type) {
    case 'string':
    case 'template_string':
      return stringValue(node, text)
    case 'number':
    case 'integer':
    case 'float': {
      const value = Number(syntaxText(node, text))
      return Number.isFinite(value) ? value : undefined
    }
    case 'true':
      return true
    case 'false':
      return false
    case 'array':
    case 'list':
      return listValue(node, text, call)
    case 'object':
    case 'dictionary':
      return mapValue(node, text, call)
    case 'parenthesized_expression':
      return node.children.length === 3 ? literalValue(node.children[1], text, call) : undefined
    case 'new_expression':
    case 'call':
      return call(node)
    default:
      return undefined
  }
}

const PUNCTUATION = new Set(['[', ']', '{', '}', ',', 'comment'])

function listValue(node: SyntaxNode, text: string, call: CallValue): KnownValue | undefined {
  const items = node.children.filter(({ type }) => !PUNCTUATION.has(type)).map(item => literalValue(item, text, call))
  return items.every(item => item !== undefined) ? items : undefined
}

function mapValue(node: SyntaxNode, text: string, call: CallValue): KnownValue | undefined {
  const entries = entriesOf(node, text)
  if (entries === null) return undefined
  const values: (readonly [string, KnownValue])[] = []
  for (const [key, value] of entries) {
    const known = literalValue(value, text, call)
    if (known === undefined) return undefined
    values.push([key, known])
  }
  // `Object.fromEntries`, because with assignments the key `__proto__` would set the prototype.
  return Object.fromEntries(values)
}

/** The values of an object or dictionary by key. Null: a key is computed, spread, or occurs twice. */
export function entriesOf(node: SyntaxNode, text: string): ReadonlyMap<string, SyntaxNode> | null {
  const entries = new Map<string, SyntaxNode>()
  for (const pair of node.children) {
    if (PUNCTUATION.has(pair.type)) continue
    const key = fieldOf(pair, 'key')
    const value = fieldOf(pair, 'value')
    const name = key?.type === 'property_identifier' ? syntaxText(key, text) : literalValue(key, text)
    if (value === null || typeof name !== 'string' || entries.has(name)) return null
    entries.set(name, value)
  }
  return entries
}

/** The arguments of a call, without brackets, commas and comments. */
export const callArguments = (call: SyntaxNode): readonly SyntaxNode[] =>
  fieldOf(call, 'arguments')?.children.filter(({ type }) => !['(', ')', ',', 'comment'].includes(type)) ?? []

const ESCAPES: { readonly [sequence: string]: string } = {
  "\\'": "'",
  '\\"': '"',
  '\\\\': '\\',
  '\\n': '\n',
  '\\t': '\t',
}

function stringValue(node: SyntaxNode, text: string): string | undefined {
  const opening = childrenOfType(node, 'string_start')[0]
  // A prefix such as `f` or `r` changes the meaning of the text.
  if (opening !== undefined && !/^["']{1,3}$/.test(syntaxText(opening, text))) return undefined
  const parts: string[] = []
  for (const child of node.children) {
    if (['"', "'", '`', 'string_start', 'string_end'].includes(child.type)) continue
    if (child.type === 'string_fragment') parts.push(syntaxText(child, text))
    else if (child.type === 'string_content') {
      const inner = contentValue(child, text)
      if (inner === undefined) return undefined
      parts.push(inner)
    } else if (child.type === 'escape_sequence') {
      const escaped = ESCAPES[syntaxText(child, text)]
      if (escaped === undefined) return undefined
      parts.push(escaped)
    } else return undefined
  }
  return parts.join('')
}

/** Python's grammar has escapes inside the content node. */
function contentValue(node: SyntaxNode, text: string): string | undefined {
  const parts: string[] = []
  let at = node.start
  for (const child of node.children) {
    const escaped = ESCAPES[syntaxText(child, text)]
    if (escaped === undefined) return undefined
    parts.push(text.slice(at, child.start), escaped)
    at = child.end
  }
  return [...parts, text.slice(at, node.end)].join('')
}
