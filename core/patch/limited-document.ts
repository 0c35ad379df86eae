/**
 * A document in which everything that a change adds has an end. IAM itself enforces it, even if the bot no longer runs.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
 */
import { canonicalJson } from '../base/canonical-json.ts'
import { list, type PolicyDocument, type Statement } from '../iam/policy/policy-document.ts'
import { commonValues, valueAdded, withValues } from '../iam/policy/same-policy.ts'
import { changeDigest, type DocumentChange } from './target.ts'

type Edit = Pick<DocumentChange, 'before' | 'after'>

/** The change with an end on everything that it adds. The Sid is of the unlimited change. */
export function limitedAfter(change: DocumentChange, untilMs: number): PolicyDocument {
  const sid = `Rolemedic${changeDigest(change).replace('sha256:', '').slice(0, 8)}`
  return timeLimitedDocument(change, untilMs, sid)
}

/**
 * `after` with an end time on everything that `before` lacks. A value added to an existing condition list cannot expire without
 * the whole statement, so it moves to a separate rolemedic statement.
 */
export function timeLimitedDocument({ before, after }: Edit, untilMs: number, sid: string): PolicyDocument {
  const old = before?.Statement ?? []
  const unchanged = new Set(old.map(canonicalJson))
  const separate: Statement[] = []
  const statements = after.Statement.map(statement => {
    if (unchanged.has(canonicalJson(statement)) || isRemainder(statement, old)) return statement
    for (const original of old.filter(({ Sid }) => Sid === statement.Sid)) {
      // A change may withdraw one value and add another.
      const kept = commonValues(original, statement)
      const added = kept && valueAdded(kept, statement)
      if (kept === null || added === null) continue
      const { operator, key, values } = added
      if (list(kept.Condition?.[operator]?.[key]).length === 0) continue
      const [value = '', ...more] = values
      const only = withValues({ ...statement, Sid: sid }, operator, key, more.length === 0 ? value : values)
      separate.push(withEnd(only, untilMs))
      return kept
    }
    return withEnd(statement, untilMs)
  })
  return { ...after, Statement: [...statements, ...separate] }
}

/** What is left of a statement that loses values, such as those of an earlier grant: nothing of it was added, so it has no end. */
export const isRemainder = (statement: Statement, old: readonly Statement[]): boolean =>
  old.some(original => original.Sid === statement.Sid && commonValues(statement, original) === statement)

/** Keeps an earlier end of the statement. */
function withEnd(statement: Statement, untilMs: number): Statement {
  const operator = spelling('DateLessThan', statement.Condition)
  const dates = statement.Condition?.[operator] ?? {}
  const key = spelling('aws:CurrentTime', dates)
  const ends = list(dates[key]).map(value => Date.parse(String(value)))
  if (ends.length > 0 && ends.every(end => end <= untilMs)) return statement
  const until = new Date(untilMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
  return withValues(statement, operator, key, until)
}

/** As it is written there: IAM takes operators and keys in any case, and of two spellings one could hide the other. */
const spelling = (name: string, where: object = {}): string =>
  Object.keys(where).find(one => one.toLowerCase() === name.toLowerCase()) ?? name
