/** Which of the deployed EventBridge patterns an event matches. */
import { UsageError } from '../../../core/base/index.ts'
import { eventWith, recordsInText } from '../../../core/denial/index.ts'
import { ALL_PATTERNS } from '../../../functions/domain/deploy/index.ts'
import { parseDeployEventText } from '../../../simulator/deploy-event-files.ts'
import { brokenNotes, isEmptyLogFile } from '../diagnose/input.ts'
import { inputName, type NamedText } from '../world.ts'
import { matchesPattern } from './event-ruler.ts'

export type MatchedEvent = { readonly event: unknown; readonly rules: readonly string[] }

/** `notes`: what was not read. */
export type MatchedEvents = { readonly found: readonly MatchedEvent[]; readonly notes: readonly string[] }

/** Throws UsageError for a text without events. An error text is none: EventBridge never sees one. */
export function matchEvents(given: NamedText): MatchedEvents {
  const { records, broken } = recordsInText(given.text)
  const notes = brokenNotes(broken)
  // Other EventBridge events, such as a failed deploy, contain no CloudTrail record.
  const deploy = records.length === 0 ? parseDeployEventText(given.text) : null
  const events = deploy === null ? records.map(eventWith) : [deploy]
  if (events.length === 0 && !isEmptyLogFile(given.text))
    throw new UsageError(`${inputName(given)}: ${notes[0] ?? 'the input holds no CloudTrail record'}`)
  return { found: events.map(event => ({ event, rules: rulesMatching(event) })), notes }
}

export function rulesMatching(event: unknown): readonly string[] {
  return Object.entries(ALL_PATTERNS)
    .filter(([, pattern]) => matchesPattern(pattern, event))
    .map(([name]) => name)
}
