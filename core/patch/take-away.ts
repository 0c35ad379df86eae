/**
 * Removes from the live document exactly what a change added, and keeps later edits by others. Statements are compared as IAM
 * stores them, which rewrites trust policies.
 */
import { fail, ok, type Result } from '../base/result.ts'
import { hasOwnSid, type PolicyDocument, type Statement } from '../iam/policy/policy-document.ts'
import { commonValues, minus, samePolicy, statementForm } from '../iam/policy/same-policy.ts'
import type { DocumentChange } from './target.ts'

/** As it was written: `after` is null where the policy was deleted. */
export type WrittenChange = Omit<DocumentChange, 'after'> & { readonly after: PolicyDocument | null }

/**
 * The document to write, or null to delete a policy that did not exist before. `now` is null if the policy does not exist: nothing of the
 * change does, either, although others may have used it. The error says how somebody else has edited what was added.
 */
export function takenAway(
  { target, before, after }: WrittenChange,
  now: PolicyDocument | null,
): Result<PolicyDocument | null, string> {
  const old = before?.Statement ?? []
  const written = after?.Statement ?? []
  if (now === null) return ok(null)
  const added = minus(written, old)
  const live = { ...now, Statement: now.Statement.map(one => added.find(own => isOfGone(own, one)) ?? one) }
  if (samePolicy(live, after)) return ok(before)

  const removed = minus(old, written)
  const missing = minus(added, live.Statement)
  if (removed.length > 0 && missing.length > 0)
    return minus(removed, live.Statement).length === 0 && missing.length === added.length
      ? ok(live)
      : fail('a statement that this patch edited was edited again')
  const edited = missing.find(({ Sid }) => live.Statement.some(one => one.Sid !== undefined && one.Sid === Sid))
  if (edited !== undefined) return fail(`statement ${edited.Sid} was edited`)

  // Each statement that was replaced comes back in its place.
  const remaining = minus(live.Statement, added, removed)
  if (remaining.length > 0) return ok({ ...live, Statement: remaining })
  return target.kind.endsWith('inline-policy') ? ok(null) : fail('the policy has no other statement')
}

/**
 * Our statement, and its principal was deleted since: IAM shows its id, and lets in nobody.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
const isOfGone = (own: Statement, { Principal = '*', ...now }: Statement): boolean =>
  /^\{"AWS":"A(?:ROA|IDA)[0-9A-Z]{12,}"\}$/.test(JSON.stringify(Principal)) &&
  statementForm({ ...now, Principal: own.Principal ?? '*' }) === statementForm(own)

/**
 * What taking away may restore of the document before a change: not an earlier grant of rolemedic that the change withdrew or
 * that was over, nor a value that it took out of a condition list.
 */
export function restorable({ before, after }: WrittenChange): PolicyDocument | null {
  if (before === null || after === null) return before
  const added = minus(after.Statement, before.Statement)
  const removed = minus(before.Statement, after.Statement)
  const statements = before.Statement.flatMap(statement => {
    if (!removed.includes(statement)) return [statement]
    if (hasOwnSid(statement)) return []
    return [added.map(one => commonValues(statement, one)).find(one => one !== null) ?? statement]
  })
  return statements.length === 0 ? null : { ...before, Statement: statements }
}
