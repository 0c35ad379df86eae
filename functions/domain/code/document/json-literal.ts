/** JSON with the place of every value. Null for text that is not JSON, has a key twice, or nests too deeply. */
import type { Literal, LiteralEntry } from './literal.ts'

const MAX_DEPTH = 200
const SPACE = /[ \t\r\n]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /true|false|null/y
/** Up to the end of a string, an escape, or what may be an interpolation. */
const PLAIN = /[^"\\$%\n\r]*/y

/** What a template language puts into JSON: where it ends, and its value if that is known. */
export type Interpolation = { readonly end: number; readonly value: string | null }

export type JsonSource = {
  readonly file: string
  readonly text: string
  readonly start: number
  readonly end: number
  /** The interpolation that starts at this offset; null where there is none. */
  readonly interpolationAt?: (offset: number) => Interpolation | null
}

class NotJson extends Error {}

export function readJsonLiteral(source: JsonSource): Literal | null {
  const reader = new Reader(source)
  try {
    const value = reader.value(0)
    reader.space()
    return reader.at === source.end ? value : null
  } catch (fault) {
    if (fault instanceof NotJson) return null
    throw fault
  }
}

class Reader {
  at: number
  readonly source: JsonSource

  constructor(source: JsonSource) {
    this.source = source
    this.at = source.text.charCodeAt(source.start) === 0xfeff ? source.start + 1 : source.start
  }

  take(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.source.text)?.[0] ?? ''
    this.at += found.length
    if (this.at > this.source.end) throw new NotJson()
    return found
  }

  space(): void {
    SPACE.lastIndex = this.at
    SPACE.exec(this.source.text)
    this.at = Math.min(SPACE.lastIndex, this.source.end)
  }

  is(character: string): boolean {
    return this.at < this.source.end && this.source.text.charAt(this.at) === character
  }

  expect(character: string): void {
    if (!this.is(character)) throw new NotJson()
    this.at++
  }

  value(depth: number): Literal {
    if (depth > MAX_DEPTH) throw new NotJson()
    this.space()
    const { file, text, interpolationAt } = this.source
    const start = this.at
    if (this.is('{')) return this.map(depth, start)
    if (this.is('[')) return this.list(depth, start)
    if (this.is('"')) return this.string(start)
    const open = interpolationAt?.(start)
    if (open != null) {
      this.at = open.end
      return { kind: 'open', file, start, end: this.at, text: text.slice(start, this.at), pieces: [null] }
    }
    const word = this.take(WORD)
    const number = word === '' ? this.take(NUMBER) : ''
    if (word === '' && number === '') throw new NotJson()
    const value = word === '' ? Number(number) : word === 'null' ? null : word === 'true'
    return { kind: 'scalar', file, start, end: this.at, value }
  }

  map(depth: number, start: number): Literal {
    const entries: LiteralEntry[] = []
    const keys = new Set<string>()
    this.expect('{')
    this.space()
    while (!this.is('}')) {
      const keyStart = this.at
      const key = this.string(keyStart)
      if (key.kind !== 'scalar' || keys.has(String(key.value))) throw new NotJson()
      keys.add(String(key.value))
      this.space()
      this.expect(':')
      entries.push({ key: String(key.value), start: keyStart, value: this.value(depth + 1) })
      this.space()
      if (this.is('}')) break
      this.expect(',')
      this.space()
      if (this.is('}')) throw new NotJson()
    }
    this.expect('}')
    return { kind: 'map', file: this.source.file, start, end: this.at, entries, fixed: null }
  }

  list(depth: number, start: number): Literal {
    const items: Literal[] = []
    this.expect('[')
    this.space()
    while (!this.is(']')) {
      items.push(this.value(depth + 1))
      this.space()
      if (this.is(']')) break
      this.expect(',')
      this.space()
      if (this.is(']')) throw new NotJson()
    }
    this.expect(']')
    return { kind: 'list', file: this.source.file, start, end: this.at, items, fixed: null }
  }

  string(start: number): Literal {
    const { file, text, interpolationAt } = this.source
    const pieces: (string | null)[] = []
    let plain = ''
    this.expect('"')
    while (!this.is('"')) {
      plain += this.take(PLAIN)
      if (this.is('"')) break
      const open = interpolationAt?.(this.at)
      if (open != null) {
        this.at = open.end
        if (open.value === null) {
          pieces.push(plain, null)
          plain = ''
        } else plain += open.value
      } else if (this.is('\\')) plain += this.escape()
      else if (interpolationAt !== undefined && /^(?:\$\$|%%)\{/.test(text.slice(this.at, this.at + 3))) {
        plain += text.slice(this.at + 1, this.at + 3)
        this.at += 3
      } else if (this.is('$') || this.is('%')) {
        plain += text.charAt(this.at)
        this.at++
      } else throw new NotJson()
    }
    this.expect('"')
    const place = { file, start, end: this.at }
    if (pieces.length === 0) return { kind: 'scalar', ...place, value: plain }
    return { kind: 'open', ...place, text: text.slice(start, this.at), pieces: [...pieces, plain] }
  }

  escape(): string {
    const length = this.source.text.charAt(this.at + 1) === 'u' ? 6 : 2
    const escaped = this.source.text.slice(this.at, this.at + length)
    this.at += length
    try {
      return String(JSON.parse(`"${escaped}"`))
    } catch {
      throw new NotJson()
    }
  }
}
