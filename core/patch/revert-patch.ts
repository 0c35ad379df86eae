/**
 * Removes from the live document exactly what a change added, and keeps later edits by others. If somebody edited the added
 * statements, the revert is refused as drift.
 */
import { canonicalJson, fail, ok, type Refusal, type Result } from '../base/index.ts'
import { type PolicyDocument, withoutSecrets } from '../iam/index.ts'
import { takenAway, type WrittenChange } from './take-away.ts'

/** The document to write, or null to delete a policy that did not exist before. `live` is null if the policy does not exist now. */
export function revertChange(
  change: WrittenChange,
  live: PolicyDocument | null,
): Result<PolicyDocument | null, Refusal> {
  const without = takenAway(change, live)
  return without.ok ? ok(without.value) : drift(change, live, without.error)
}

function drift(
  { target, before, after }: WrittenChange,
  live: PolicyDocument | null,
  reason: string,
): Result<never, Refusal> {
  const show = (document: PolicyDocument | null, old: PolicyDocument | null = null) =>
    document === null ? 'no policy' : canonicalJson(withoutSecrets(document, old))
  return fail({
    code: 'drift',
    message: `Somebody else has changed the policy of ${target.name}: ${reason}. Before: ${show(before)}. Written: ${show(after, before)}. Now: ${show(live, after)}.`,
    owner: `owner of ${target.name}`,
  })
}
