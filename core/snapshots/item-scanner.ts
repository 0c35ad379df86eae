/**
 * Splits one JSON object into the items of its lists while it is read: an item is kept as its text without white space, and
 * what else the object holds is only checked. So a file needs about half its size, and no item is parsed before it is asked for.
 */
import {
  AFTER_ITEM,
  AFTER_MEMBER,
  AFTER_ROOT,
  CLOSE,
  COLON,
  COMMA,
  COPY,
  LINE,
  NEXT,
  OPEN,
  PLAIN,
  START,
  STATES,
  TEXT,
  WHAT,
  WRONG,
} from './json-table.ts'

export type Handler = {
  /** A member of the object, with the first character of its value. What an earlier one of this name held counts no longer. */
  onMember(name: string, first: string): void
  onItem(list: string, item: Item): void
}

/** `places`: of each wanted member, in their order, where its value begins in the text and where it ends; -1 if the item lacks it. */
export type Item = { readonly text: Buffer; readonly places: readonly number[] }

export type ItemScanner = {
  /** Throws `NotJson` where the text stops being JSON. */
  push(chunk: Uint8Array): void
  /** The first character of what was read, `{` for an object. Throws `NotJson` if the text is cut. */
  end(): string
}

/** `empty`: there is nothing but white space. `more`: another document follows. */
export class NotJson extends Error {
  readonly why: 'empty' | 'more' | 'broken'
  constructor(why: NotJson['why']) {
    super(why)
    this.why = why
  }
}

const MAX_BLOCK_BYTES = 16 * 1024 * 1024
const SPACE = 0x20
const BACKSLASH = 0x5c
const NEW_LINE = Buffer.from('\n')
const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
const NONE = -1

/** Depths: the members of the object, the items of a list, the members of an item. */
const MEMBERS = 1
const ITEMS = 2
const PARTS = 3

/** `wanted`: the lists, and of their items the members whose values are asked for. */
export function itemScanner(wanted: { readonly [list: string]: readonly string[] }, handler: Handler): ItemScanner {
  const namesOf = new Map(
    Object.entries(wanted).map(([list, members]) => [list, members.map(one => Buffer.from(JSON.stringify(one)))]),
  )
  let state = START
  let depth = 0
  let kinds = new Uint8Array(64)
  /** The first character of the whole. */
  let root = ''
  let event = 0

  /** What is read now, a member of the object or an item of a list, is `block` from `begin` to `end`. */
  let block = Buffer.alloc(0)
  let begin = 0
  let end = 0
  /** 0: what is read now is not kept. */
  let copying = COPY

  /** Of the member of the object that is read now. */
  let name: string | null = null
  /** The list that is read now, and its wanted members; null outside of the wanted lists. */
  let list = ''
  let names: readonly Buffer[] | null = null
  /** Where the name or the value begins that is read now in an item, and whose value it is. */
  let mark = 0
  let member = NONE
  let places: number[] = []

  function push(chunk: Uint8Array): void {
    makeRoom(chunk.length)
    for (let at = 0; at < chunk.length; ) {
      at = scan(chunk, at)
      switch (event) {
        case OPEN:
          opened(chunk[at - 1] as number)
          break
        case CLOSE:
          closed()
          break
        case COMMA:
          ended()
          break
        case COLON:
          named()
          break
        case WRONG:
          throw new NotJson(depth === 0 && root !== '' && chunk[at - 1] === OPEN_OBJECT ? 'more' : 'broken')
        default:
      }
    }
  }

  /** Up to what has to be acted on: what is deep in an item only has to be JSON. */
  function scan(chunk: Uint8Array, from: number): number {
    const target = block
    const copied = copying
    const limit = chunk.length
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
      } else if (level > PARTS) {
        if (what === CLOSE) {
          level -= 1
          now = kinds[level] === OPEN_OBJECT ? AFTER_MEMBER : AFTER_ITEM
        } else if (what === OPEN) {
          level += 1
          if (level === kinds.length) kinds = twice(kinds)
          kinds[level] = byte
        } else if (what === WRONG) {
          event = what
          break
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

  function opened(byte: number): void {
    depth += 1
    if (depth === kinds.length) kinds = twice(kinds)
    kinds[depth] = byte
    if (depth === MEMBERS) {
      root = String.fromCharCode(byte)
      drop(byte === OPEN_OBJECT ? COPY : 0)
    } else if (depth === ITEMS && name !== null) {
      handler.onMember(name, String.fromCharCode(byte))
      names = byte === OPEN_ARRAY ? (namesOf.get(name) ?? null) : null
      list = name
      name = null
      places = nowhere(names ?? [])
      drop(names === null ? 0 : COPY)
    } else if (depth === PARTS) mark = end
  }

  function named(): void {
    if (depth === MEMBERS) {
      name = String(JSON.parse(block.toString('utf8', begin, end - 1)))
      drop(COPY)
    } else if (depth === PARTS && names !== null) {
      member = memberNamed(names, mark, end - 1)
      mark = end
    }
  }

  /** A member of the object, an item, or a member of an item. Its comma or bracket is copied already. */
  function ended(): void {
    if (depth === MEMBERS) {
      if (name !== null) handler.onMember(name, String.fromCharCode(block[begin] as number))
      name = null
      drop(kinds[MEMBERS] === OPEN_OBJECT ? COPY : 0)
    } else if (names === null) return
    else if (depth === ITEMS) {
      if (end - 1 > begin) handler.onItem(list, { text: block.subarray(begin, end - 1), places })
      begin = end
      places = nowhere(names)
    } else if (depth === PARTS) {
      if (member !== NONE) {
        places[2 * member] = mark - begin
        places[2 * member + 1] = end - 1 - begin
      }
      member = NONE
      mark = end
    }
  }

  /** Compares in place: an item has a dozen names, and a copy of each takes longer than all else. */
  function memberNamed(among: readonly Buffer[], from: number, to: number): number {
    for (let index = 0; index < among.length; index += 1) if (isAt(among[index], from, to)) return index
    for (let at = from; at < to; at += 1) if (block[at] === BACKSLASH) return among.findIndex(isEscaped(from, to))
    return NONE
  }

  function isAt(text: Buffer | undefined, from: number, to: number): boolean {
    if (text === undefined || text.length !== to - from) return false
    for (let at = 0; at < text.length; at += 1) if (block[from + at] !== text[at]) return false
    return true
  }

  function isEscaped(from: number, to: number): (text: Buffer) => boolean {
    const plain = JSON.stringify(JSON.parse(block.toString('utf8', from, to)))
    return text => text.toString() === plain
  }

  function closed(): void {
    ended()
    if (depth === ITEMS) {
      names = null
      drop(COPY)
    }
    depth -= 1
    if (depth > 0) state = kinds[depth] === OPEN_OBJECT ? AFTER_MEMBER : AFTER_ITEM
  }

  function drop(copy: number): void {
    end = begin
    copying = copy
  }

  /** What is read now stays in one piece. Blocks double, so that a piece of any size is copied a few times at most. */
  function makeRoom(bytes: number): void {
    if (end + bytes <= block.length) return
    const kept = block.subarray(begin, end)
    block = Buffer.allocUnsafeSlow(Math.max(bytes + 2 * kept.length, Math.min(MAX_BLOCK_BYTES, 2 * block.length)))
    kept.copy(block)
    mark -= begin
    end -= begin
    begin = 0
  }

  return {
    push,
    end() {
      push(NEW_LINE)
      if (state === START) throw new NotJson('empty')
      if (state !== AFTER_ROOT) throw new NotJson('broken')
      return root === '' ? String.fromCharCode(block[begin] as number) : root
    },
  }
}

const nowhere = (names: readonly Buffer[]): number[] => new Array<number>(2 * names.length).fill(NONE)

function twice(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(2 * bytes.length)
  wider.set(bytes)
  return wider
}
