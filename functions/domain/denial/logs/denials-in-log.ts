/**
 * Every denial of ours in a log of any length: Terraform, CDK, SDKs, with colours, frames, wrapped lines and the time stamps
 * of build services. Each stretch of the text is looked at once, so that time grows with length and nothing worse.
 */
import { isDeepStrictEqual } from 'node:util'
import { neutralText, withoutTerminalSequences } from '../../base/neutral-text.ts'
import type { Denial } from '../denial.ts'
import { requestKeyOf } from '../fingerprint.ts'
import { callSaid } from '../message/call-from-text.ts'
import { denialFromMessage } from '../message/denial-from-message.ts'
import type { DenialSentence } from '../message/message-grammar.ts'
import { withoutColumns } from './sam-table.ts'
import { readScreen } from './unwrap-lines.ts'

export type LoggedDenial = {
  readonly denial: Denial
  /** Where its sentence begins; the first line is 1. */
  readonly line: number
  /** Further lines that say the same; the first few. */
  readonly again: readonly number[]
}

export type LogFindings = {
  readonly denials: readonly LoggedDenial[]
  /** Lines of EC2's older form, which says what was denied in an encoded message alone; the first few. */
  readonly encodedOnly: readonly number[]
}

type Found = Map<string, readonly { denial: Denial; readonly line: number; readonly again: number[] }[]>

/** What every denial says, as one word of it: cheap to find. */
const ANCHOR = /authorized|role is not allowed|by root accounts/g
/** A sentence starts at most this far before its anchor: an ARN and the words around it. */
const MAX_BEFORE_CHARS = 1_200
/** And ends at most this far after it: role, reason, policy and an encoded message. */
const MAX_AFTER_CHARS = 4_000
const MAX_LINES_KEPT = 10
const MAX_LINES_OF_ONE = 12
/** Frames, quotes and blanks may stand between two words; letters may not. */
const NOT_BEFORE = /not[^a-z0-9]{0,80}$/i
const PERFORM_AFTER = /^[^a-z0-9]{0,80}to[^a-z0-9]{0,80}perform/i

/**
 * GitHub's and GitLab's time stamps, Jenkins's and CodeBuild's, and those of `ts`: they would stand between the words of a
 * wrapped sentence. `gh run view --log` puts job and step before them, Azure DevOps a word about the line behind.
 */
const LINE_STAMP =
  /^(?:(?:[^\t\r\n]{1,120}\t){0,2}\ufeff?\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?Z?\]?(?: \d\d[OE]\+?)? ?(?:##\[[a-z]{1,20}\])?|\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})? )/gm

export function denialsInLog(log: string): LogFindings {
  const text = withoutColumns(log, clean)
  const found: Found = new Map()
  const encodedOnly: number[] = []
  const lineAt = lineCounter(text)
  let from = 0
  let anchor = nextAnchor(text, 0)
  while (anchor !== null) {
    const next = nextAnchor(text, anchor.end)
    const start = Math.max(from, anchor.at - MAX_BEFORE_CHARS)
    const end = Math.min(next?.at ?? text.length, anchor.end + MAX_AFTER_CHARS)
    const before = clean(text.slice(start, anchor.at))
    const stretch = before + clean(text.slice(anchor.at, end))
    const read = readScreen(stretch)
    const line = lineAt(beginning(text, start, anchor.at))
    if (read.kind === 'ours') {
      const sentence = shortest(read.sentence, stretch, before.length)
      note(found, denialFromMessage(sentence, callSaid(neutralText(stretch), sentence.text)), line)
    }
    if (read.kind === 'encoded-only' && encodedOnly.length < MAX_LINES_KEPT) encodedOnly.push(line)
    from = anchor.end
    anchor = next
  }
  return { denials: [...found.values()].flat().toSorted((a, b) => a.line - b.line), encodedOnly }
}

/** The denials, for whoever does not ask where they stood. */
export const denialsSaidIn = (text: string): readonly Denial[] => denialsInLog(text).denials.map(({ denial }) => denial)

type Anchor = { readonly at: number; readonly end: number }

function nextAnchor(text: string, from: number): Anchor | null {
  ANCHOR.lastIndex = from
  for (let match = ANCHOR.exec(text); match !== null; match = ANCHOR.exec(text)) {
    const at = match.index
    const end = at + match[0].length
    if (match[0] !== 'authorized' || isDenial(text, at, end)) return { at, end }
  }
  return null
}

function isDenial(text: string, at: number, end: number): boolean {
  const after = text.slice(end, end + 180)
  return (
    /perform/i.test(after) &&
    NOT_BEFORE.test(clean(text.slice(Math.max(0, at - 180), at))) &&
    PERFORM_AFTER.test(clean(after))
  )
}

const clean = (text: string): string => withoutTerminalSequences(text).replace(LINE_STAMP, '')

/** Without the lines after it that say nothing of it: a log goes on, where an error text on a screen ends. */
function shortest(sentence: DenialSentence, stretch: string, from: number): DenialSentence {
  const { text: _, ...facts } = sentence
  let end = stretch.indexOf('\n', from)
  for (let lines = 0; end !== -1 && lines < MAX_LINES_OF_ONE; lines += 1) {
    const read = readScreen(stretch.slice(0, end))
    if (read.kind === 'ours') {
      const { text: __, ...same } = read.sentence
      if (isDeepStrictEqual(facts, same)) return read.sentence
    }
    end = stretch.indexOf('\n', end + 1)
  }
  return sentence
}

/** At the `User:` before the anchor, else at the anchor itself. */
function beginning(text: string, start: number, at: number): number {
  const user = text.slice(start, at).lastIndexOf('User:')
  return user === -1 ? at : start + user
}

/** Asked for places in rising order, so that every line is counted once. */
function lineCounter(text: string): (place: number) => number {
  let line = 1
  let end = text.indexOf('\n')
  return place => {
    while (end !== -1 && end < place) {
      line += 1
      end = text.indexOf('\n', end + 1)
    }
    return line
  }
}

/** The same request is told once, unless it passes the role to another service; where only one telling names the call, that one counts. */
function note(found: Found, denial: Denial, line: number): void {
  const key = requestKeyOf(denial)
  const same = found.get(key) ?? []
  const seen = same.find(({ denial: other }) => isSame(other, denial))
  if (seen === undefined) {
    found.set(key, [...same, { denial, line, again: [] }])
    return
  }
  if (serviceOf(seen.denial) === null) seen.denial = denial
  if (seen.again.length < MAX_LINES_KEPT) seen.again.push(line)
}

const serviceOf = (denial: Denial): string | null => denial.passes[0]?.service.candidates[0] ?? null

function isSame(a: Denial, b: Denial): boolean {
  const [one, other] = [serviceOf(a), serviceOf(b)]
  return one === null || other === null || one === other
}
