/** One list of an account file: the texts of its entries, found by name or ARN, each parsed on access. */

import { isUtf8 } from 'node:buffer'
import type * as z from 'zod'
import type { Piece } from '../base/index.ts'
import { firstIssue, UsageError } from '../base/index.ts'
import { parseArn } from '../iam/index.ts'

export type ListShape<T> = {
  readonly file: string
  readonly list: string
  readonly schema: z.ZodType<T>
  /** Members that can be read without parsing the entry. The first is the ARN. */
  readonly members: readonly string[]
  /** The member that identifies an entry, and whether its case counts. */
  readonly key: { readonly member: string; readonly exact: boolean }
}

export type EntryList<T> = Pick<ListShape<T>, 'list' | 'members'> & {
  add(item: Piece): void
  clear(): void
  size(): number
  /** Throws UsageError with the file and the position if the entry has an unexpected shape. */
  get(key: string): T | undefined
  /** Throws for an entry without ARN or key; with `all`, also for the first entry of an unexpected shape. */
  check(all: boolean): void
  /** A later entry with the same key replaces the earlier one. */
  readonly arns: readonly string[]
  /** The JSON text of a member of the entry at this index of `arns`. Null: the entry lacks it. */
  textAt(place: number, member: string): string | null
  readonly accountIds: ReadonlySet<string>
  texts(): Iterable<string>
}

/** Bounds the cache: a pass over a whole account reads each entry once. */
const MAX_PARSED = 2_000

export function entryList<T>({ file, list, schema, members, key }: ListShape<T>): EntryList<T> {
  const keyMember = members.indexOf(key.member)
  const keyOf = (text: string) => (key.exact ? text : text.toLowerCase())
  const places = new Map<string, number>()
  const arns: string[] = []
  const items: Piece[] = []
  /** The number of each entry in the file. */
  const numbers: number[] = []
  const accountIds = new Set<string>()
  const parsed = new Map<number, T>()
  let count = 0
  let wrong: { readonly item: Piece; readonly number: number } | null = null
  /** The prefix of the preceding ARN, which all entries of an account share. */
  let prefix: string | null = null

  function parse({ text }: Piece, number: number): T {
    if (!isUtf8(text))
      throw new UsageError(`${file}: ${list}[${number}] is not UTF-8. Save the file as UTF-8 and try again.`)
    const read = schema.safeParse(JSON.parse(text.toString()))
    if (!read.success) throw new UsageError(`${file}: ${firstIssue(read.error, [list, number])}`)
    return read.data
  }

  function at(place: number): T | undefined {
    const item = items[place]
    const present = parsed.get(place)
    if (present !== undefined || item === undefined) return present
    const entry = parse(item, numbers[place] ?? 0)
    if (parsed.size >= MAX_PARSED) parsed.clear()
    parsed.set(place, entry)
    return entry
  }

  function isIam(arn: string): boolean {
    if (prefix !== null && arn.length > prefix.length && arn.startsWith(prefix)) return true
    const { service, accountId = '', resource = '' } = parseArn(arn) ?? {}
    if (service !== 'iam') return false
    if (/^\d{12}$/.test(accountId)) accountIds.add(accountId)
    prefix = arn.slice(0, -resource.length)
    return true
  }

  return {
    list,
    members,
    add(item) {
      const number = count
      count += 1
      const arn = stringIn(item, 0)
      const name = keyMember === 0 ? arn : stringIn(item, keyMember)
      if (arn === null || name === null || !isIam(arn) || !isUtf8(item.text)) {
        wrong ??= { item, number }
        return
      }
      const found = keyOf(name)
      const place = places.get(found) ?? arns.length
      places.set(found, place)
      arns[place] = arn
      items[place] = item
      numbers[place] = number
    },
    clear() {
      for (const one of [places, accountIds, parsed]) one.clear()
      for (const one of [arns, items, numbers]) one.length = 0
      count = 0
      wrong = null
      prefix = null
    },
    size: () => count,
    get(name) {
      const place = places.get(keyOf(name))
      return place === undefined ? undefined : at(place)
    },
    check(all) {
      const before = wrong?.number ?? Number.POSITIVE_INFINITY
      if (all) for (const [place, number] of numbers.entries()) if (number < before) at(place)
      if (wrong !== null) parse(wrong.item, wrong.number)
    },
    arns,
    textAt(place, member) {
      const at = 2 * members.indexOf(member)
      const { text, spans: ends = [] } = items[place] ?? {}
      const start = ends[at] ?? NONE
      return text === undefined || start === NONE ? null : text.toString('utf8', start, ends[at + 1])
    },
    accountIds,
    *texts() {
      for (const { text } of items) yield text.toString()
    },
  }
}

/** Null for anything but a string. */
function stringIn({ text, spans }: Piece, member: number): string | null {
  const start = spans[2 * member] ?? NONE
  if (start === NONE || text[start] !== QUOTE) return null
  const plain = text.toString('utf8', start + 1, (spans[2 * member + 1] ?? 0) - 1)
  return plain.includes('\\') ? String(JSON.parse(`"${plain}"`)) : plain
}

const NONE = -1
const QUOTE = 0x22
