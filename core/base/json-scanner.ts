/**
 * Finds the wanted values of JSON while it is read, in pieces of any size. A wanted value is kept as its text without the white
 * space between values; all else is only checked. So a file of any size needs the memory of what is wanted from it.
 */
import {
  CLOSE,
  COLON,
  COMMA,
  COPY,
  type Grammar,
  LINE,
  NEXT,
  ONE_DOCUMENT,
  OPEN,
  PLAIN,
  STATES,
  TEXT,
  WHAT,
  WRONG,
} from './json-table.ts'

/** The values that a reader wants, by where they are. A place may hold itself. */
export type JsonPlace = {
  /** A value here is wanted. Of an object, the reader also learns where the values of these members are in its text. */
  readonly piece?: readonly string[]
  /** Where the value is a list, its items; the list itself is then no piece. */
  readonly items?: JsonPlace
  /** Where the value is an object. Of an object that is a piece, a list among these is read instead of the piece. */
  readonly members?: { readonly [name: string]: JsonPlace }
  /** Members of any other name. */
  readonly others?: JsonPlace
  /** An object that has this member is a piece, whatever lists follow. It is a member of `piece`. */
  readonly wholeWith?: string
}

/** `spans`: of each member of `piece`, where its value begins and ends in the text; -1 and -1 if the object lacks it. */
export type Piece = { readonly text: Buffer; readonly spans: readonly number[] }

export type JsonReader = {
  /** A member begins whose place is given. What an earlier one of its name held counts no longer. */
  onMember?(place: JsonPlace, first: string): void
  /** `path`: the names of the members that lead to it. */
  onPiece(piece: Piece, place: JsonPlace, path: () => readonly string[]): void
  /** Instead of the piece; without it, a piece that is too large ends the reading. `depth`: in so many values it is. */
  onTooLarge?(place: JsonPlace, depth: number, has: (member: string) => boolean): void
}

export type JsonScanner = {
  /** Throws `NotJson` where the text stops being JSON. */
  push(chunk: Uint8Array): void
  /** The first character of the document. Throws `NotJson` if the text is cut. */
  end(): string
}

export type JsonScannerOptions = {
  readonly grammar?: Grammar
  readonly maxPieceBytes?: number
  /** The text of a piece stays as it is; otherwise it is valid during the call only. */
  readonly keepsText?: boolean
}

/** `empty`: there is nothing but white space. `more`: another document follows. `cut`: it ends inside a value. */
export type WhyNotJson = 'empty' | 'more' | 'cut' | 'broken' | 'deep' | 'large'

export class NotJson extends Error {
  readonly why: WhyNotJson
  /** In the whole text. */
  readonly byte: number
  /** The character there; null at the end of the text. */
  readonly found: string | null
  readonly depth: number
  constructor(why: WhyNotJson, byte: number, found: string | null, depth: number) {
    super(`${why} at byte ${byte}`)
    this.why = why
    this.byte = byte
    this.found = found
    this.depth = depth
  }
}

/** No format that is read here nests by a hundredth of it. */
export const MAX_JSON_DEPTH = 10_000
/** A text of more bytes may be too long for a string. */
export const MAX_PIECE_BYTES = 256 * 1024 * 1024

/** Of a member that is wanted. */
const MAX_NAME_BYTES = 64
const MAX_BLOCK_BYTES = 16 * 1024 * 1024
const SPACE = 0x20
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
/** From an opening bracket to the one that closes it. */
const TO_CLOSING = 2
const NEW_LINE = Buffer.from('\n')
const NONE = -1

/** A place made ready: `names` are its parts and then its members, each with its quotes, as it is written. */
type Node = {
  readonly place: JsonPlace
  readonly isPiece: boolean
  readonly parts: number
  readonly names: readonly Buffer[]
  readonly members: readonly Node[]
  readonly items: Node | null
  readonly others: Node | null
  readonly wholeWith: number
}

export function jsonScanner(
  root: JsonPlace,
  reader: JsonReader,
  { grammar = ONE_DOCUMENT, maxPieceBytes = MAX_PIECE_BYTES, keepsText = false }: JsonScannerOptions = {},
): JsonScanner {
  const rootNode = nodeOf(root, new Map())
  let state = grammar.start
  let depth = 0
  const kinds = new Uint8Array(MAX_JSON_DEPTH + 1)
  /** Of the values that are read, what is in them is reported down to this depth. */
  let watched = 0
  let event = 0
  /** Bytes before this chunk. */
  let gone = 0
  let first = ''

  /** The values that are entered, by depth, and the member of each that is read now. */
  const entered: Node[] = []
  const names: (string | null)[] = []
  /** Where the value is that is read now; null if nothing of it is wanted. */
  let node: Node | null = rootNode

  /** What is read now, a name or a value, is `block` from `begin` to `end`. */
  let block = Buffer.alloc(0)
  let begin = 0
  let end = 0
  /** 0: what is read now is not kept. */
  let copying = COPY

  /** The piece that is read now: its members, and where the name or value begins that is read now. */
  let inPiece = false
  let spans: number[] = []
  let mark = 0
  let member = NONE
  let isTooLarge = false

  function push(chunk: Uint8Array): void {
    makeRoom(chunk.length)
    read(chunk)
    gone += chunk.length
    if (end - begin <= maxPieceBytes) return
    if (reader.onTooLarge === undefined) throw new NotJson('large', gone, null, depth)
    isTooLarge = node?.isPiece === true
    if (inPiece && end - mark <= MAX_NAME_BYTES) keepName()
    else drop(0)
  }

  /** What is read now may be the name of a member. */
  function keepName(): void {
    block.copyWithin(begin, mark, end)
    end -= mark - begin
    mark = begin
  }

  function read(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      at = scan(chunk, at)
      switch (event) {
        case OPEN:
          opened(chunk, at)
          break
        case CLOSE:
          closed(chunk, at)
          break
        case COMMA:
          ended()
          next()
          break
        case COLON:
          named()
          break
        case WRONG:
          fail(chunk, at)
          break
        default:
      }
    }
  }

  /** Up to what has to be acted on: what is deeper than `watched` only has to be JSON. */
  function scan(chunk: Uint8Array, from: number): number {
    const target = block
    const copied = copying
    const limit = chunk.length
    const { afterMember, afterItem } = grammar
    let level = depth
    let now = state
    let to = end
    let at = from
    event = 0
    while (at < limit) {
      const byte = chunk[at] as number
      const entry = STATES[now | byte] as number
      now = entry & NEXT
      target[to] = byte
      to += entry & copied
      at += 1
      const what = entry & WHAT
      if (what === 0) continue
      if (what === TEXT) {
        for (; at < limit; at += 1) {
          const letter = chunk[at] as number
          if (PLAIN[letter] === 0) break
          target[to] = letter
          to += copied
        }
      } else if (what === LINE) {
        while (at < limit && chunk[at] === SPACE) at += 1
      } else if (level > watched && what !== WRONG) {
        if (what === CLOSE) {
          if (byte !== (kinds[level] as number) + TO_CLOSING) {
            event = WRONG
            break
          }
          level -= 1
          now = kinds[level] === OPEN_OBJECT ? afterMember : afterItem
        } else if (what === OPEN) {
          if (level === MAX_JSON_DEPTH) {
            event = WRONG
            break
          }
          level += 1
          kinds[level] = byte
        }
      } else {
        event = what
        break
      }
    }
    state = now
    end = to
    depth = level
    return at
  }

  function fail(chunk: Uint8Array, at: number): never {
    const byte = chunk[at - 1] as number
    const isBracket = byte === OPEN_OBJECT || byte === OPEN_ARRAY
    const why =
      depth === MAX_JSON_DEPTH && isBracket ? 'deep' : depth === 0 && first !== '' && isBracket ? 'more' : 'broken'
    throw new NotJson(why, gone + at - 1, String.fromCharCode(byte), depth)
  }

  function opened(chunk: Uint8Array, at: number): void {
    if (depth === MAX_JSON_DEPTH) fail(chunk, at)
    const byte = chunk[at - 1] as number
    if (depth === 0) first = String.fromCharCode(byte)
    depth += 1
    kinds[depth] = byte
    if (inPiece && node?.members.length !== 0) leavePieceFor(byte)
    if (inPiece || node === null) return
    if (names[depth - 1] != null) reader.onMember?.(node.place, String.fromCharCode(byte))
    watched = depth
    names[depth] = null
    if (node.isPiece && !(byte === OPEN_ARRAY && node.items !== null)) {
      inPiece = true
      spans = keepsText || spans.length !== 2 * node.parts ? new Array<number>(2 * node.parts) : spans
      spans.fill(NONE)
      member = NONE
      mark = end
      return
    }
    entered[depth] = node
    next()
  }

  /** What looked like a piece only wraps a list of others. */
  function leavePieceFor(byte: number): void {
    const inner = node?.members[member - node.parts]
    if (node === null || inner === undefined || byte !== OPEN_ARRAY) return
    if (node.wholeWith !== NONE && spans[2 * node.wholeWith] !== NONE) return
    inPiece = false
    isTooLarge = false
    entered[depth - 1] = node
    names[depth - 1] = nameIn(String(node.names[member]))
    node = inner
  }

  /** Before the name of a member, or an item. */
  function next(): void {
    if (inPiece) return
    const isObject = kinds[depth] === OPEN_OBJECT
    node = isObject ? null : (entered[depth]?.items ?? null)
    names[depth] = null
    drop(isObject || node !== null ? COPY : 0)
  }

  function named(): void {
    if (inPiece) {
      member = node === null ? NONE : memberNamed(node.names, mark, end - 1)
      if (isTooLarge) drop(0)
      mark = end
      if (node === null || member === NONE || member >= node.parts) return
      spans[2 * member] = mark - begin
      spans[2 * member + 1] = NONE
      return
    }
    const { names: known = [], members = [], parts = 0, others = null } = entered[depth] ?? {}
    const found = memberNamed(known, begin, end - 1)
    node = members[found - parts] ?? others
    if (node !== null) names[depth] = nameIn(block.toString('utf8', begin, end - 1))
    drop(node === null ? 0 : COPY)
  }

  /** A member or an item, whose comma or bracket is copied already. */
  function ended(): void {
    if (inPiece) {
      if (node !== null && member !== NONE && member < node.parts) spans[2 * member + 1] = end - 1 - begin
      member = NONE
      if (isTooLarge) drop(COPY)
      mark = end
    } else if (node !== null && (end - 1 > begin || isTooLarge)) scalar(end - 1)
  }

  function scalar(to: number): void {
    if (node === null) return
    if (depth > 0 && names[depth] != null) reader.onMember?.(node.place, String.fromCharCode(block[begin] as number))
    if (!node.isPiece) return
    spans = new Array<number>(2 * node.parts).fill(NONE)
    give(to)
  }

  function give(to: number): void {
    const one = node
    if (one === null) return
    if (isTooLarge) {
      const has = (name: string) => (spans[2 * (one.place.piece ?? []).indexOf(name)] ?? NONE) !== NONE
      reader.onTooLarge?.(one.place, depth, has)
    } else {
      const path = () => names.slice(1, depth + 1).filter(name => name !== null)
      reader.onPiece({ text: block.subarray(begin, to), spans }, one.place, path)
    }
    isTooLarge = false
    begin = end
  }

  function closed(chunk: Uint8Array, at: number): void {
    if ((chunk[at - 1] as number) !== (kinds[depth] as number) + TO_CLOSING) fail(chunk, at)
    ended()
    depth -= 1
    watched = depth
    if (inPiece) {
      inPiece = false
      give(end)
    }
    if (depth > 0) {
      state = kinds[depth] === OPEN_OBJECT ? grammar.afterMember : grammar.afterItem
      node = null
      drop(0)
    } else {
      state = grammar.afterRoot
      node = rootNode
      drop(COPY)
    }
  }

  /** Compares in place: an object has a dozen names, and a copy of each takes longer than all else. */
  function memberNamed(among: readonly Buffer[], from: number, to: number): number {
    for (let index = 0; index < among.length; index += 1) if (isAt(among[index], from, to)) return index
    if (among.length > 0)
      for (let at = from; at < to; at += 1) if (block[at] === BACKSLASH) return among.findIndex(isEscaped(from, to))
    return NONE
  }

  function isAt(text: Buffer | undefined, from: number, to: number): boolean {
    if (text === undefined || text.length !== to - from) return false
    for (let at = 0; at < text.length; at += 1) if (block[from + at] !== text[at]) return false
    return true
  }

  function isEscaped(from: number, to: number): (text: Buffer) => boolean {
    const plain = nameIn(block.toString('utf8', from, to))
    return text => nameIn(text.toString()) === plain
  }

  function drop(copy: number): void {
    end = begin
    copying = copy
  }

  /** What is read now stays in one piece. Blocks double, so that a piece of any size is copied a few times at most. */
  function makeRoom(bytes: number): void {
    if (end + bytes <= block.length) return
    const length = end - begin
    if (!keepsText && 2 * length + bytes <= block.length) block.copyWithin(0, begin, end)
    else {
      const kept = block.subarray(begin, end)
      block = Buffer.allocUnsafeSlow(Math.max(bytes + 2 * length, Math.min(MAX_BLOCK_BYTES, 2 * block.length)))
      kept.copy(block)
    }
    mark -= begin
    end -= begin
    begin = 0
  }

  function finish(): string {
    const cut = new NotJson('cut', gone, null, depth)
    makeRoom(1)
    scan(NEW_LINE, 0)
    if (state !== grammar.afterRoot || event !== 0) {
      if (state === grammar.start && depth === 0 && event === 0) throw new NotJson('empty', gone, null, 0)
      throw cut
    }
    if (first !== '' || end === begin) return first
    first = String.fromCharCode(block[begin] as number)
    scalar(end)
    return first
  }

  return { push, end: finish }
}

function nodeOf(place: JsonPlace, known: Map<JsonPlace, Node>): Node {
  const before = known.get(place)
  if (before !== undefined) return before
  const { piece = [], members = {}, items, others, wholeWith } = place
  const inner: Node[] = []
  const node = {
    ...{ place, isPiece: place.piece !== undefined, parts: piece.length, members: inner },
    names: [...piece, ...Object.keys(members)].map(name => Buffer.from(JSON.stringify(name))),
    ...{ items: null as Node | null, others: null as Node | null },
    wholeWith: wholeWith === undefined ? NONE : piece.indexOf(wholeWith),
  }
  known.set(place, node)
  inner.push(...Object.values(members).map(one => nodeOf(one, known)))
  node.items = items === undefined ? null : nodeOf(items, known)
  node.others = others === undefined ? null : nodeOf(others, known)
  return node
}

/** A string without its quotes; as it is written if it is none. */
function nameIn(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}
