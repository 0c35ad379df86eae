/**
 * Removes from the live document exactly what a change added, and keeps later edits by others. If somebody edited the added
 * statements, the revert is refused as drift.
 */
import { canonicalJson, fail, ok, type Refusal, type Result } from '../base/index.ts'
import { type PolicyDocument, type Statement, withoutSecrets } from '../iam/index.ts'
import type { PolicyChange } from './patch.ts'

type DocumentChange = Pick<PolicyChange, 'target' | 'before' | 'after'>

/** The document to write, or null to delete a policy that did not exist before. `live` is null if the policy does not exist now. */
export function revertChange(
  change: DocumentChange,
  live: PolicyDocument | null,
): Result<PolicyDocument | null, Refusal> {
  const { before, after, target } = change
  const isInline = target.kind.endsWith('inline-policy')
  if (live === null) return isInline || before === null ? ok(null) : drift(change, live, 'the policy no longer exists')
  if (canonicalJson(live) === canonicalJson(after)) return ok(before)

  const added = minus(after.Statement, before?.Statement ?? [])
  const removed = minus(before?.Statement ?? [], after.Statement)
  const missing = minus(added, live.Statement)
  if (removed.length > 0 && missing.length > 0)
    return minus(removed, live.Statement).length === 0 && missing.length === added.length
      ? ok(live)
      : drift(change, live, 'a statement that this patch edited was edited again')
  const edited = missing.find(statement =>
    live.Statement.some(one => one.Sid !== undefined && one.Sid === statement.Sid),
  )
  if (edited !== undefined) return drift(change, live, `statement ${edited.Sid} was edited`)

  const remaining = restore(live.Statement, added, removed)
  if (remaining.length > 0) return ok({ ...live, Statement: remaining })
  return isInline ? ok(null) : drift(change, live, 'the policy has no other statement')
}

/** `statements` without one occurrence of each of `others`. */
function minus(statements: readonly Statement[], others: readonly Statement[]): readonly Statement[] {
  const left = others.map(canonicalJson)
  return statements.filter(statement => {
    const at = left.indexOf(canonicalJson(statement))
    if (at === -1) return true
    left.splice(at, 1)
    return false
  })
}

/** Deletes each added statement and puts the statement that it replaced back in its place. */
function restore(
  live: readonly Statement[],
  added: readonly Statement[],
  removed: readonly Statement[],
): readonly Statement[] {
  const toDelete = added.map(canonicalJson)
  const toRestore = [...removed]
  return live.flatMap(statement => {
    const at = toDelete.indexOf(canonicalJson(statement))
    if (at === -1) return [statement]
    toDelete.splice(at, 1)
    const restored = toRestore.shift()
    return restored === undefined ? [] : [restored]
  })
}

function drift(
  { target, before, after }: DocumentChange,
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
