/**
 * Adds an end time to a patch. IAM itself enforces it, even if the bot no longer runs.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
 */
import { canonicalForm, perPair } from '../base/index.ts'
import {
  type ConditionBlock,
  commonValues,
  list,
  type PolicyDocument,
  type Statement,
  type ValueAdded,
  valueAdded,
} from '../iam/index.ts'
import { changeDigest, type Patch, type PolicyChange, patchDigest } from './patch.ts'
import { policySize } from './policy-size.ts'
import type { VerifiedPatch } from './verification/verification.ts'

/**
 * INVARIANT (narrower): every added statement gains one condition and loses none, so the verification of the unlimited patch
 * also holds for the limited one. An own end that cannot be read here is refused by the proof. Only for that reason may this create a `VerifiedPatch` without `verify()`.
 */
export function withTimeLimit(verified: VerifiedPatch, untilMs: number): VerifiedPatch {
  return { ...verified, patch: limitedPatch(verified.patch, untilMs) }
}

/** The same for a patch alone. */
export function limitedPatch(patch: Patch, untilMs: number): Patch {
  const changes = patch.changes.map((change): PolicyChange => {
    const sid = `Rolemedic${change.digest.replace('sha256:', '').slice(0, 8)}`
    const limited = { ...change, after: timeLimitedDocument(change.before, change.after, untilMs, sid) }
    return { ...limited, digest: changeDigest(limited) }
  })
  return { changes, digest: patchDigest(changes) }
}

/** The larger of the sizes with and without a time limit: the card offers both, so both must fit the quota. */
export const sizeWithTimeLimit = (before: PolicyDocument | null, after: PolicyDocument): number => sizeOf(after, before)

/**
 * Never below that size, and counted without writing the limited document: every statement may be written twice, each with an
 * end and a Sid.
 */
export const mostWithTimeLimit = (after: PolicyDocument): number =>
  2 * policySize(after) + after.Statement.length * MAX_END_CHARS

/** `,"Sid":"Rolemedic1a2b3c4d"` and `,"Condition":{"DateLessThan":{"aws:CurrentTime":"2026-11-25T00:00:00Z"}}`, twice. */
const MAX_END_CHARS = 250

const sizeOf = perPair((after: PolicyDocument, before: PolicyDocument | null): number =>
  Math.max(policySize(after), policySize(timeLimitedDocument(before, after, 0, 'Rolemedic00000000'))),
)

/**
 * `after` with an end time on everything that `before` lacks. A value added to an existing condition list cannot expire without
 * the whole statement, so it moves to a separate rolemedic statement with only that value.
 */
export function timeLimitedDocument(
  before: PolicyDocument | null,
  after: PolicyDocument,
  untilMs: number,
  sid: string,
): PolicyDocument {
  const old = before?.Statement ?? []
  const unchanged = new Set(old.map(canonicalForm))
  const separate: Statement[] = []
  const statements = after.Statement.map(statement => {
    if (unchanged.has(canonicalForm(statement)) || isLeft(statement, old)) return statement
    for (const original of old.filter(({ Sid }) => Sid === statement.Sid)) {
      // Beside a value that is withdrawn, another may be added.
      const kept = commonValues(original, statement)
      const added = kept === null ? null : valueAdded(kept, statement)
      if (kept === null || added === null || valuesOf(kept, added).length === 0) continue
      const { Sid: _, ...rest } = statement
      separate.push(withEnd({ Sid: sid, ...rest, Condition: withOnly(statement.Condition ?? {}, added) }, untilMs))
      return kept
    }
    return withEnd(statement, untilMs)
  })
  return { ...after, Statement: [...statements, ...separate] }
}

/** What is left of a statement that loses values, such as those of an earlier grant: nothing of it was added, so it has no end. */
const isLeft = (statement: Statement, old: readonly Statement[]): boolean =>
  old.some(original => original.Sid === statement.Sid && commonValues(statement, original) === statement)

const valuesOf = ({ Condition }: Statement, { operator, key }: ValueAdded) => list(Condition?.[operator]?.[key])

function withOnly(condition: ConditionBlock, { operator, key, values }: ValueAdded): ConditionBlock {
  const [value, ...more] = values
  const only = value !== undefined && more.length === 0 ? value : values
  return { ...condition, [operator]: { ...condition[operator], [key]: only } }
}

/** Keeps an earlier end that the statement already has. */
function withEnd(statement: Statement, untilMs: number): Statement {
  const dates = statement.Condition?.['DateLessThan'] ?? {}
  const key = Object.keys(dates).find(name => name.toLowerCase() === 'aws:currenttime') ?? 'aws:CurrentTime'
  const ends = list(dates[key]).map(value => Date.parse(String(value)))
  if (ends.length > 0 && ends.every(end => end <= untilMs)) return statement
  const until = new Date(untilMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
  return { ...statement, Condition: { ...statement.Condition, DateLessThan: { ...dates, [key]: until } } }
}

/** When everything that was added has ended; null: some of it has no end. Also of documents as others have recorded them. */
export function endOfAdded(before: PolicyDocument | null, after: PolicyDocument | null): number | null {
  const statements = before?.Statement ?? []
  const old = new Set(statements.map(canonicalForm))
  const added = (after?.Statement ?? []).filter(one => !old.has(canonicalForm(one)) && !isLeft(one, statements))
  const ends = added.map(endOfStatement)
  return ends.length === 0 || ends.includes(null) ? null : Math.max(...ends.map(end => end ?? 0))
}

function endOfStatement({ Condition }: Statement): number | null {
  const dates = Object.entries(Condition?.['DateLessThan'] ?? {})
  const ends = dates
    .filter(([key]) => key.toLowerCase() === 'aws:currenttime')
    .flatMap(([, values]) => list(values).map(value => Date.parse(String(value))))
    .filter(Number.isFinite)
  // One of several dates is enough for IAM.
  return ends.length === 0 ? null : Math.max(...ends)
}
