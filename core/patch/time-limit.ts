/**
 * Adds an end time to a patch. IAM itself enforces it, even if the bot no longer runs.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
 */
import { canonicalForm, perPair } from '../base/index.ts'
import { list, type PolicyDocument, type Statement } from '../iam/index.ts'
import { isRemainder, limitedAfter, timeLimitedDocument } from './limited-document.ts'
import { changeDigest, type Patch, type PolicyChange, patchDigest } from './patch.ts'
import { policySize } from './policy-size.ts'
import type { VerifiedPatch } from './verification/verification.ts'

/**
 * INVARIANT (narrower): every added statement gains one condition and loses none, so the verification of the unlimited patch
 * also holds for the limited one. The proof refuses a statement whose own end cannot be read. Only therefore may this create a
 * `VerifiedPatch` without `verify()`.
 */
export function withTimeLimit(verified: VerifiedPatch, untilMs: number): VerifiedPatch {
  return { ...verified, patch: limitedPatch(verified.patch, untilMs) }
}

/** Like `withTimeLimit`, for an unverified patch. */
export function limitedPatch(patch: Patch, untilMs: number): Patch {
  const changes = patch.changes.map((change): PolicyChange => {
    const limited = { ...change, after: limitedAfter(change, untilMs) }
    return { ...limited, digest: changeDigest(limited) }
  })
  return { changes, digest: patchDigest(changes) }
}

/** The larger of the sizes with and without a time limit: the card offers both, so both must fit the quota. */
export const sizeWithTimeLimit = (before: PolicyDocument | null, after: PolicyDocument): number => sizeOf(after, before)

/**
 * An upper bound of that size, computed without creating the limited document: every statement may be written twice, each with
 * an end and a Sid.
 */
export const mostWithTimeLimit = (after: PolicyDocument): number =>
  2 * policySize(after) + after.Statement.length * MAX_END_CHARS

/** `,"Sid":"Rolemedic1a2b3c4d"` and `,"Condition":{"DateLessThan":{"aws:CurrentTime":"2026-11-25T00:00:00Z"}}`, twice. */
const MAX_END_CHARS = 250

const sizeOf = perPair((after: PolicyDocument, before: PolicyDocument | null): number =>
  Math.max(policySize(after), policySize(timeLimitedDocument({ before, after }, 0, 'Rolemedic00000000'))),
)

/** When the last of everything that was added ends. Null: some of it has no end. Also used for documents that others recorded. */
export function endOfAdded(before: PolicyDocument | null, after: PolicyDocument | null): number | null {
  const statements = before?.Statement ?? []
  const old = new Set(statements.map(canonicalForm))
  const added = (after?.Statement ?? []).filter(one => !old.has(canonicalForm(one)) && !isRemainder(one, statements))
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
