/** Which of the deployed EventBridge patterns an event matches. */
import { ok, type Result, UsageError } from '../../../core/base/index.ts'
import { eventsIn } from '../../../core/denial/index.ts'
import { ALL_PATTERNS } from '../../../functions/domain/deploy/index.ts'
import { parseDeployEventText } from '../../../simulator/deploy-event-files.ts'
import { isEmptyLogFile } from '../diagnose/input.ts'
import { inputName, type NamedText } from '../world.ts'
import { matchesPattern } from './event-ruler.ts'

export type MatchedEvent = { readonly event: unknown; readonly rules: readonly string[] }

/** Throws UsageError for a text without events. */
export function matchEvents(given: NamedText): readonly MatchedEvent[] {
  const events = matchable(given.text)
  if (!events.ok) throw new UsageError(`${inputName(given)}: ${events.error}`)
  return events.value.map(event => ({ event, rules: rulesMatching(event) }))
}

/** Other EventBridge events, such as a failed deploy, contain no CloudTrail record. */
function matchable(text: string): Result<readonly unknown[], string> {
  const events = eventsIn(text)
  if (events.ok) return events
  if (isEmptyLogFile(text)) return ok([])
  const event = parseDeployEventText(text)
  return event === null ? events : ok([event])
}

export function rulesMatching(event: unknown): readonly string[] {
  return Object.entries(ALL_PATTERNS)
    .filter(([, pattern]) => matchesPattern(pattern, event))
    .map(([name]) => name)
}
