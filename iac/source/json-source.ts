import { holeText, joinTexts, knownText, literalText, type RoleText } from './role-text.ts'
import {
  duplicateKey,
  type Entry,
  MAX_DEPTH,
  type Place,
  placeOf,
  type SourceNode,
  UnreadableSource,
} from './source-node.ts'

/** An interpolation of a template language inside JSON: its end, and its value if known. */
export type Interpolation = { readonly end: number; readonly value: string | null }

export type JsonPart = {
  readonly start: number
  readonly end: number
  /** The interpolation that starts at this offset, or null. Its language writes `$${` for `${`. */
  readonly interpolationAt?: (offset: number) => Interpolation | null
}

/** JSON with the place of every value. Throws `UnreadableSource`. */
export function readJsonSource(file: string, text: string, part?: JsonPart): SourceNode {
  return new Reader(file, part === undefined ? text : text.slice(0, part.end), part, null).whole()
}

/** The places of keys that their object has already. Throws `UnreadableSource`. */
export function repeatedKeys(file: string, text: string): readonly Place[] {
  const repeated: Place[] = []
  new Reader(file, text, undefined, repeated).whole()
  return repeated
}

const SPACE = /[ \t\r\n]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])/y
const WORD = /(?:true|false|null)(?!\w)/y
const BEGINNING = /"[^"\n]{0,80}"?/y
/** Up to the end of a string, an escape, or a possible interpolation. */
const PLAIN = /[^"\\$%\p{Cc}]*/uy
const WORDS: { readonly [word: string]: boolean | null } = { true: true, false: false, null: null }

class Reader {
  readonly file: string
  readonly text: string
  readonly interpolationAt: NonNullable<JsonPart['interpolationAt']> | undefined
  /** Null: a key that is there twice is an error. */
  readonly repeated: Place[] | null
  at: number
  readonly open: { readonly bracket: string; readonly line: number }[] = []
  line = 1
  nextBreak: number

  constructor(file: string, text: string, part: JsonPart | undefined, repeated: Place[] | null) {
    this.file = file
    this.text = text
    this.interpolationAt = part?.interpolationAt
    this.repeated = repeated
    this.at = part?.start ?? 0
    if (text.charCodeAt(this.at) === 0xfeff) this.at += 1
    this.nextBreak = text.indexOf('\n')
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length
  }

  /** Offsets only increase, so each line is counted once. */
  lineAt(offset: number): number {
    while (this.nextBreak >= 0 && this.nextBreak < offset) {
      this.line += 1
      this.nextBreak = this.text.indexOf('\n', this.nextBreak + 1)
    }
    return this.line
  }

  take(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.at += found.length
    return found
  }

  space(): void {
    this.take(SPACE)
  }

  is(character: string): boolean {
    return this.text.charAt(this.at) === character
  }

  expect(character: string, what: string): void {
    if (!this.is(character)) throw this.missing(what)
    this.at += 1
  }

  whole(): SourceNode {
    const value = this.value()
    this.space()
    if (!this.isAtEnd) throw this.unexpected()
    return value
  }

  value(): SourceNode {
    this.space()
    const start = this.at
    const line = this.lineAt(start)
    if (this.is('{')) return this.map(line, start)
    if (this.is('[')) return this.list(line, start)
    if (this.is('"')) return this.string()
    const found = this.interpolationAt?.(start)
    if (found != null) {
      this.at = found.end
      return { kind: 'open', line, start, end: this.at, worth: interpolated(null) }
    }
    const word = this.take(WORD)
    const number = word === '' ? this.take(NUMBER) : ''
    if (word === '' && number === '') throw this.missing('a value')
    const value = word === '' ? Number(number) : (WORDS[word] ?? null)
    // Only the text has every digit of a long integer.
    return { kind: 'scalar', line, start, end: this.at, value, text: /^-?\d+$/.test(number) ? number : String(value) }
  }

  map(line: number, start: number): SourceNode {
    const entries = new Map<string, Entry>()
    this.enter('{', line)
    while (!this.is('}')) {
      if (!this.is('"')) throw this.missing('a quoted key')
      const key = this.string()
      if (key.kind !== 'scalar') throw new UnreadableSource(this.file, key.line, 'this is not JSON: a key is not known')
      const before = entries.get(key.text)
      if (before !== undefined && this.repeated === null) throw duplicateKey(this.file, key.line, key.text, before.line)
      this.space()
      this.expect(':', 'a colon')
      entries.set(key.text, { line: key.line, start: key.start, value: this.value() })
      if (before !== undefined) this.repeated?.push(placeOf(key))
      this.space()
      if (this.is('}')) break
      this.expect(',', 'a comma')
      this.space()
      if (this.is('}')) throw this.missing('a quoted key')
    }
    this.leave()
    return { kind: 'map', line, start, end: this.at, entries, fixed: null }
  }

  list(line: number, start: number): SourceNode {
    const items: SourceNode[] = []
    this.enter('[', line)
    while (!this.is(']')) {
      items.push(this.value())
      this.space()
      if (this.is(']')) break
      this.expect(',', 'a comma')
      this.space()
      if (this.is(']')) throw this.missing('a value')
    }
    this.leave()
    return { kind: 'list', line, start, end: this.at, items, fixed: null }
  }

  enter(bracket: string, line: number): void {
    if (this.open.length >= MAX_DEPTH) throw new UnreadableSource(this.file, line, 'nested too deeply')
    this.open.push({ bracket, line })
    this.at += 1
    this.space()
  }

  leave(): void {
    this.open.pop()
    this.at += 1
  }

  string(): SourceNode {
    const { text, at: start, interpolationAt } = this
    const line = this.lineAt(start)
    const pieces: RoleText[] = []
    let plain = ''
    this.at += 1
    while (!this.is('"')) {
      plain += this.take(PLAIN)
      if (this.is('"')) break
      const found = interpolationAt?.(this.at)
      if (found != null) {
        this.at = found.end
        pieces.push(literalText(plain), interpolated(found.value))
        plain = ''
      } else if (this.is('\\')) plain += this.escape()
      else if (interpolationAt !== undefined && /^(?:\$\$|%%)\{/.test(text.slice(this.at, this.at + 3))) {
        plain += text.slice(this.at + 1, this.at + 3)
        this.at += 3
      } else if (text.charCodeAt(this.at) >= 0x20) {
        plain += text.charAt(this.at)
        this.at += 1
      } else if (this.isAtEnd) throw this.fault('it ends too early')
      else if (this.is('\n') || this.is('\r')) throw this.fault('a line ends inside of a string')
      else throw this.unexpected()
    }
    this.at += 1
    const place: Place = { line, start, end: this.at }
    if (pieces.length === 0) return { kind: 'scalar', ...place, value: plain, text: plain }
    const worth = joinTexts([...pieces, literalText(plain)])
    const value = knownText(worth)
    return value === null ? { kind: 'open', ...place, worth } : { kind: 'scalar', ...place, value, text: value }
  }

  escape(): string {
    const length = this.text.charAt(this.at + 1) === 'u' ? 6 : 2
    try {
      const value = String(JSON.parse(`"${this.text.slice(this.at, this.at + length)}"`))
      this.at += length
      return value
    } catch {
      throw this.unexpected()
    }
  }

  missing(what: string): UnreadableSource {
    if (this.isAtEnd) return this.unclosed()
    const start = this.at
    const found = /[{}[\],:]/.test(this.text.charAt(start))
      ? this.text.charAt(start)
      : this.take(BEGINNING) || this.take(WORD) || this.take(NUMBER)
    this.at = start
    return found === '' ? this.unexpected() : this.fault(`${what} is missing before ${found}`)
  }

  unclosed(): UnreadableSource {
    const last = this.open.at(-1)
    if (last !== undefined) return this.fault(`the ${last.bracket} of line ${last.line} is not closed`)
    return this.text === '' ? new UnreadableSource(this.file, 1, 'the file is empty') : this.fault('there is no value')
  }

  unexpected(): UnreadableSource {
    const character = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0)
    return this.fault(`unexpected ${JSON.stringify(character)}`)
  }

  fault(what: string): UnreadableSource {
    return new UnreadableSource(this.file, this.lineAt(this.at), `this is not JSON: ${what}`)
  }
}

const interpolated = (value: string | null): RoleText =>
  value === null ? holeText('an interpolation', 'unknown') : literalText(value)
