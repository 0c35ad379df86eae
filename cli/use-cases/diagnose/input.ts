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
import type { DiagnoseArguments } from '../../diagnose/arguments.ts'
import { type Io, oneLine, shellQuoted } from '../../io.ts'

/** `place`: the lines of a log, as text; null for other input. `record`: the source record; null for a text. */
export type DiagnoseInput = ParsedDenial & { readonly place: string | null; readonly record: unknown }

const LOG_OPTION = 'use --log'

/** `forLog`: what to do with a log, for a command that takes none. */
export async function readInput(
  { file, message, log }: Pick<DiagnoseArguments, 'file' | 'message' | 'log'>,
  io: Io,
  forLog: string = LOG_OPTION,
): Promise<readonly DiagnoseInput[]> {
  if (message !== null) return [withoutPlace(parseMessage(message), null)]
  if (log !== null) return readLog(log === '-' ? await io.readStdin() : await io.readFile(log), log, io)
  const name = file === '-' || file === null ? 'standard input' : file
  const text = file === '-' || file === null ? await io.readStdin() : await io.readFile(file)
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
  throw new UsageError(`${name}: ${records.error}${hint || deploy}`)
}

const withoutPlace = (parsed: ParsedDenial, record: unknown): DiagnoseInput => ({ ...parsed, place: null, record })

function readLog(text: string, file: string, io: Io): readonly DiagnoseInput[] {
  const { denials, encodedOnly, unread } = denialsInLog(text)
  if (unread !== null) io.err(oneLine(unreadText(unread, file)))
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
function unreadText({ places, firstLine, lastLine }: UnreadLines, file: string): string {
  const more =
    places === 1
      ? '1 more place looks like a denial and was'
      : `${plural(places, 'more place')} look like denials and were`
  const part = `sed -n '${firstLine},${lastLine}p' ${file === '-' ? 'FILE' : shellQuoted(file)} | rolemedic diagnose --log -`
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
