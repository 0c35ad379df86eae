/**
 * Finds the records in a stream of JSON by brackets and quotes alone: a file of any size needs the memory of one record, and
 * a record that does not matter is never parsed. Reads a log file, a bare record, an array, or one of these per line.
 */

/** Top-level members of a record that say whether it matters. */
export const FIELDS = [
  'eventID',
  'eventName',
  'eventSource',
  'eventTime',
  'errorCode',
  'insightDetails',
  'userIdentity',
] as const
export type Field = (typeof FIELDS)[number]

/** One JSON object in `bytes`, valid during the call. */
export type Unit = {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** The text of a top-level member; null if it is absent or no plain text. */
  field(name: Field): string | null
  has(name: Field): boolean
}

export type RecordSplitter = {
  /** Throws `BrokenJson` where the text stops being JSON. */
  push(chunk: Uint8Array): void
  /** Throws `BrokenJson` if the text ends inside a value. */
  end(): void
}

export class BrokenJson extends Error {}

/** JSON up to its end. */
export class CutJson extends BrokenJson {}

/** CloudTrail delivers records up to 256 KB, and events up to 1 MB. */
export const MAX_UNIT_BYTES = 16 * 1024 * 1024
const MAX_DEPTH = 10_000
const FIRST_BUFFER_BYTES = 4 * 1024 * 1024

/** Members whose list holds records or their wrappers. */
const LISTS = ['Records', 'Events', 'records', 'events', 'logEvents'].map(name => Buffer.from(name))
const FIELD_BYTES = FIELDS.map(name => Buffer.from(name))
const EVENT_NAME = FIELDS.indexOf('eventName')
const LIST_KEY = -2
const NO_KEY = -1

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
/** What else JSON has outside strings: white space, numbers, `true`, `false`, `null`. */
const PLAIN = new Uint8Array(256)
for (const byte of Buffer.from(' \t\r\n0123456789+-.eEtrufalsn')) PLAIN[byte] = 1
const SPACE = new Uint8Array(256)
for (const byte of Buffer.from(' \t\r\n')) SPACE[byte] = 1

export function recordSplitter(
  onUnit: (unit: Unit) => void,
  { onTooLarge = () => {}, maxUnitBytes = MAX_UNIT_BYTES }: { onTooLarge?: () => void; maxUnitBytes?: number } = {},
): RecordSplitter {
  let bytes = Buffer.allocUnsafe(FIRST_BUFFER_BYTES)
  let end = 0
  let position = 0
  /** Bytes that are no longer in the buffer, for messages. */
  let gone = 0

  let inString = false
  let stringStart = 0
  let depth = 0
  const kinds: number[] = []
  /** Depths of the open lists whose objects are units. */
  const lists: number[] = []

  let inUnit = false
  let unitStart = 0
  let unitDepth = 0
  let isTooLarge = false
  let expectsKey = false
  let key = NO_KEY
  const starts = new Int32Array(FIELDS.length)
  const ends = new Int32Array(FIELDS.length)
  const present = new Uint8Array(FIELDS.length)

  const unit = {
    bytes,
    start: 0,
    end: 0,
    field(name: Field): string | null {
      const at = FIELDS.indexOf(name)
      const from = starts[at] ?? -1
      if (from < 0) return null
      const raw = bytes.subarray(unitStart + from, unitStart + (ends[at] ?? 0))
      const text = raw.toString('utf8')
      return text.includes('\\') ? unescaped(text) : text
    },
    has: (name: Field) => present[FIELDS.indexOf(name)] === 1,
  }

  function broken(at: number, what: string): never {
    throw new BrokenJson(`not JSON: ${what} at byte ${gone + at}`)
  }

  function append(chunk: Uint8Array): void {
    if (end + chunk.length > bytes.length) {
      const kept = keptFrom()
      const length = end - kept
      const size =
        length + chunk.length > bytes.length ? Math.max(bytes.length * 2, length + chunk.length) : bytes.length
      const target = size === bytes.length ? bytes : Buffer.allocUnsafe(size)
      bytes.copy(target, 0, kept, end)
      bytes = target
      end = length
      position -= kept
      stringStart -= kept
      unitStart -= kept
      gone += kept
    }
    bytes.set(chunk, end)
    end += chunk.length
  }

  /** Of a unit that is too large only the end is kept, as a name may have begun there. */
  function keptFrom(): number {
    if (inUnit && !isTooLarge) return Math.min(unitStart, end)
    return inUnit ? Math.max(0, Math.min(position, end) - 64) : Math.min(position, end)
  }

  function scan(): void {
    const data = bytes
    const limit = end
    let at = position
    while (at < limit) {
      if (inString) {
        let byte = 0
        while (at < limit) {
          byte = data[at] as number
          if (byte === QUOTE) break
          if (byte === BACKSLASH) at += 2
          else if (byte < 0x20) broken(at, 'a control character in a string')
          else at += 1
        }
        if (at >= limit) break
        inString = false
        if (inUnit && depth === unitDepth + 1) stringEnded(at)
        at += 1
        continue
      }
      const byte = data[at] as number
      switch (byte) {
        case QUOTE:
          if (depth === 0) broken(at, 'a text outside an object')
          inString = true
          stringStart = at + 1
          break
        case COMMA:
          if (depth === 0) broken(at, 'a comma outside an object')
          if (inUnit && depth === unitDepth + 1) {
            expectsKey = true
            key = NO_KEY
          }
          break
        case COLON:
          if (depth === 0) broken(at, 'a colon outside an object')
          if (inUnit && depth === unitDepth + 1) expectsKey = false
          break
        case OPEN_OBJECT:
        case OPEN_ARRAY:
          opened(byte, at)
          break
        case CLOSE_OBJECT:
        case CLOSE_ARRAY:
          closed(byte, at)
          break
        default:
          if (depth === 0 ? SPACE[byte] !== 1 : PLAIN[byte] !== 1)
            broken(at, depth === 0 ? 'text' : 'a stray character')
      }
      at += 1
    }
    position = at
  }

  function opened(byte: number, at: number): void {
    const list = lists.at(-1) ?? -1
    if (byte === OPEN_OBJECT) {
      if (!inUnit && (depth === 0 || depth === list)) beginUnit(at)
    } else if (inUnit && key === LIST_KEY && depth === unitDepth + 1) {
      inUnit = false
      lists.push(depth + 1)
    } else if (!inUnit && (depth === 0 || depth === list)) lists.push(depth + 1)
    if (depth >= MAX_DEPTH) broken(at, 'more brackets than any record has')
    kinds[depth] = byte
    depth += 1
  }

  function closed(byte: number, at: number): void {
    depth -= 1
    if (depth < 0 || kinds[depth] !== byte - 2) broken(at, 'a bracket that nothing opens')
    while ((lists.at(-1) ?? -1) > depth) lists.pop()
    if (!inUnit || depth !== unitDepth) return
    inUnit = false
    if (isTooLarge) {
      // Whatever else a file holds as one object, such as a snapshot of AWS Config, is no damaged record.
      if (unitDepth > 0 || present[EVENT_NAME] === 1) onTooLarge()
      return
    }
    unit.bytes = bytes
    unit.start = unitStart
    unit.end = at + 1
    onUnit(unit)
  }

  function beginUnit(at: number): void {
    inUnit = true
    unitStart = at
    unitDepth = depth
    isTooLarge = false
    expectsKey = true
    key = NO_KEY
    starts.fill(-1)
    present.fill(0)
  }

  function stringEnded(at: number): void {
    if (!expectsKey) {
      if (key >= 0 && !isTooLarge) {
        starts[key] = stringStart - unitStart
        ends[key] = at - unitStart
      }
      return
    }
    key = keyAt(stringStart, at)
    if (key >= 0) {
      present[key] = 1
      starts[key] = -1
    }
  }

  function keyAt(from: number, to: number): number {
    if (from < 0 || to - from < 6 || to - from > 14) return NO_KEY
    for (let index = 0; index < FIELD_BYTES.length; index += 1) if (isText(from, to, FIELD_BYTES[index])) return index
    // A record of CloudTrail itself holds no list of records.
    return present[EVENT_NAME] !== 1 && LISTS.some(name => isText(from, to, name)) ? LIST_KEY : NO_KEY
  }

  function isText(from: number, to: number, name: Buffer | undefined): boolean {
    if (name === undefined || to - from !== name.length) return false
    for (let at = 0; at < name.length; at += 1) if (bytes[from + at] !== name[at]) return false
    return true
  }

  return {
    push(chunk) {
      append(chunk)
      scan()
      if (inUnit && !isTooLarge && end - unitStart > maxUnitBytes) isTooLarge = true
    },
    end() {
      if (inString || depth > 0) throw new CutJson('cut: it ends inside a value')
    },
  }
}

function unescaped(text: string): string | null {
  try {
    const value: unknown = JSON.parse(`"${text}"`)
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}
