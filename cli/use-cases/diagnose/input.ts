/** Reads the input of `diagnose`: records, an error text, or a log, whichever it is. */

import { plural, UsageError } from '../../../core/base/index.ts'
import {
  denialsInText,
  type FoundInText,
  findHints,
  type Hint,
  NO_DENIAL,
  type TextFindings,
  type UnreadLines,
} from '../../../core/denial/index.ts'
import { shellQuoted } from '../../shell-quoted.ts'
import { inputName, type NamedText } from '../world.ts'

/** Whatever a person has: records in any form, an error text, a log. */
export type DenialInput = NamedText

/** `notes`: what was left out. */
export type DenialsRead = {
  readonly inputs: readonly FoundInText[]
  readonly hints: readonly Hint[]
  readonly notes: readonly string[]
}

/** Throws UsageError for an empty input, and for JSON that holds nothing of ours. */
export async function readInput(input: DenialInput): Promise<DenialsRead> {
  const { text } = input
  if (/^\s*$/.test(text)) throw new UsageError(`${inputName(input)}: the input is empty`)
  const findings = denialsInText(text)
  const { found, unread, broken } = findings
  const hints = findHints(text)
  if (!isRecognized(findings) && hints.length === 0 && !isEmptyLogFile(text)) await refuseOther(input, findings)
  return {
    inputs: found,
    hints,
    notes: [...brokenNotes(broken), ...(unread === null ? [] : [unreadText(unread, input.name)])],
  }
}

const isRecognized = ({ found, records }: TextFindings): boolean =>
  records > 0 || found.some(one => one.kind === 'denial' || (one.kind === 'not-ours' && one.why !== NO_DENIAL))

export const LOOKED_FOR =
  'looked for CloudTrail records (JSON with eventName and eventSource, alone or in an event, a message, a query result or a log) and for sentences such as "… is not authorized to perform: iam:PassRole on resource: …"'

/** JSON and binary files are no logs: nobody would wait for a denial in them. */
async function refuseOther(input: NamedText, { broken }: TextFindings): Promise<void> {
  const { text } = input
  const { parseDeployEventText } = await import('../../../simulator/deploy-event-files.ts')
  if (parseDeployEventText(text) !== null)
    throw new UsageError(
      `${inputName(input)}: it is an event of a deploy: rolemedic explain-deploy FILE explains what broke it`,
    )
  const [first] = broken
  if (first !== undefined) throw new UsageError(`${inputName(input)}: line ${first.line}: ${first.why}`)
  if (isJson(text) || text.includes('\u0000'))
    throw new UsageError(`${inputName(input)}: nothing to diagnose: ${LOOKED_FOR}`)
}

function isJson(text: string): boolean {
  if (/^\s*[[{](?:["\s[{]|$)/.test(text)) return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** One for each line that was not read. */
export function brokenNotes(broken: TextFindings['broken']): readonly string[] {
  return broken.map(({ line, why }) => `line ${line} was not read: ${why}`)
}

/** Nothing is left out without a word. */
function unreadText({ places, firstLine, lastLine }: UnreadLines, file: string | null): string {
  const more =
    places === 1
      ? '1 more place looks like a denial and was'
      : `${plural(places, 'more place')} look like denials and were`
  const part = `sed -n '${firstLine},${lastLine}p' ${file === null ? 'FILE' : shellQuoted(file)} | rolemedic`
  return `${more} not read, lines ${firstLine} to ${lastLine}: the log has too many alike. To read a part: ${part}`
}

/** One fewer than the log parser keeps, so that "and more" is printed only if there are more. */
const LINES_SHOWN = 9

/** The lines of a text, in words; null for a record. */
export function linesText({ line, again }: Pick<FoundInText, 'line' | 'again'>): string | null {
  if (line === null) return null
  if (again.length === 0) return `line ${line}`
  const more = again.length > LINES_SHOWN ? ' and more' : ''
  return `line ${line} (and ${again.slice(0, LINES_SHOWN).join(', ')}${more})`
}

/** A CloudTrail file without records is valid and empty. */
export function isEmptyLogFile(text: string): boolean {
  return /^\s*\{\s*"(Records|Events)"\s*:\s*\[\s*\]\s*\}\s*$/.test(text.slice(0, 1_000))
}
