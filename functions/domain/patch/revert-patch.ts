/**
 * Takes out exactly what a change put in, from the document as it is now: what others wrote since stays. Where our own
 * statements were edited by somebody, nothing is guessed.
 */
import { canonicalJson } from '../base/canonical-json.ts'
import { fail, ok, type Refusal, type Result } from '../base/result.ts'
import type { PolicyDocument, Statement } from '../iam/policy/policy-document.ts'
import { withoutSecrets } from '../iam/policy/without-secrets.ts'
import type { PolicyChange } from './patch.ts'

type Step = Pick<PolicyChange, 'target' | 'before' | 'after'>

/** The document to write; null: delete the policy, which did not exist before. `live` null: the policy does not exist now. */
export function inverse(change: Step, live: PolicyDocument | null): Result<PolicyDocument | null, Refusal> {
  const { before, after, target } = change
  const isInline = target.kind.endsWith('inline-policy')
  if (live === null) return isInline || before === null ? ok(null) : drift(change, live, 'the policy is gone')
  if (canonicalJson(live) === canonicalJson(after)) return ok(before)

  const added = minus(after.Statement, before?.Statement ?? [])
  const removed = minus(before?.Statement ?? [], after.Statement)
  const missing = minus(added, live.Statement)
  if (removed.length > 0 && missing.length > 0)
    return minus(removed, live.Statement).length === 0 && missing.length === added.length
      ? ok(live)
      : drift(change, live, 'a statement that this change edited was edited again')
  const edited = missing.find(statement =>
    live.Statement.some(one => one.Sid !== undefined && one.Sid === statement.Sid),
  )
  if (edited !== undefined) return drift(change, live, `statement ${edited.Sid} was edited`)

  const kept = takeOut(live.Statement, added, removed)
  if (kept.length > 0) return ok({ ...live, Statement: kept })
  return isInline ? ok(null) : drift(change, live, 'nothing else is left in the policy')
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

/** Each added statement goes; what stood in its place before comes back there. */
function takeOut(
  live: readonly Statement[],
  added: readonly Statement[],
  removed: readonly Statement[],
): readonly Statement[] {
  const out = added.map(canonicalJson)
  const back = [...removed]
  return live.flatMap(statement => {
    const at = out.indexOf(canonicalJson(statement))
    if (at === -1) return [statement]
    out.splice(at, 1)
    const returned = back.shift()
    return returned === undefined ? [] : [returned]
  })
}

function drift({ target, before, after }: Step, live: PolicyDocument | null, what: string): Result<never, Refusal> {
  const show = (document: PolicyDocument | null, old: PolicyDocument | null = null) =>
    document === null ? 'no policy' : canonicalJson(withoutSecrets(document, old))
  return fail({
    code: 'drift',
    message: `The policy of ${target.name} was changed by somebody else since: ${what}. Before: ${show(before)}. Written: ${show(after, before)}. Now: ${show(live, after)}.`,
    owner: `owner of ${target.name}`,
  })
}
