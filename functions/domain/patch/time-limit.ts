/**
 * The same patch with an end: IAM itself stops granting at that instant, whether or not the bot still runs.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
 */
import { canonicalJson } from '../base/canonical-json.ts'
import { type ConditionBlock, list, type PolicyDocument, type Statement } from '../iam/policy/policy-document.ts'
import { type ValueAdded, valueAdded } from '../iam/policy/value-added.ts'
import { changeDigest, type PolicyChange, patchDigest } from './patch.ts'
import { policySize } from './policy-size.ts'
import type { VerifiedPatch } from './verification/verification.ts'

/**
 * INVARIANT (narrower): every statement that the patch adds gets one more condition and loses none, so what was verified for
 * the whole patch holds for the limited one. That is why this may make a `VerifiedPatch` beside `verify()`.
 */
export function limitUntil(verified: VerifiedPatch, untilMs: number): VerifiedPatch {
  const changes = verified.patch.changes.map((change): PolicyChange => {
    const sid = `Rolemedic${change.digest.replace('sha256:', '').slice(0, 8)}`
    const limited = { ...change, after: limitedDocument(change.before, change.after, untilMs, sid) }
    return { ...limited, digest: changeDigest(limited) }
  })
  return { ...verified, patch: { changes, digest: patchDigest(changes) } }
}

/** Room that the document needs with a limit, which is always a little more than without: both must fit what is offered. */
export function sizeWhenLimited(before: PolicyDocument | null, after: PolicyDocument): number {
  return Math.max(policySize(after), policySize(limitedDocument(before, after, 0, 'Rolemedic00000000')))
}

/**
 * `after` with an end on everything that `before` lacks. A value added to somebody's condition list cannot carry an end, as it
 * would end the whole statement: it becomes a statement of the bot's own beside it, with that value alone.
 */
export function limitedDocument(
  before: PolicyDocument | null,
  after: PolicyDocument,
  untilMs: number,
  sid: string,
): PolicyDocument {
  const old = before?.Statement ?? []
  const unchanged = new Set(old.map(canonicalJson))
  const apart: Statement[] = []
  const statements = after.Statement.map(statement => {
    if (unchanged.has(canonicalJson(statement))) return statement
    for (const was of old) {
      const added = valueAdded(was, statement)
      if (added === null) continue
      const { Sid: _, ...rest } = statement
      apart.push(ending({ Sid: sid, ...rest, Condition: withOnly(statement.Condition ?? {}, added) }, untilMs))
      return was
    }
    return ending(statement, untilMs)
  })
  return { ...after, Statement: [...statements, ...apart] }
}

function withOnly(condition: ConditionBlock, { operator, key, values }: ValueAdded): ConditionBlock {
  const [value, ...more] = values
  const only = value !== undefined && more.length === 0 ? value : values
  return { ...condition, [operator]: { ...condition[operator], [key]: only } }
}

/** An earlier end that the statement has already is kept. */
function ending(statement: Statement, untilMs: number): Statement {
  const dates = statement.Condition?.['DateLessThan'] ?? {}
  const key = Object.keys(dates).find(name => name.toLowerCase() === 'aws:currenttime') ?? 'aws:CurrentTime'
  const ends = list(dates[key]).map(value => Date.parse(String(value)))
  if (ends.length > 0 && ends.every(end => end <= untilMs)) return statement
  const until = new Date(untilMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
  return { ...statement, Condition: { ...statement.Condition, DateLessThan: { ...dates, [key]: until } } }
}
