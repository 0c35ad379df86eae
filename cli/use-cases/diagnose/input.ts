/** Reads the input of `diagnose`: records, an error text, or a log. */

import { MAX_TEXT_CHARS, plural, UsageError } from '../../../core/base/index.ts'
import {
  CUT_ENCODED,
  decodedIn,
  denialsInLog,
  type LoggedDenial,
  type ParsedDenial,
  parseMessage,
  parseRecord,
  plainText,
  readMessage,
  recordsIn,
  type UnreadLines,
  unclearRefusalIn,
  WHOLE_ENCODED,
} from '../../../core/denial/index.ts'
import { shellQuoted } from '../../shell-quoted.ts'
import { inputName, type NamedText } from '../world.ts'

/** `place`: the lines of a log, as text; null for other input. `record`: the source record; null for a text. */
export type DiagnoseInput = ParsedDenial & { readonly place: string | null; readonly record: unknown }

export type DenialInput =
  | { readonly kind: 'message'; readonly text: string }
  | (NamedText & { readonly kind: 'log' })
  | (NamedText & { readonly kind: 'records' })

/** `notes`: what was left out. */
export type DenialsRead = { readonly inputs: readonly DiagnoseInput[]; readonly notes: readonly string[] }

/** `forLog`: what to do with a log that was given as records. */
export async function readInput(input: DenialInput, forLog: string): Promise<DenialsRead> {
  if (input.kind === 'message') return { inputs: [withoutPlace(parseMessage(input.text), null)], notes: [] }
  if (input.kind === 'log') return readLog(input)
  return { inputs: await readRecords(input, forLog), notes: [] }
}

async function readRecords(input: NamedText, forLog: string): Promise<readonly DiagnoseInput[]> {
  const { text } = input
  if (text.length <= MAX_TEXT_CHARS && decodedIn(text) !== null) return [withoutPlace(parseMessage(text), null)]
  const records = recordsIn(text)
  if (records.ok) return records.value.map(record => withoutPlace(parseRecord(record), record))
  if (isEmptyLogFile(text)) return []
  const [logged] = denialsInLog(text).denials
  const line = logged === undefined ? '' : (text.split('\n')[logged.line - 1] ?? '')
  const isLog = logged !== undefined && !recordsIn(line).ok
  const hint = isLog ? `; line ${logged.line} looks like a denial in a log: ${forLog}` : ''
  const { parseDeployEventText: eventIn } = await import('../../../simulator/deploy-event-files.ts')
  const deploy =
    eventIn(text) === null ? '' : '; it is an event of a deploy: npm start -- --once FILE explains what broke it'
  throw new UsageError(`${inputName(input)}: ${records.error}${hint || deploy}`)
}

const withoutPlace = (parsed: ParsedDenial, record: unknown): DiagnoseInput => ({ ...parsed, place: null, record })

function readLog({ text, name }: NamedText): DenialsRead {
  const { denials, encodedOnly, unread } = denialsInLog(text)
  return {
    inputs: denialsOrUnclear(text, { denials, encodedOnly }),
    notes: unread === null ? [] : [unreadText(unread, name)],
  }
}

function denialsOrUnclear(
  text: string,
  { denials, encodedOnly }: Pick<ReturnType<typeof denialsInLog>, 'denials' | 'encodedOnly'>,
): readonly DiagnoseInput[] {
  if (denials.length > 0) {
    return denials.map(found => ({ kind: 'denial', denial: found.denial, place: placeOf(found), record: null }))
  }
  const [line] = encodedOnly
  if (line !== undefined) return [unclearAt(line, isCutAt(text, line) ? CUT_ENCODED : WHOLE_ENCODED)]
  const refusal = unclearRefusalIn(text, { isLog: true })
  return refusal === null ? [] : [unclearAt(lineOf(text, refusal.at), refusal.advice)]
}

const unclearAt = (line: number, advice: string): DiagnoseInput => ({
  ...{ kind: 'not-ours', why: `line ${line}: ${advice}`, unclear: true },
  ...{ place: null, record: null },
})

function isCutAt(text: string, line: number): boolean {
  const read = readMessage(plainText(text.split('\n')[line - 1] ?? ''))
  return read.kind === 'encoded-only' && read.encoded.cut
}

function lineOf(text: string, at: number): number {
  let line = 1
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', end + 1)) line += 1
  return line
}

/** Nothing is left out without a word. */
function unreadText({ places, firstLine, lastLine }: UnreadLines, file: string | null): string {
  const more =
    places === 1
      ? '1 more place looks like a denial and was'
      : `${plural(places, 'more place')} look like denials and were`
  const part = `sed -n '${firstLine},${lastLine}p' ${file === null ? 'FILE' : shellQuoted(file)} | rolemedic diagnose --log -`
  return `${more} not read, lines ${firstLine} to ${lastLine}: the log has too many alike. To read a part: ${part}`
}

/** One fewer than the log parser keeps, so that "and more" is printed only if there are more. */
const LINES_SHOWN = 9

function placeOf({ line, again }: LoggedDenial): string {
  if (again.length === 0) return `line ${line}`
  const more = again.length > LINES_SHOWN ? ' and more' : ''
  return `line ${line} (and ${again.slice(0, LINES_SHOWN).join(', ')}${more})`
}

/** A CloudTrail file without records is valid and empty. */
export function isEmptyLogFile(text: string): boolean {
  return /^\s*\{\s*"(Records|Events)"\s*:\s*\[\s*\]\s*\}\s*$/.test(text.slice(0, 1_000))
}
