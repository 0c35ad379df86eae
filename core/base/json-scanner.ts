/**
 * Extracts wanted values from JSON that arrives in chunks of any size. A wanted value is kept as text, without white space
 * between tokens; everything else is only checked. Memory grows with what is wanted, not with the file.
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

/** The values that a reader wants, by their place in the document. A place may contain itself, for recursive data. */
export type JsonPlace = {
  /** The value here is wanted. For an object, the reader also gets the positions of these members in the text. */
  readonly piece?: readonly string[]
  /** If the value is a list: the place of its items. The list itself is then not a piece. */
  readonly items?: JsonPlace
  /**
   * If the value is an object: the places of its members. If the object is also a piece and one of these members is a list, the
   * list is read instead of the piece.
   */
  readonly members?: { readonly [name: string]: JsonPlace }
  /** The place of all members that `members` does not name. */
  readonly others?: JsonPlace
  /** An object with this member is always a piece, even if a list follows. Must be one of `piece`. */
  readonly wholeWith?: string
}

/** `spans`: start and end of the value of each member of `piece` in `text`; -1 and -1 if the object lacks it. */
export type Piece = { readonly text: Buffer; readonly spans: readonly number[] }

export type JsonReader = {
  /** A member with a place begins. A repeated name replaces what an earlier member of that name held. */
  onMember?(place: JsonPlace, first: string): void
  /** `path`: the names of the enclosing members, outermost first. */
  onPiece(piece: Piece, place: JsonPlace, path: () => readonly string[]): void
  /** An object turns out to wrap a list of pieces. `value`: the text of one of its members before the list; null: it had none. */
  onWrapper?(place: JsonPlace, value: (member: string) => string | null): void
  /** Called instead of `onPiece` for a piece that is too large; without it, reading stops. `depth`: how deeply the piece is nested. */
  onTooLarge?(place: JsonPlace, depth: number, has: (member: string) => boolean): void
}

export type JsonScanner = {
  /** Throws `NotJson` at the first byte that is not valid JSON. */
  push(chunk: Uint8Array): void
  /** Returns the first character of the document. Throws `NotJson` if the document is incomplete. */
  end(): string
}

export type JsonScannerOptions = {
  readonly grammar?: Grammar
  readonly maxPieceBytes?: number
  /** True: `Piece.text` stays valid. False: it is valid only during the call. */
  readonly keepsText?: boolean
}

/**
 * `empty`: only white space. `more`: a second document follows. `cut`: the text ends inside a value. `deep`, `large`: beyond a
 * limit.
 */
export type WhyNotJson = 'empty' | 'more' | 'cut' | 'broken' | 'deep' | 'large'

export class NotJson extends Error {
  readonly why: WhyNotJson
  /** Offset from the start of the whole document. */
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

/** A hundred times the depth of any format that is read here. */
export const MAX_JSON_DEPTH = 10_000
/** The limit of one piece: longer texts may not fit into a JavaScript string. */
const MAX_PIECE_BYTES = 256 * 1024 * 1024

/** Longest name of a wanted member. */
const MAX_NAME_BYTES = 64
const MAX_BLOCK_BYTES = 16 * 1024 * 1024
const SPACE = 0x20
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
/** Copies from an opening bracket to its closing one. */
const TO_CLOSING = 2
const NEW_LINE = Buffer.from('\n')
const NONE = -1

/** A compiled place. `names` holds the names of `piece`, then those of `members`, each as bytes with its quotes. */
type Node = {
  readonly place: JsonPlace
  readonly isPiece: boolean
  readonly parts: number
  readonly names: readonly Buffer[]
  readonly memberNames: readonly Buffer[]
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
  /** Events are reported down to this depth; deeper values are only checked. */
  let watched = 0
  let event = 0
  /** Bytes before this chunk. */
  let gone = 0
  let first = ''

  /** By depth: the node of each open value, and the name of the member being read in it. */
  const entered: Node[] = []
  const names: (string | null)[] = []
  /** The node of the current value; null if nothing in it is wanted. */
  let node: Node | null = rootNode

  /** The current name or value is `block` from `begin` to `end`. */
  let block = Buffer.alloc(0)
  let begin = 0
  let end = 0
  /** 0: the current name or value is not copied. */
  let copying = COPY

  /** The current piece: its members, and the start of the current name or value. */
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

  /** Keeps the name, which may be that of a wanted member. */
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

  /** Returns the position after the next event. Values below `watched` are checked without events. */
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

  /** Drops the piece: the object only wraps a list of pieces. */
  function leavePieceFor(byte: number): void {
    const inner = node?.members[member - node.parts]
    if (node === null || inner === undefined || byte !== OPEN_ARRAY) return
    if (node.wholeWith !== NONE && spans[2 * node.wholeWith] !== NONE) return
    const { place, names: known, parts } = node
    reader.onWrapper?.(place, name => {
      const at = 2 * known.slice(0, parts).findIndex(one => nameIn(one.toString()) === name)
      const [from = NONE, to = NONE] = [spans[at], spans[at + 1]]
      return from === NONE || to === NONE ? null : block.toString('utf8', begin + from, begin + to)
    })
    inPiece = false
    isTooLarge = false
    entered[depth - 1] = node
    names[depth - 1] = nameIn(String(node.names[member]))
    node = inner
  }

  /** Before a member name or a list item. */
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
    const { memberNames = [], members = [], others = null } = entered[depth] ?? {}
    node = members[memberNamed(memberNames, begin, end - 1)] ?? others
    if (node !== null) names[depth] = nameIn(block.toString('utf8', begin, end - 1))
    drop(node === null ? 0 : COPY)
  }

  /** After a member or an item. Its comma or bracket is already copied. */
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

  /** Compares bytes in place: copying each of an object's names would dominate the reading time. */
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

  /** Keeps the current text contiguous. The block doubles, so a piece of any size is copied only a few times. */
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
    const open = depth
    makeRoom(1)
    scan(NEW_LINE, 0)
    if (state !== grammar.afterRoot || event !== 0) {
      if (state === grammar.start && depth === 0 && event === 0) throw new NotJson('empty', gone, null, 0)
      throw new NotJson('cut', gone, null, open)
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
  const names = [...piece, ...Object.keys(members)].map(name => Buffer.from(JSON.stringify(name)))
  const node = {
    ...{ place, isPiece: place.piece !== undefined, parts: piece.length, members: inner },
    ...{ names, memberNames: names.slice(piece.length) },
    ...{ items: null as Node | null, others: null as Node | null },
    wholeWith: wholeWith === undefined ? NONE : piece.indexOf(wholeWith),
  }
  known.set(place, node)
  inner.push(...Object.values(members).map(one => nodeOf(one, known)))
  node.items = items === undefined ? null : nodeOf(items, known)
  node.others = others === undefined ? null : nodeOf(others, known)
  return node
}

/** The text of a JSON string without its quotes; any other text unchanged. */
function nameIn(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}
