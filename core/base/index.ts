/** Results, facts, canonical JSON, time, and text that is safe to show. */

export type { AccountRegion } from './account-region.ts'
export { canonicalForm, isPlainCanonicalJson } from './canonical-form.ts'
export { canonicalJson, digestOf } from './canonical-json.ts'
export { codesOf, editDistance, editRow, firstRow, mostEdits, nameDistance } from './edit-distance.ts'
export { never, UsageError } from './errors.ts'
export { ABSENT, type Fact, found, known, type Read, type Unknown, unknown, unreadable } from './fact.ts'
export { RolemedicError } from './fault.ts'
export {
  type JsonPlace,
  type JsonScanner,
  jsonScanner,
  NotJson,
  type Piece,
} from './json-scanner.ts'
export { MANY_DOCUMENTS } from './json-table.ts'
export { firstIssue, parseJsonText, withoutByteOrderMark } from './json-text.ts'
export { MAX_KEPT_CHARS, memoize, once, perObject, perPair, perText } from './memoize.ts'
export {
  MAX_TEXT_CHARS,
  neutralText,
  shortened,
  withoutInvisible,
  withoutTerminalSequences,
  withoutTrailing,
} from './neutral-text.ts'
export { type Brand, fail, ok, type Refusal, type Result } from './result.ts'
export {
  asPlainText,
  code,
  joined,
  link,
  linkableUrl,
  own,
  person,
  plural,
  type RichText,
  richText,
  type Span,
  strong,
  time,
  utc,
} from './rich-text.ts'
export { orElse, orNull } from './schema.ts'
export { DAY_MS, HOUR_MS, MINUTE_MS, parseTime, spanText, utcSecond } from './time.ts'
