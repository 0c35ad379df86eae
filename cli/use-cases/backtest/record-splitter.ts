/**
 * Finds the records in a log file, a bare record, an array, or one of these per line. Uses only brackets and quotes, so that an
 * invalid record affects only itself, and an irrelevant record is never parsed.
 */
import {
  type JsonPlace,
  type JsonScanner,
  jsonScanner,
  MANY_DOCUMENTS,
  type NotJson,
} from '../../../core/base/index.ts'

/** Top-level members that show whether a record matters. */
const FIELDS = [
  'eventID',
  'eventName',
  'eventSource',
  'eventTime',
  'errorCode',
  'insightDetails',
  'userIdentity',
  'awsRegion',
  'recipientAccountId',
  'addendum',
] as const
export type Field = (typeof FIELDS)[number]

/** One JSON object, or a text in a list, valid only during the call. */
export type Unit = {
  readonly text: Buffer
  /** The text of a top-level member. Null: it is absent or not plain text. */
  field(name: Field): string | null
  has(name: Field): boolean
}

/** CloudTrail delivers records up to 256 KB and events up to 1 MB. */
const MAX_UNIT_BYTES = 16 * 1024 * 1024

const OPEN_OBJECT = 0x7b
const QUOTE = 0x22
const NONE = -1

/** Members with a list of records or wrappers. A CloudTrail record itself contains no list of records. */
const lists: { [name: string]: JsonPlace } = {}
/** Without one, there are no more results. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const PAGE_TOKENS = ['NextToken', 'nextToken']
const TOKEN: JsonPlace = { piece: [] }
const UNIT: JsonPlace = {
  ...{ piece: [...FIELDS, ...PAGE_TOKENS], members: lists, wholeWith: 'eventName' },
  get items() {
    return UNIT
  },
}
for (const name of ['Records', 'Events', 'records', 'events', 'logEvents']) lists[name] = { items: UNIT }
for (const name of PAGE_TOKENS) lists[name] = TOKEN

export function recordSplitter(
  onUnit: (unit: Unit) => void,
  {
    onTooLarge = () => {},
    onPage = () => {},
    maxUnitBytes = MAX_UNIT_BYTES,
  }: { onTooLarge?: () => void; onPage?: () => void; maxUnitBytes?: number } = {},
): JsonScanner {
  let text: Buffer = Buffer.alloc(0)
  let spans: readonly number[] = []
  const unit = {
    text,
    field(name: Field): string | null {
      const at = 2 * FIELDS.indexOf(name)
      const from = spans[at] ?? NONE
      if (from === NONE || text[from] !== QUOTE) return null
      const plain = text.toString('utf8', from + 1, (spans[at + 1] ?? 0) - 1)
      return plain.includes('\\') ? unescaped(plain) : plain
    },
    has: (name: Field) => (spans[2 * FIELDS.indexOf(name)] ?? NONE) !== NONE,
  }
  return jsonScanner(
    UNIT,
    {
      onPiece(piece, place) {
        text = piece.text
        if (place === TOKEN && text[0] === QUOTE) onPage()
        // A list of texts may hold records: `--query 'Events[].CloudTrailEvent'`.
        if (place === TOKEN || (text[0] !== OPEN_OBJECT && text[0] !== QUOTE)) return
        spans = piece.spans
        unit.text = text
        onUnit(unit)
      },
      onWrapper(_, value) {
        if (PAGE_TOKENS.some(name => value(name)?.startsWith('"') === true)) onPage()
      },
      onTooLarge(_, depth, has) {
        // Another large object, such as a snapshot of AWS Config, is not a damaged record.
        if (depth > 0 || has('eventName')) onTooLarge()
      },
    },
    { grammar: MANY_DOCUMENTS, maxPieceBytes: maxUnitBytes },
  )
}

export function whatIsWrong({ why, byte, found, depth }: NotJson): string {
  if (why === 'cut') return 'cut: it ends inside a value'
  return `not JSON: ${why === 'deep' ? 'more brackets than any record has' : stray(found ?? '', depth)} at byte ${byte}`
}

function stray(found: string, depth: number): string {
  if (found === '}' || found === ']') return 'a bracket that nothing opens'
  if (depth === 0) return found === '"' ? 'a text outside an object' : 'text'
  return found < ' ' ? 'a control character in a string' : 'a stray character'
}

function unescaped(text: string): string | null {
  try {
    const value: unknown = JSON.parse(`"${text}"`)
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}
