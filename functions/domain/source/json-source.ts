import { Tokenizer, TokenType } from '@streamparser/json'
import { type Entry, MAX_DEPTH, type SourceNode, UnreadableSource } from './source-node.ts'

type Open =
  | {
      readonly kind: 'list'
      readonly line: number
      readonly items: SourceNode[]
      next: 'value' | 'value-or-end' | 'comma'
    }
  | {
      readonly kind: 'map'
      readonly line: number
      readonly entries: Map<string, Entry>
      next: 'key' | 'key-or-end' | 'colon' | 'value' | 'comma'
      key: string
      keyLine: number
    }

/** JSON with the line of every value. Not recursive: depth costs no stack. */
export function readJsonSource(file: string, text: string): SourceNode {
  const bytes = new TextEncoder().encode(text)
  const lineAt = lineCounter(bytes)
  const open: Open[] = []
  let root: SourceNode | undefined
  const tokenizer = new Tokenizer()

  const close = (node: SourceNode) => {
    const top = open.at(-1)
    if (top === undefined) root = node
    else if (top.kind === 'list') {
      top.items.push(node)
      top.next = 'comma'
    } else {
      top.entries.set(top.key, { line: top.keyLine, value: node })
      top.next = 'comma'
    }
  }

  tokenizer.onToken = ({ token, value, offset }) => {
    const line = lineAt(offset)
    const top = open.at(-1)
    const broken = (found: string): never => {
      throw new UnreadableSource(file, line, `this is not JSON: ${expected(top)} is missing before ${found}`)
    }
    switch (token) {
      case TokenType.LEFT_BRACE:
      case TokenType.LEFT_BRACKET: {
        if (!takesValue(top)) return broken(token === TokenType.LEFT_BRACE ? '{' : '[')
        if (open.length >= MAX_DEPTH) throw new UnreadableSource(file, line, 'nested too deeply')
        open.push(
          token === TokenType.LEFT_BRACE
            ? { kind: 'map', line, entries: new Map(), next: 'key-or-end', key: '', keyLine: line }
            : { kind: 'list', line, items: [], next: 'value-or-end' },
        )
        return
      }
      case TokenType.RIGHT_BRACE: {
        if (top?.kind !== 'map' || (top.next !== 'key-or-end' && top.next !== 'comma')) return broken('}')
        open.pop()
        close({ kind: 'map', entries: top.entries, line: top.line })
        return
      }
      case TokenType.RIGHT_BRACKET: {
        if (top?.kind !== 'list' || (top.next !== 'value-or-end' && top.next !== 'comma')) return broken(']')
        open.pop()
        close({ kind: 'list', items: top.items, line: top.line })
        return
      }
      case TokenType.COLON: {
        if (top?.kind !== 'map' || top.next !== 'colon') return broken(':')
        top.next = 'value'
        return
      }
      case TokenType.COMMA: {
        if (top?.next !== 'comma') return broken(',')
        top.next = top.kind === 'map' ? 'key' : 'value'
        return
      }
      default: {
        if (top?.kind === 'map' && (top.next === 'key' || top.next === 'key-or-end')) {
          if (token !== TokenType.STRING) return broken(String(value))
          const key = String(value)
          const before = top.entries.get(key)
          if (before !== undefined) throw duplicateKey(file, line, key, before.line)
          top.key = key
          top.keyLine = line
          top.next = 'colon'
          return
        }
        if (!takesValue(top)) return broken(JSON.stringify(value))
        const scalar = typeof value === 'object' ? null : (value ?? null)
        close({ kind: 'scalar', value: scalar, text: String(scalar), line })
        return
      }
    }
  }
  tokenizer.onError = fault => {
    if (fault instanceof UnreadableSource) throw fault
    const position = /absolute position "(\d+)"/.exec(fault.message)?.[1]
    const found = /^Unexpected "(.)/su.exec(fault.message)?.[1]
    if (position === undefined)
      throw new UnreadableSource(file, lineAt(bytes.length), 'this is not JSON: it ends too early')
    const what = found === '\n' ? 'a line ends inside of a string' : `unexpected ${JSON.stringify(found ?? '')}`
    throw new UnreadableSource(file, lineAt(Number(position)), `this is not JSON: ${what}`)
  }

  tokenizer.write(bytes)
  if (!tokenizer.isEnded) tokenizer.end()
  const unfinished = open.at(-1)
  if (unfinished !== undefined || root === undefined) {
    const where =
      unfinished === undefined
        ? ''
        : `: the ${unfinished.kind === 'map' ? '{' : '['} of line ${unfinished.line} is not closed`
    throw new UnreadableSource(
      file,
      lineAt(bytes.length),
      bytes.length === 0 ? 'the file is empty' : `this is not JSON${where}`,
    )
  }
  return root
}

export const duplicateKey = (file: string, line: number, key: string, before: number) =>
  new UnreadableSource(file, line, `${JSON.stringify(key)} stands twice, first on line ${before}`)

function takesValue(top: Open | undefined): boolean {
  return top === undefined || top.next === 'value' || top.next === 'value-or-end'
}

function expected(top: Open | undefined): string {
  switch (top?.next) {
    case 'comma':
      return 'a comma'
    case 'colon':
      return 'a colon'
    case 'key':
    case 'key-or-end':
      return 'a quoted key'
    default:
      return 'a value'
  }
}

/** Offsets only grow, so the lines are counted once. */
function lineCounter(bytes: Uint8Array): (offset: number) => number {
  let line = 1
  let counted = 0
  return offset => {
    for (; counted < offset && counted < bytes.length; counted++) if (bytes[counted] === 0x0a) line++
    return line
  }
}
