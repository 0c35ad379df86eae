import { canonicalJson } from '../base/canonical-json.ts'
import type { PolicyDocument, Statement } from '../iam/policy/policy-document.ts'
import { type ValueAdded, valueAdded } from '../iam/policy/value-added.ts'
import type { PolicyChange } from './patch.ts'

/** What one change does to a document, statement by statement. */
export type Difference = {
  readonly added: readonly Statement[]
  /** Statements that grew by a value in one condition list. */
  readonly grown: readonly (ValueAdded & { readonly statement: Statement })[]
  /** Statements that are gone, or were changed in any other way. */
  readonly removed: readonly Statement[]
}

export function difference(before: PolicyDocument | null, after: PolicyDocument): Difference {
  const old = before?.Statement ?? []
  const oldForms = new Set(old.map(canonicalJson))
  const newForms = new Set(after.Statement.map(canonicalJson))
  const gone = old.filter(statement => !newForms.has(canonicalJson(statement)))
  const fresh = after.Statement.filter(statement => !oldForms.has(canonicalJson(statement)))

  const pairs = fresh.flatMap(statement => {
    const was = gone.find(one => valueAdded(one, statement) !== null)
    const value = was === undefined ? null : valueAdded(was, statement)
    return was === undefined || value === null ? [] : [{ was, now: { ...value, statement } }]
  })
  return {
    added: fresh.filter(statement => !pairs.some(pair => pair.now.statement === statement)),
    grown: pairs.map(pair => pair.now),
    removed: gone.filter(statement => !pairs.some(pair => pair.was === statement)),
  }
}

/** Statements that a list of changes adds, each with the change it stands in. */
export function additions(
  changes: readonly PolicyChange[],
): readonly { readonly change: PolicyChange; readonly statement: Statement }[] {
  return changes.flatMap(change =>
    difference(change.before, change.after).added.map(statement => ({ change, statement })),
  )
}
